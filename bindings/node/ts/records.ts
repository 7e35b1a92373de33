// What calls return.

import { inspect } from 'node:util';

import * as rule from './arguments';
import { EXACT, parse, type JsonFormat, type JsonObject } from './json';
import { native, type Native } from './native';

/**
 * Whether a client can fetch tokens. Existing tokens stay valid until they expire. `unknown` where
 * the server says something that this version does not know; it cannot be set.
 */
export type ClientStatus = 'active' | 'inactive' | 'unknown';

/** An M2M client, without its secret. */
export interface M2MClient {
  /** The client's id. */
  client_id: string;
  /** A display name. */
  client_name: string;
  /** A description. */
  client_description: string;
  /** Whether the client can fetch tokens. */
  status: ClientStatus;
  /** The scopes that the client can request. */
  scopes: string[];
  /** The last four characters of the client's secret. */
  client_secret_last_four: string;
  /** The last four characters of the secret that a rotation brings in; `null` when none is under way. */
  next_client_secret_last_four: string | null;
  /** Your own data about the client. */
  trusted_metadata: JsonObject | null;
  /**
   * The organization that the client belongs to: the value of the `organization_key` in `trusted_metadata`, if it is a
   * string.
   */
  organization_id: string | null;
}

/** A client and its secret. Store the secret now: Stytch cannot show it again. */
export interface M2MClientWithClientSecret extends M2MClient {
  /** The secret: a member as any other, but shown as `[hidden]` by `console.log` and `util.inspect`. */
  readonly client_secret: string;
}

/** A client whose secret is being rotated, and the next secret. */
export interface M2MClientWithNextClientSecret extends M2MClient {
  /** The next secret: a member as any other, but shown as `[hidden]` by `console.log` and `util.inspect`. */
  readonly next_client_secret: string;
}

/** What every answer of the management API has. */
export interface Response {
  /** The server's id of the request. */
  request_id: string;
  /** The HTTP status. */
  status_code: number;
}

/** A response with one client. */
export interface ClientResponse extends Response {
  /** The client. */
  m2m_client: M2MClient;
}

/** A created client with its secret, which Stytch cannot show again. */
export interface CreateResponse extends Response {
  /** The client and its secret. */
  m2m_client: M2MClientWithClientSecret;
}

/** A started rotation with the next secret, which Stytch cannot show again. */
export interface RotateStartResponse extends Response {
  /** The client and its next secret. */
  m2m_client: M2MClientWithNextClientSecret;
}

/** The response to a deletion. */
export interface DeleteResponse extends Response {
  /** The id of the deleted client. */
  client_id: string;
}

/** A page of clients. */
export interface SearchResponse extends Response {
  /** The clients of this page. */
  m2m_clients: M2MClient[];
  /** The total and the next page's cursor. */
  results_metadata: ResultsMetadata;
}

/** The position of a page in the whole result. */
export interface ResultsMetadata {
  /** Number of all matches; -1 if the workspace has totals switched off. */
  total: number;
  /** The next page's `cursor`; `null` after the last page. */
  next_cursor: string | null;
}

/** An access token. */
export interface Token {
  /** The token itself: a member as any other, but shown as `[hidden]` by `console.log` and `util.inspect`. */
  readonly access_token: string;
  /** `bearer`, in the server's spelling. */
  token_type: string;
  /** Seconds until the token expires, counted from the call that returned it. */
  expires_in: number;
  /** When the token expires. */
  expires_at: Date;
  /** The scopes granted, where the server says so. */
  granted_scopes: string[] | null;
  /** The server's id of the request that fetched the token. */
  request_id: string | null;
  /** The HTTP status of that request. */
  status_code: number;
}

/** The claims of a verified access token. */
export interface TokenClaims {
  /** The M2M client. */
  client_id: string;
  /** The scopes granted. */
  scopes: string[];
  /** Whether `read:*` among them grants every `read:<resource>`: {@link IssuerConfig} says so. */
  wildcard_scopes: boolean;
  /** Every claim that is not a registered one, in the form that the verifier's `large_integers` and `plain_objects` say. */
  custom_claims: JsonObject;
  /** `iss`, exactly. */
  issuer: string;
  /** `aud`, as a list. */
  audience: string[];
  /** `iat`. */
  issued_at: Date | null;
  /** `nbf`. */
  not_before: Date | null;
  /** `exp`. */
  expires_at: Date;
  /** `jti`. */
  token_id: string | null;
  /**
   * `sub`, unchanged: the client, or what its issuer says instead, such as the object id of an Entra
   * application. `null` if the token has none; see {@link IssuerConfig.allow_missing_sub}.
   */
  subject: string | null;
  /**
   * The organization that the client belongs to, from the claim that {@link IssuerConfig.organization_claim} names.
   * `null` if the token has none.
   */
  organization: string | null;
  /** The scopes of `required` that the token does not grant, in their order. */
  missingScopes(required: readonly string[]): string[];
}

/** Who looks at a record gets this in place of its secret. */
const HIDDEN = '[hidden]';

