/** Machine-to-machine authentication on Stytch. */

export { B2BClient, Client, type ClientSettings, type M2M, type TokenArguments } from './client';
export type {
  ClientArguments,
  Clients,
  CreateArguments,
  SearchAllArguments,
  SearchArguments,
  SearchOperand,
  SearchQuery,
  Secrets,
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
} from './errors';
export type { JsonObject, JsonValue } from './json';
export type * from './records';
export { TokenSource, type TokenSourceSettings } from './source';
export {
  IssuerConfig,
  TokenVerifier,
  tokenFromAuthorizationHeader,
  type Algorithm,
  type Auth0Issuer,
  type AuthenticateTokenArguments,
  type AuthenticateTokenSyncArguments,
  type Authorize,
  type StytchIssuer,
  type TokenVerifierSettings,
} from './verifier';
