// What the emulator takes and tells, under its own names.

/** An endpoint of an emulated API. */
export type Operation =
  | 'create'
  | 'get'
  | 'search'
  | 'update'
  | 'delete'
  | 'rotate_start'
  | 'rotate'
  | 'rotate_cancel'
  | 'token'
  | 'jwks'
  | 'authorization_server'
  | 'openid_configuration'
  | 'organization_client_id'
  | 'organization_client_secret'
  | 'organization_token'
  | 'organization_rotate'
  | 'auth0_token'
  | 'auth0_clients'
  | 'auth0_client_grants'
  | 'auth0_client_grant_organizations'
  | 'auth0_resource_servers'
  | 'auth0_jwks'
  | 'workspace_environment'
  | 'workspace_template'
  | 'workspace_set_template';

/** What the emulator has when it starts, and again after a reset. */
export interface Seed {
  /** The project's M2M clients. Default: none. */
  clients?: ClientSeed[];
  /** How its tokens are made. */
  token_settings?: TokenSettings;
  /** The client of the organization-scoped API. Default: made up. */
  organization?: Partial<OrganizationCredentials>;
  /** The Auth0 tenant: see the emulator's own OpenAPI document. */
  auth0?: Record<string, unknown>;
  /** The workspace, whose key opens the management API. Default: made up. */
  workspace?: Partial<WorkspaceCredentials>;
}

/** An M2M client. */
export interface ClientSeed {
  /** Default: made up. */
  client_id?: string;
  /** Default: made up, and never shown. */
  client_secret?: string;
  /** A display name. Default: none. */
  client_name?: string;
  /** A description. Default: none. */
  client_description?: string;
  /** Default: `active`. */
  status?: 'active' | 'inactive';
  /** Default: none. */
  scopes?: readonly string[];
  /** Your own data about the client. Default: none. */
  trusted_metadata?: Record<string, unknown>;
  /**
   * How the client may authenticate. Default: `client_secret_basic` and `client_secret_post`; with
   * `jwks` or `federated_credentials`, also `private_key_jwt`.
   */
  token_endpoint_auth_methods?: readonly TokenEndpointAuthMethod[];
  /** The client's public keys as a JWK Set, for `private_key_jwt`. Default: none. */
  jwks?: Record<string, unknown>;
  /** Tokens of other issuers that prove the client's identity. Default: none. */
  federated_credentials?: readonly FederatedCredential[];
}

/** A way to authenticate at the token endpoint. */
export type TokenEndpointAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_post'
  | 'private_key_jwt'
  | 'none';

/** Tokens of another issuer that prove a client's identity. */
export interface FederatedCredential {
  /** The tokens' `iss`. */
  issuer: string;
  /** The tokens' `sub`. */
  subject: string;
  /** The tokens' `aud`. Default: the emulator's address or its token endpoint. */
  audience?: string;
  /** The issuer's public keys, as a JWK Set. */
  jwks: Record<string, unknown>;
}

/** How the token endpoint makes tokens. */
export interface TokenSettings {
  /** `exp` minus `iat`. Default: 3600. */
  lifetime_seconds?: number;
  /**
   * A JSON object in which `{{ request.name }}` is replaced by a parameter of the token request, and
   * `{{ client.trusted_metadata.name }}` by a value of the client's metadata.
   */
  custom_claims_template?: string;
  /** Another audience, beside the project id. */
  custom_audience?: string;
  /**
   * Whether every address of the emulator is as a custom domain: `iss` is the address that was
   * called, as in its discovery documents, rather than `stytch.com/{project_id}`. Default: false.
   */
  custom_domain?: boolean;
  /** The methods that the token endpoint offers and accepts. Default: all. */
  token_endpoint_auth_methods_supported?: readonly TokenEndpointAuthMethod[];
  /** What to change in every token. */
  changes?: TokenChanges;
}

