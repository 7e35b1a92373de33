// Issuers whose tokens a verifier accepts.

import * as rule from './arguments';
import { unwrap } from './call';
import { stringify } from './json';
import { native, type Native } from './native';

/** A signature algorithm. All are asymmetric. */
export type Algorithm =
  | 'RS256' | 'RS384' | 'RS512'
  | 'PS256' | 'PS384' | 'PS512'
  | 'ES256' | 'ES384'
  | 'EdDSA';

/** An issuer whose tokens are accepted. */
export interface IssuerConfig {
  /** The issuer's `iss` values, compared exactly. */
  issuers: readonly string[];
  /**
   * The accepted `aud` values: a token must have at least one of them. If there is none, only tokens
   * without `aud` are accepted, and only of `client_ids`.
   */
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
  /**
   * Whether to accept tokens without `kid` if exactly one key fits. Default: yes for the profile `oauth`; no for
   * Stytch, Auth0 and the other providers that have a function, whose tokens always name their key.
   */
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
  /** The clients whose tokens are accepted. Default: every client of the issuer, which needs `audiences`. */
  client_ids?: readonly string[] | undefined;
  /**
   * Claims that name the client, for the profile `oauth`: the first one in the token does, and the
   * others, if present, must name the same. A token with none of them is refused. Default: as the
   * profile says.
   */
  client_id_claims?: readonly string[] | undefined;
  /**
   * Claims with the scopes, together: names such as `scp`, and paths such as `realm_access.roles` or
   * `resource_access.{audience}.roles`, for each of the audiences. A name with a colon is not a path.
   * With `.*` at the end, the scopes are the names of an object's members. Default: `scope`.
   */
  scope_claims?: readonly string[] | undefined;
  /**
   * The claim with the organization (tenant, customer) that the client belongs to: a name such as `org_id`, or a path
   * such as `tenant.id`. A name with a colon is not a path. Use only a claim that the issuer sets itself: one that a
   * client can set in its token request names any organization. Default: `org_id`; `tid` for Entra; `null`, and so no
   * organization, for providers that have no such claim.
   */
  organization_claim?: string | null | undefined;
  /** Claims that a token must not have, such as those of a user's token. Default: none. */
  forbidden_claims?: readonly string[] | undefined;
  /**
   * Whether to accept tokens without `sub`, for the profile `oauth`. Without it, nothing tells a user's
   * token from a client's except other claims. Default: no.
   */
  allow_missing_sub?: boolean | undefined;
  /**
   * Whether to refuse tokens without any scope as `insufficient_scope`, even if no scope is required.
   * Default: no.
   */
  require_any_scope?: boolean | undefined;
  /** The longest time from `iat` to `exp` of a token. With a limit, `iat` is required. Default: no limit. */
  max_token_lifetime_seconds?: number | undefined;
  /** The least leeway for the times of this issuer's tokens, up to 300 seconds. Default: 0. */
  clock_tolerance_seconds?: number | undefined;
  /** Maximum number of keys of the key set; a larger set is refused. Default: 1,000. */
  max_jwks_keys?: number | undefined;
  /** Maximum size of the key set in bytes, up to 16 MiB. Default: 1 MiB. */
  max_jwks_bytes?: number | undefined;
  /**
   * A file with a bearer token for the key set's URL, read before each fetch: for servers that do not
   * publish their keys to everyone. Default: none.
   */
  jwks_token_file?: string | undefined;
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
  client_ids: rule.texts,
  client_id_claims: rule.texts,
  scope_claims: rule.texts,
  organization_claim: rule.text,
  forbidden_claims: rule.texts,
  allow_missing_sub: rule.flag,
  require_any_scope: rule.flag,
  max_token_lifetime_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  max_jwks_keys: rule.count,
  max_jwks_bytes: rule.count,
  jwks_token_file: rule.text,
};

export function toNativeIssuer(issuer: IssuerConfig): Native.IssuerConfig {
  const { jwks, ...rest } = rule.take(issuer, ISSUER_RULES);
  const keys = typeof jwks === 'object' ? { jwks: stringify('jwks', jwks) } : { jwks };
  const none = issuer.organization_claim === null ? { without_organization: true } : {};
  return { ...rest, ...keys, ...none } as Native.IssuerConfig;
}

function toIssuer({ without_organization, ...issuer }: Native.IssuerConfig): IssuerConfig {
  return { ...issuer, ...(without_organization && { organization_claim: null }) } as IssuerConfig;
}

