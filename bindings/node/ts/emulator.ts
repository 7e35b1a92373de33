/** What the emulator takes and tells, under its own names. */

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
  | 'organization_client_id'
  | 'organization_client_secret'
  | 'organization_token'
  | 'organization_rotate'
  | 'auth0_token'
  | 'auth0_clients'
  | 'auth0_client_grants'
  | 'auth0_resource_servers'
  | 'auth0_jwks';

/** What the emulator has when it starts, and again after a reset. */
export interface Seed {
  clients?: ClientSeed[];
  token_settings?: TokenSettings;
  /** The client of the organization-scoped API. Default: made up. */
  organization?: { client_id?: string; client_secret?: string; authorization?: string };
  /** The Auth0 tenant: see the emulator's own OpenAPI document. */
  auth0?: Record<string, unknown>;
}

/** An M2M client. */
export interface ClientSeed {
  /** Default: made up. */
  client_id?: string;
  /** Default: made up, and never shown. */
  client_secret?: string;
  client_name?: string;
  client_description?: string;
  /** Default: `active`. */
  status?: 'active' | 'inactive';
  /** Default: none. */
  scopes?: readonly string[];
  trusted_metadata?: Record<string, unknown>;
}

/** How the token endpoint makes tokens. */
export interface TokenSettings {
  /** `exp` minus `iat`. Default: 3600. */
  lifetime_seconds?: number;
  /** A JSON object in which `{{ request.name }}` stands for a parameter of the token request. */
  custom_claims_template?: string;
  /** Another audience, beside the project id. */
  custom_audience?: string;
  /** What to change in every token. */
  changes?: TokenChanges;
}

/** What makes a token other than it should be. */
export interface TokenChanges {
  /** Moves `iat`, `nbf` and `exp`: -7200 for an expired token, 3600 for one that is not yet valid. */
  issued_at_offset_seconds?: number;
  /** Claims to set, whatever they were; `null` removes one. */
  claims?: Record<string, unknown>;
  /** Header members to set, whatever they were; `null` removes one. */
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
  /** Default: what the token settings change. */
  changes?: TokenChanges;
}

/** A fault: once, unless `times` or `seconds` say otherwise. */
export interface Fault {
  effect: Effect;
  /** Default: every endpoint. */
  operation?: Operation;
  times?: number;
  seconds?: number;
}

/** What a fault does to a request. */
export type Effect =
  /** Answers with this status, without performing the operation. */
  | { type: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** Waits, then performs it. */
  | { type: 'delay'; milliseconds: number }
  /** Resets the connection, without performing it. */
  | { type: 'reset' }
  /** Performs it, and answers with half of the body. */
  | { type: 'malformed_body' }
  /** Performs it, and resets the connection. */
  | { type: 'drop_answer' };

/** A request that came in. */
export interface LoggedRequest {
  number: number;
  unix_milliseconds: number;
  operation: Operation | null;
  method: string;
  path: string;
  /** Of token requests. */
  client_id: string | null;
  /** The fault that met it. */
  fault: string | null;
  /** `null` where it got no answer. */
  status: number | null;
}

/** What it takes to use the organization-scoped API and Auth0's. */
export interface Credentials {
  /** `authorization` is sent as `Bearer ...`. */
  organization: { client_id: string; client_secret: string; authorization: string };
  auth0: { issuer: string; management_audience: string; client_id: string; client_secret: string };
}
