// What calls return.

import { parse, type JsonObject } from './json';
import { native, type Native } from './native';

/**
 * Whether a client may fetch tokens. Tokens that it already has stay valid until they expire.
 * `unknown` where the server says something that this version does not know; it cannot be set.
 */
export type ClientStatus = 'active' | 'inactive' | 'unknown';

/** An M2M client, as Stytch shows it: without its secret. */
export interface M2MClient {
  /** The id that the client authenticates with. */
  client_id: string;
  /** A name for people. */
  client_name: string;
  /** A description for people. */
  client_description: string;
  /** Whether it may fetch tokens. */
  status: ClientStatus;
  /** The scopes that it may ask for. */
  scopes: string[];
  /** The last four characters of its secret. */
  client_secret_last_four: string;
  /** The last four characters of the secret that a rotation brings in; `null` when none is under way. */
  next_client_secret_last_four: string | null;
  /** Your own data about the client. */
  trusted_metadata: JsonObject | null;
}

/** A client together with its secret, which Stytch does not keep: store it now. */
export interface M2MClientWithClientSecret extends M2MClient {
  /** The secret. Not enumerable, so that logging the client does not show it. */
  readonly client_secret: string;
}

/** A client whose secret is being rotated, together with the next secret. */
export interface M2MClientWithNextClientSecret extends M2MClient {
  /** The next secret. Not enumerable, so that logging the client does not show it. */
  readonly next_client_secret: string;
}

/** What every answer of the management API has. */
export interface Response {
  /** The server's id of the request. */
  request_id: string;
  /** The HTTP status. */
  status_code: number;
}

/** An answer that holds one client. */
export interface ClientResponse extends Response {
  /** The client. */
  m2m_client: M2MClient;
}

/** A created client, with the only sight of its secret. */
export interface CreateResponse extends Response {
  /** The client and its secret. */
  m2m_client: M2MClientWithClientSecret;
}

/** A started rotation, with the only sight of the next secret. */
export interface RotateStartResponse extends Response {
  /** The client and its next secret. */
  m2m_client: M2MClientWithNextClientSecret;
}

/** The answer to a delete. */
export interface DeleteResponse extends Response {
  /** The id of the client that is gone. */
  client_id: string;
}

/** A page of clients. */
export interface SearchResponse extends Response {
  /** The clients of this page. */
  m2m_clients: M2MClient[];
  /** How many there are, and where the next page starts. */
  results_metadata: ResultsMetadata;
}

/** Where a page stands in the whole result. */
export interface ResultsMetadata {
  /** All matches, or -1 where the workspace has totals switched off. */
  total: number;
  /** The next page's `cursor`; `null` after the last page. */
  next_cursor: string | null;
}

/** An access token. */
export interface Token {
  /** The token itself. Not enumerable, so that logging the record does not show it. */
  readonly access_token: string;
  /** Always `bearer`, in the server's spelling. */
  token_type: string;
  /** Seconds until it expires, counted from now and not from when it was fetched. */
  expires_in: number;
  /** When it expires. */
  expires_at: Date;
  /** The scopes granted, where the server says so. */
  granted_scopes: string[] | null;
  /** The server's id of the request that fetched it. */
  request_id: string | null;
  /** The HTTP status of that request. */
  status_code: number;
}

/** What a verified access token says. */
export interface TokenClaims {
  /** The M2M client. */
  client_id: string;
  /** The scopes granted. */
  scopes: string[];
  /** Whether `read:*` among them grants every `read:<resource>`: {@link IssuerConfig} says so. */
  wildcard_scopes: boolean;
  /** Every claim that is not a registered one. */
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
  /** The scopes of `required` that the token does not grant, in their order. */
  missingScopes(required: readonly string[]): string[];
}

/** `record` with a member that is there by name only: not for inspect, JSON, spread or clone. */
function withSecret<T extends object, N extends string>(
  record: T,
  name: N,
  secret: string,
): T & { readonly [name in N]: string } {
  // A getter, for `util.inspect` with `showHidden` prints the values of hidden data properties.
  return Object.defineProperty(record, name, { get: () => secret }) as T & { [name in N]: string };
}

export function toClient(client: Native.M2MClient): M2MClient {
  const { client_secret: _, next_client_secret: __, ...shown } = client;
  const { status, trusted_metadata } = shown;
  return {
    ...shown,
    status: status as ClientStatus,
    trusted_metadata: trusted_metadata === null ? null : (parse(trusted_metadata) as JsonObject),
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

/** A token whose secret is there by name only, as {@link withSecret} makes it, but made faster. */
class FetchedToken implements Token {
  readonly #access_token: string;
  token_type: string;
  expires_in: number;
  expires_at: Date;
  granted_scopes: string[] | null;
  request_id: string | null;
  status_code: number;

  constructor(token: Native.Token, expires_in: number) {
    this.#access_token = token.access_token;
    this.token_type = token.token_type;
    this.expires_in = expires_in;
    this.expires_at = new Date(token.expires_at);
    this.granted_scopes = token.granted_scopes && [...token.granted_scopes];
    this.request_id = token.request_id;
    this.status_code = token.status_code;
  }

  get access_token(): string {
    return this.#access_token;
  }
}
// Records have no class to speak of.
Object.defineProperty(FetchedToken, 'name', { value: 'Token' });

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

  constructor(claims: Claims) {
    const [client_id, scopes, wildcard_scopes, issuer, audience, issued_at, not_before] = claims;
    this.client_id = client_id;
    this.scopes = scopes;
    this.wildcard_scopes = wildcard_scopes;
    this.custom_claims = claims[9] as JsonObject;
    this.issuer = issuer;
    this.audience = audience;
    this.issued_at = issued_at === null ? null : new Date(issued_at * 1000);
    this.not_before = not_before === null ? null : new Date(not_before * 1000);
    this.expires_at = new Date(claims[7] * 1000);
    this.token_id = claims[8];
  }

  missingScopes(required: readonly string[]): string[] {
    return native.missingScopes(this.scopes, this.wildcard_scopes, [...required]);
  }
}
Object.defineProperty(VerifiedClaims, 'name', { value: 'TokenClaims' });

export function toTokenClaims(json: string): TokenClaims {
  return new VerifiedClaims(parse(json) as Claims);
}
