// Issuers whose tokens a verifier accepts.

import * as rule from './arguments';
import { unwrap } from './call';
import { stringify } from './json';
import { native, type Native } from './native';

/** A signature algorithm. All are asymmetric. */
export type Algorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'EdDSA';

/** An issuer whose tokens are accepted. */
export interface IssuerConfig {
  /** The issuer's `iss` values, compared exactly. */
  issuers: readonly string[];
  /** The accepted `aud` values: a token must have at least one of them. */
  audiences: readonly string[];
  /** The allowed signature algorithms. Default: RS256. */
  algorithms?: readonly Algorithm[] | undefined;
  /** The URL of its JWK Set. This or `jwks`. */
  jwks_url?: string | undefined;
  /** Its JWK Set itself, as text or object. */
  jwks?: string | object | undefined;
  /**
   * The issuer whose discovery document names the address of its keys. In place of `jwks_url` and
   * `jwks`.
   */
  discovery?: string | undefined;
  /** How the claims name the client. Default: `oauth` (RFC 9068). */
  profile?: 'stytch' | 'auth0' | 'oauth' | undefined;
  /** Whether to accept tokens without `typ`. Default: no. */
  allow_missing_typ?: boolean | undefined;
  /** Whether to accept tokens without `kid` if exactly one key fits. Default: no. */
  allow_missing_kid?: boolean | undefined;
  /** Whether to accept `scope` as an array of strings. Default: no. */
  accept_scope_array?: boolean | undefined;
  /** Whether `read:*` in a token grants every `read:<resource>`. Default: no; `stytch` says yes. */
  wildcard_scopes?: boolean | undefined;
  /**
   * Whether to accept tokens that are bound to a key of the client (`cnf`: DPoP, mTLS). The caller
   * must check the binding; the verifier does not. Default: no.
   */
  allow_bound_tokens?: boolean | undefined;
  /** The only `typ` to accept, such as `at+jwt`. Default: `JWT` and `at+jwt`. */
  require_typ?: string | undefined;
  /**
   * New names of scopes: by the name in the token, the name that the claims and the required scopes
   * have. A name of `*` stands for all others, and `*` in its new name for the old one, as in
   * `{ '*': 'billing.*' }`. What is not mentioned keeps its name. Default: none.
   */
  scope_map?: Readonly<Record<string, string>> | undefined;
  /** Claims that a token must have as strings with exactly these values. Default: none. */
  required_claims?: Readonly<Record<string, string>> | undefined;
  /**
   * Profile `oauth`: refuse tokens whose `sub` is not the client that `client_id` or `azp` names, which
   * is how most issuers mark a user's token. Default: no.
   */
  require_client_subject?: boolean | undefined;
}

const ISSUER_RULES: rule.Rules<IssuerConfig> = {
  issuers: rule.required(rule.texts),
  audiences: rule.required(rule.texts),
  algorithms: rule.texts,
  jwks_url: rule.text,
  jwks: rule.textOrObject,
  discovery: rule.text,
  profile: rule.text,
  allow_missing_typ: rule.flag,
  allow_missing_kid: rule.flag,
  accept_scope_array: rule.flag,
  wildcard_scopes: rule.flag,
  allow_bound_tokens: rule.flag,
  require_typ: rule.text,
  scope_map: rule.object,
  required_claims: rule.object,
  require_client_subject: rule.flag,
};

export function toNativeIssuer(issuer: IssuerConfig): Native.IssuerConfig {
  const { jwks, ...rest } = rule.take(issuer, ISSUER_RULES);
  const keys = typeof jwks === 'object' ? { jwks: stringify('jwks', jwks) } : { jwks };
  return { ...rest, ...keys } as Native.IssuerConfig;
}

/** A Stytch project. */
export interface StytchIssuer {
  /** The project's id. */
  project_id: string;
  /** Your custom domain, if you have one. */
  base_url?: string | undefined;
  /** The product line. Default: `consumer`. */
  vertical?: 'consumer' | 'b2b' | undefined;
}

/** An Auth0 tenant. */
export interface Auth0Issuer {
  /** As in `example.eu.auth0.com`. */
  domain: string;
  /** The API's identifier. */
  audience: string;
  /** New names of its scopes: see {@link IssuerConfig.scope_map}. Default: none. */
  scope_map?: Readonly<Record<string, string>> | undefined;
}

/** Settings for any issuer of JWT access tokens (RFC 9068). */
export interface OAuthIssuer {
  /** Its `iss`. */
  issuer: string;
  /** The accepted `aud` values: a token must have at least one of them. */
  audiences: readonly string[];
  /** The URL of its JWK Set. This or `jwks`. */
  jwks_url?: string | undefined;
  /** Its JWK Set itself, as text or object. */
  jwks?: string | object | undefined;
}

/** Settings for any issuer that has a discovery document (RFC 8414 or OpenID Connect). */
export interface DiscoveredIssuer {
  /**
   * An https URL: what the document and the tokens call the issuer, with or without a slash at the
   * end.
   */
  issuer: string;
  /** The accepted `aud` values: a token must have at least one of them. */
  audiences: readonly string[];
}

const STYTCH_RULES: rule.Rules<StytchIssuer> = {
  project_id: rule.required(rule.text),
  base_url: rule.text,
  vertical: rule.text,
};
const AUTH0_RULES: rule.Rules<Auth0Issuer> = {
  domain: rule.required(rule.text),
  audience: rule.required(rule.text),
  scope_map: rule.object,
};

const OAUTH_RULES: rule.Rules<OAuthIssuer> = {
  issuer: rule.required(rule.text),
  audiences: rule.required(rule.texts),
  jwks_url: rule.text,
  jwks: rule.textOrObject,
};

const DISCOVERED_RULES: rule.Rules<DiscoveredIssuer> = {
  issuer: rule.required(rule.text),
  audiences: rule.required(rule.texts),
};

/** The settings of well-known issuers, to pass to a {@link TokenVerifier} or to change first. */
export const IssuerConfig = {
  /** A Stytch project's. */
  stytch(args: StytchIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { project_id, base_url, vertical } = rule.take(args, STYTCH_RULES);
    return unwrap(native.stytchIssuer(project_id, base_url, vertical)) as IssuerConfig;
  },
  /** An Auth0 tenant's. */
  auth0(args: Auth0Issuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { domain, audience, scope_map = {} } = rule.take(args, AUTH0_RULES);
    const issuer = unwrap(native.auth0Issuer(domain, audience)) as IssuerConfig;
    return { ...issuer, scope_map };
  },
  /** Any other's (RFC 9068). */
  oauth(args: OAuthIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { issuer, ...rest } = rule.take(args, OAUTH_RULES);
    return { ...rest, issuers: [issuer], algorithms: ['RS256'], profile: 'oauth' };
  },
  /** Any other's that has a discovery document, which names the address of its keys. */
  discover(args: DiscoveredIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { issuer, audiences } = rule.take(args, DISCOVERED_RULES);
    return { issuers: [issuer], audiences, discovery: issuer, algorithms: ['RS256'], profile: 'oauth' };
  },
};