/** What `util.inspect` and `console.log` print of a record with a secret: all but that. */
function hiding(name: string) {
  return function (this: object, depth: number, options: object, print: (value: unknown, options: object) => string) {
    if (depth < 0) return '[Object]';
    const shown = { ...this, [name]: { [inspect.custom]: () => HIDDEN } };
    return print(shown, options);
  };
}

/**
 * `record` with its secret, which is there once: JSON, a spread and a clone keep it, and only what prints
 * the record for people hides it.
 */
function withSecret<T extends object, N extends string>(
  record: T,
  name: N,
  secret: string,
): T & { readonly [name in N]: string } {
  Object.defineProperty(record, inspect.custom, { value: hiding(name) });
  return Object.assign(record, { [name]: secret }) as T & { [name in N]: string };
}

export function toClient(client: Native.M2MClient): M2MClient {
  const { client_secret: _, next_client_secret: __, ...shown } = client;
  const { status, trusted_metadata } = shown;
  return {
    ...shown,
    status: status as ClientStatus,
    trusted_metadata: trusted_metadata === null ? null : (parse(trusted_metadata, EXACT) as JsonObject),
  };
}

export function toClientResponse(response: Native.ClientResponse): ClientResponse {
  return { ...response, m2m_client: toClient(response.m2m_client) };
}

export function toCreateResponse(response: Native.ClientResponse): CreateResponse {
  const { m2m_client: client } = response;
  const secret = client.client_secret ?? '';
  return { ...response, m2m_client: withSecret(toClient(client), 'client_secret', secret) };
}

export function toRotateStartResponse(response: Native.ClientResponse): RotateStartResponse {
  const { m2m_client: client } = response;
  const secret = client.next_client_secret ?? '';
  return { ...response, m2m_client: withSecret(toClient(client), 'next_client_secret', secret) };
}

export function toSearchResponse(response: Native.SearchResponse): SearchResponse {
  return { ...response, m2m_clients: response.m2m_clients.map(toClient) };
}

/** A token, printed without its secret as {@link withSecret} does it. */
class FetchedToken implements Token {
  readonly access_token: string;
  token_type: string;
  expires_in: number;
  expires_at: Date;
  granted_scopes: string[] | null;
  request_id: string | null;
  status_code: number;

  constructor(token: Native.Token, expires_in: number) {
    this.access_token = token.access_token;
    this.token_type = token.token_type;
    this.expires_in = expires_in;
    this.expires_at = new Date(token.expires_at);
    this.granted_scopes = token.granted_scopes && [...token.granted_scopes];
    this.request_id = token.request_id;
    this.status_code = token.status_code;
  }
}
// Records have no class to speak of.
Object.defineProperty(FetchedToken, 'name', { value: 'Token' });
Object.defineProperty(FetchedToken.prototype, inspect.custom, { value: hiding('access_token') });

export function toToken(token: Native.Token, expires_in = token.expires_in): Token {
  return new FetchedToken(token, expires_in);
}

/** What {@link toTokenClaims} reads. */
type Claims = [
  client_id: string,
  scopes: string[],
  wildcard_scopes: boolean,
  issuer: string,
  audience: string[],
  issued_at: number | null,
  not_before: number | null,
  expires_at: number,
  token_id: string | null,
  subject: string | null,
  organization: string | null,
  custom_claims: object,
];

/** A record whose one method is no member of its own: not in JSON, and not copied. */
class VerifiedClaims implements TokenClaims {
  readonly client_id: string;
  readonly scopes: string[];
  readonly wildcard_scopes: boolean;
  readonly custom_claims: JsonObject;
  readonly issuer: string;
  readonly audience: string[];
  readonly issued_at: Date | null;
  readonly not_before: Date | null;
  readonly expires_at: Date;
  readonly token_id: string | null;
  readonly subject: string | null;
  readonly organization: string | null;

  constructor(claims: Claims) {
    const [client_id, scopes, wildcard_scopes, issuer, audience, issued_at, not_before] = claims;
    this.client_id = client_id;
    this.scopes = scopes;
    this.wildcard_scopes = wildcard_scopes;
    this.custom_claims = claims[11] as JsonObject;
    this.issuer = issuer;
    this.audience = audience;
    this.issued_at = issued_at === null ? null : new Date(issued_at * 1000);
    this.not_before = not_before === null ? null : new Date(not_before * 1000);
    this.expires_at = new Date(claims[7] * 1000);
    this.token_id = claims[8];
    this.subject = claims[9];
    this.organization = claims[10];
  }

  missingScopes(required: readonly string[]): string[] {
    rule.atMost(arguments.length);
    rule.positional('required', required, rule.texts);
    return native.missingScopes(this.scopes, this.wildcard_scopes, [...required]);
  }
}
Object.defineProperty(VerifiedClaims, 'name', { value: 'TokenClaims' });

export function toTokenClaims(json: string, format: JsonFormat = EXACT): TokenClaims {
  return new VerifiedClaims(parse(json, format) as Claims);
}