/** What makes a token other than it should be. */
export interface TokenChanges {
  /** Moves `iat`, `nbf` and `exp`: -7200 for an expired token, 3600 for one that is not yet valid. */
  issued_at_offset_seconds?: number;
  /** Claims to set or replace; `null` removes one. */
  claims?: Record<string, unknown>;
  /** Header members to set or replace; `null` removes one. */
  header?: Record<string, unknown>;
  /** Default: `valid`. */
  signature?: 'valid' | 'corrupted' | 'unknown_key';
}

/** A token to issue without asking for a secret. */
export interface IssueTokenArguments {
  /** The subject. No client needs to have this id. */
  client_id: string;
  /** Default: those of the client. */
  scopes?: readonly string[];
  /** Parameters for the custom-claims template. */
  extra?: Record<string, unknown>;
  /** Default: the changed token settings. */
  changes?: TokenChanges;
}

/** A fault: once, unless `times` or `seconds` say otherwise. */
export interface Fault {
  /** What it does. */
  effect: Effect;
  /** Default: every endpoint. */
  operation?: Operation;
  /** How many requests it meets. */
  times?: number;
  /** How long it lasts. */
  seconds?: number;
}

/** What a fault does to a request. */
export type Effect = StatusEffect | DelayEffect | BrokenEffect | ChangeBodyEffect;

/** An answer with this status, without performing the operation. */
export interface StatusEffect {
  /** Which effect it is. */
  type: 'status';
  /** The HTTP status. */
  status: number;
  /** Headers to send along. */
  headers?: Record<string, string>;
  /** Default: Stytch's JSON for an error. */
  body?: string;
}

/** The right answer, later. */
export interface DelayEffect {
  /** Which effect it is. */
  type: 'delay';
  /** How long to wait before performing the operation. */
  milliseconds: number;
}

/** The right answer, with other members. */
export interface ChangeBodyEffect {
  /** Which effect it is. */
  type: 'change_body';
  /** Members to set, to any value. */
  set?: Record<string, unknown>;
  /** Members to remove. */
  remove?: readonly string[];
}

/** No usable answer. */
export interface BrokenEffect {
  /**
   * `reset` resets the connection without performing the operation, `drop_answer` after it;
   * `malformed_body` performs it and answers with half of the body.
   */
  type: 'reset' | 'malformed_body' | 'drop_answer';
}

/** How often each endpoint may be asked, in windows of a fixed length. */
export interface RateLimit {
  /** How many requests a window allows. */
  requests: number;
  /** How long a window is. */
  per_seconds: number;
}

/** A request that came in. */
export interface LoggedRequest {
  /** Counted from 1. */
  number: number;
  /** When it came in. */
  unix_milliseconds: number;
  /** `null` where it is for none. */
  operation: Operation | null;
  /** The HTTP method. */
  method: string;
  /** Without the query. */
  path: string;
  /** Of token requests. */
  client_id: string | null;
  /** The fault that met it. */
  fault: string | null;
  /** `null` where it got no answer. */
  status: number | null;
}

/** What it takes to use the organization-scoped API, Auth0's and the management API. */
export interface Credentials {
  /** The organization-scoped API's. */
  organization: OrganizationCredentials;
  /** The Auth0 tenant's. */
  auth0: Auth0Credentials;
  /** The workspace's. */
  workspace: WorkspaceCredentials;
}

/** A workspace key, and the project that it opens in the management API. */
export interface WorkspaceCredentials {
  /** The key's id. */
  key_id: string;
  /** The key's secret. */
  key_secret: string;
  /** The project's slug. */
  project_slug: string;
  /** The slug of the project's environment. */
  environment_slug: string;
}

/** A client of the organization-scoped API. */
export interface OrganizationCredentials {
  /** The client's id. */
  client_id: string;
  /** Returns the client's secret. */
  client_secret: string;
  /** What reads and rotates it: sent as `Bearer ...`. */
  authorization: string;
}

/** A client of Auth0's Management API. */
export interface Auth0Credentials {
  /** The `iss` of the tenant's tokens. */
  issuer: string;
  /** The audience of the Management API. */
  management_audience: string;
  /** The client's id. */
  client_id: string;
  /** Returns the client's secret. */
  client_secret: string;
}