/** A Stytch project. */
export interface StytchIssuer {
  /** The project's id. */
  project_id: string;
  /** Your custom domain, if you have one. */
  base_url?: string | undefined;
  /**
   * Several names, such as the default domain and a custom domain: tokens of each are accepted, and the keys are
   * fetched from the first.
   */
  base_urls?: readonly string[] | undefined;
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
  base_urls: rule.texts,
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

/** A Cognito user pool. */
export interface CognitoIssuer {
  /** As in `eu-west-1_AbCdEf123`. */
  user_pool_id: string;
  /** The app clients to accept. */
  client_ids: readonly string[];
}

/** A tenant of Microsoft Entra ID, or several. */
export interface EntraIssuer {
  /** The tenant's id, a GUID, or a list of them: to decide by a function, see {@link EntraResolver}. */
  tenant: string | readonly string[];
  /** The API's application id or its application ID URI. */
  audience: string;
}

/** An issuer at a URL, for one API. */
export interface ProviderIssuer {
  /** Its `iss`. */
  issuer: string;
  /** The accepted `aud`. */
  audience: string;
}

/** Google's service accounts. */
export interface GoogleIssuer {
  /** The accepted `aud`. */
  audience: string;
  /** The unique ids of the service accounts to accept. */
  client_ids: readonly string[];
}

/** A Zitadel instance. */
export interface ZitadelIssuer extends ProviderIssuer {
  /** The service users to accept. */
  client_ids: readonly string[];
}

const COGNITO_RULES: rule.Rules<CognitoIssuer> = {
  user_pool_id: rule.required(rule.text),
  client_ids: rule.required(rule.texts),
};
const ENTRA_RULES: rule.Rules<EntraIssuer> = {
  tenant: rule.required(rule.textOrTexts),
  audience: rule.required(rule.text),
};
const PROVIDER_RULES: rule.Rules<ProviderIssuer> = {
  issuer: rule.required(rule.text),
  audience: rule.required(rule.text),
};
const GOOGLE_RULES: rule.Rules<GoogleIssuer> = {
  audience: rule.required(rule.text),
  client_ids: rule.required(rule.texts),
};
const ZITADEL_RULES: rule.Rules<ZitadelIssuer> = { ...PROVIDER_RULES, client_ids: rule.required(rule.texts) };

function provider<Arguments extends object>(name: string, args: Arguments, rules: rule.Rules<Arguments>): IssuerConfig {
  const { client_ids = [], ...texts } = rule.take(args, rules) as { client_ids?: string[] };
  return toIssuer(unwrap(native.providerIssuer(name, texts as Record<string, string>, client_ids)));
}

/** The settings of well-known issuers, to pass to a {@link TokenVerifier} or to change first. */
export const IssuerConfig = {
  /** A Stytch project's. */
  stytch(args: StytchIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { project_id, base_url, base_urls = [], vertical } = rule.take(args, STYTCH_RULES);
    return toIssuer(unwrap(native.stytchIssuer(project_id, base_url, base_urls, vertical)));
  },
  /** An Auth0 tenant's. */
  auth0(args: Auth0Issuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { domain, audience, scope_map = {} } = rule.take(args, AUTH0_RULES);
    const issuer = toIssuer(unwrap(native.auth0Issuer(domain, audience)));
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
  /**
   * Settings for an Amazon Cognito user pool. Its access tokens have no `aud`, so the app clients to accept
   * are in `client_ids`.
   */
  cognito(args: CognitoIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('cognito', args, COGNITO_RULES);
  },
  /**
   * Settings for one tenant of Microsoft Entra ID, or for several, which share one key set: a token's `tid`
   * must be the tenant in its `iss`, and a key that names another tenant is not its key. Tokens of version
   * 1.0 and 2.0 are accepted. The scopes are the application's `roles`; a token without any is refused,
   * because Entra issues such a token to every application of the tenant.
   */
  entra(args: EntraIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    const { tenant, audience } = rule.take(args, ENTRA_RULES);
    const tenants = typeof tenant === 'string' ? [tenant] : [...tenant];
    return toIssuer(unwrap(native.entraIssuer(tenants, audience)));
  },
  /**
   * Settings for a custom authorization server of Okta, such as `https://example.okta.com/oauth2/default`.
   * Tokens of the organization's own server are for Okta's API alone.
   */
  okta(args: ProviderIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('okta', args, PROVIDER_RULES);
  },
  /**
   * Settings for a realm of Keycloak 21 or later, such as `https://sso.example.com/realms/main`. The scopes
   * are those in `scope` and the client roles of `audience`, which is the API's client id. Service accounts
   * need the client scope `service_account`, whose `client_id` tells them from users. Keycloak adds it to a
   * client that gets a service account; an imported realm may lack it.
   */
  keycloak(args: ProviderIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('keycloak', args, PROVIDER_RULES);
  },
  /**
   * Settings for Google's ID tokens of service accounts. Anyone's service account can get a token for any
   * audience, so `client_ids` lists the service accounts to accept, by their unique ids.
   */
  google(args: GoogleIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('google', args, GOOGLE_RULES);
  },
  /**
   * Settings for Ory Hydra with `strategies.access_token: jwt`. `issuer` is `urls.self.issuer` exactly, with
   * its slash if it has one.
   */
  hydra(args: ProviderIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('hydra', args, PROVIDER_RULES);
  },
  /**
   * Settings for a Zitadel instance with JWT access tokens: `audience` is the project's id. Its tokens do not
   * tell a machine from a user, so `client_ids` lists the service users to accept. The scopes are the names
   * of the project's roles.
   */
  zitadel(args: ZitadelIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('zitadel', args, ZITADEL_RULES);
  },
  /** Settings for Duende IdentityServer. A client's own tokens have no `sub`. */
  duende(args: ProviderIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('duende', args, PROVIDER_RULES);
  },
  /**
   * Settings for service account tokens of a Kubernetes cluster: `issuer` is its `--service-account-issuer`.
   * The client is `system:serviceaccount:<namespace>:<name>`. Most clusters publish their keys only to
   * callers with a token: set `jwks_token_file`.
   */
  kubernetes(args: ProviderIssuer): IssuerConfig {
    rule.atMost(arguments.length);
    return provider('kubernetes', args, PROVIDER_RULES);
  },
};
