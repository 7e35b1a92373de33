/**
 * Machine-to-machine authentication on Stytch.
 *
 * @module stytch-m2m
 */

export type { Cancellable, RefusedToken } from './arguments';
export { B2BClient, Client, type ClientSettings, type M2M, type TokenArguments } from './client';
export type { ClaimsSettings } from './claims';
export type { ClientAuth, SecretFile, SecretFunction, SecretSource, SecretVariable } from './credential';
export type {
  Clients,
  CreateArguments,
  SearchAllArguments,
  SearchArguments,
  SearchOperand,
  SearchQuery,
  TrustedMetadata,
  UpdateArguments,
} from './clients';
export {
  AuthenticationError,
  CancelledError,
  ConflictError,
  InsufficientScopeError,
  InvalidConfigError,
  InvalidRequestError,
  InvalidTokenError,
  KeysUnavailableError,
  NetworkError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionDeniedError,
  RateLimitedError,
  ServiceError,
  StytchM2MError,
  TimeoutError,
  UnexpectedResponseError,
  type ErrorCode,
  type ErrorDetails,
  type InvalidTokenReason,
  type Refusal,
} from './errors';
export type { JsonObject, JsonValue } from './json';
export type {
  ClientResponse,
  ClientStatus,
  CreateResponse,
  DeleteResponse,
  M2MClient,
  M2MClientWithClientSecret,
  M2MClientWithNextClientSecret,
  Response,
  ResultsMetadata,
  RotateStartResponse,
  SearchResponse,
  Token,
  TokenClaims,
} from './records';
export {
  IssuerConfig,
  type Algorithm,
  type Auth0Issuer,
  type CognitoIssuer,
  type DiscoveredIssuer,
  type EntraIssuer,
  type GoogleIssuer,
  type ProviderIssuer,
  type ZitadelIssuer,
  type OAuthIssuer,
  type StytchIssuer,
} from './issuer';
export {
  ANY_ORGANIZATION,
  type FoundOrganization,
  type OrganizationInHeader,
  type OrganizationInPath,
  type OrganizationFrom,
  type RequiredOrganization,
} from './required-organization';
export type {
  EntraResolver,
  FunctionResolver,
  IssuerResolver,
  ResolveIssuer,
  ResolverLimits,
} from './issuer-resolver';
export { onLog, type LogEvent, type LogHandler, type LogLevel, type LogSettings } from './log';
export {
  OrganizationClient,
  type OrganizationSettings,
  type OrganizationTokenArguments,
} from './organization';
export { ProtectedResource, type DiscoverResourceArguments } from './resource';
export type {
  ClientArguments,
  RotateFinishArguments,
  RotateWithArguments,
  Secrets,
} from './secrets';
export { TokenSource, type TokenSourceSettings } from './source';
export type { CacheStats, ClientStats, ExportedKeySet, KeySetHealth, KeySetState } from './state';
export type { TokenStoreSettings, TransportSettings } from './transport';
export { TokenVerifier, type TokenVerifierSettings } from './verifier';
export {
  refusesToken,
  tokenFromAuthorizationHeader,
  tokenFromAuthorizationHeaders,
  type AuthenticateTokenArguments,
  type AuthenticateTokenSyncArguments,
  type Authorize,
  type KeySetSeed,
  type ScopeAuthorization,
  type ScopeAuthorizationArguments,
} from './verify';

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
