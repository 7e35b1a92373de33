import * as rule from './arguments';
import { call, unwrap } from './call';
import { InsufficientScopeError, KeysUnavailableError, invalidConfig, toError } from './errors';
import { stringify } from './json';
import { native, type Native } from './native';
import { toTokenClaims, type TokenClaims } from './records';

/** Decides in place of the scope comparison. Only `true` allows. */
export type Authorize<R = boolean | Promise<boolean>> = (
  claims: TokenClaims,
  required_scopes: readonly string[],
) => R;

/** What one verification asks for, when it cannot wait. */
export interface AuthenticateTokenSyncArguments<R = boolean> {
  /** The token, without `Bearer `. */
  access_token: string;
  /** Scopes that the token must grant, all of them. */
  required_scopes?: readonly string[] | undefined;
  /** Refuses tokens this old or older, by `iat`. 0 refuses every token. */
  max_token_age_seconds?: number | undefined;
  /** How far clocks may differ, 0 to 300. Default 0. */
  clock_tolerance_seconds?: number | undefined;
  /** Replaces the scope comparison. What it throws is thrown. */
  authorize?: Authorize<R> | undefined;
}

/** What one verification asks for. */
export interface AuthenticateTokenArguments
  extends AuthenticateTokenSyncArguments<boolean | Promise<boolean>>,
    rule.Cancellable {}

const SYNC_RULES: rule.Rules<AuthenticateTokenSyncArguments> = {
  access_token: rule.required(rule.text),
  required_scopes: rule.texts,
  max_token_age_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  authorize: rule.callback,
};
const RULES: rule.Rules<AuthenticateTokenArguments> = { ...SYNC_RULES, signal: rule.signal };

function optionsOf(given: AuthenticateTokenArguments): Native.AuthenticateOptions {
  const { access_token: _, authorize, signal: __, ...options } = given;
  return { ...options, decides_itself: authorize !== undefined } as Native.AuthenticateOptions;
}

function denied(): InsufficientScopeError {
  return toError(native.insufficientScope()) as InsufficientScopeError;
}

/** Decides at once while the keys are at hand; the promise is then settled when it is returned. */
export async function authenticateToken(
  verifier: Native.TokenVerifier,
  args: AuthenticateTokenArguments,
): Promise<TokenClaims> {
  const given = rule.take(args, RULES);
  const { access_token, required_scopes = [], authorize, signal } = given;
  signal?.throwIfAborted();
  const options = optionsOf(given);
  const decided = verifier.tryAuthenticateToken(access_token, options);
  const claims = toTokenClaims(
    decided === null
      ? await call(signal, (cancel) => verifier.authenticateToken(access_token, options, cancel))
      : unwrap(decided),
  );
  if (authorize && (await authorize(claims, required_scopes)) !== true) throw denied();
  return claims;
}

/** Decides without waiting, or says that the keys are not at hand. */
export function authenticateTokenSync(
  verifier: Native.TokenVerifier,
  args: AuthenticateTokenSyncArguments,
): TokenClaims {
  const given = rule.take(args, SYNC_RULES);
  const { access_token, required_scopes = [], authorize } = given;
  const decided = verifier.tryAuthenticateToken(access_token, optionsOf(given));
  if (decided === null) {
    const message = 'the keys are not at hand: await warmUp() or authenticateToken() first';
    throw new KeysUnavailableError(message, {}, { http_status: 503 });
  }
  const claims = toTokenClaims(unwrap(decided));
  const answer: unknown = authorize?.(claims, required_scopes);
  if (answer instanceof Promise) {
    throw invalidConfig('authorize', 'authorize returned a promise: use authenticateToken');
  }
  if (authorize && answer !== true) throw denied();
  return claims;
}

/**
 * The token in an `Authorization` header's value: `Bearer`, in any case, and one token.
 * `undefined` is a request without the header.
 *
 * @throws {@link InvalidTokenError} with the reason `missing` when there is no header or another
 *   scheme, `malformed` when the scheme is not followed by exactly one token.
 */
export function tokenFromAuthorizationHeader(value: string | undefined): string {
  const outcome = native.tokenFromAuthorizationHeader(value);
  if (typeof outcome === 'string') return outcome;
  throw toError(outcome);
}

/** Fetches the keys that are not at hand. */
export async function warmUp(
  verifier: Native.TokenVerifier,
  args: rule.Cancellable,
): Promise<void> {
  const { signal } = rule.take<rule.Cancellable>(args, { signal: rule.signal });
  await call(signal, (cancel) => verifier.warmUp(cancel));
}

/** A signature algorithm. There is no symmetric one. */
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
  /** The `iss` values that it uses, compared exactly. */
  issuers: readonly string[];
  /** The `aud` values of which a token must carry at least one. */
  audiences: readonly string[];
  /** The signature algorithms allowed. Default: RS256. */
  algorithms?: readonly Algorithm[] | undefined;
  /** The URL of its JWK Set. This or `jwks`. */
  jwks_url?: string | undefined;
  /** Its JWK Set itself, as text or object. */
  jwks?: string | object | undefined;
  /** How its claims name the client. Default: `oauth` (RFC 9068). */
  profile?: 'stytch' | 'auth0' | 'oauth' | undefined;
  /** Accept tokens without `typ`. Default: no. */
  allow_missing_typ?: boolean | undefined;
  /** Accept tokens without `kid` while exactly one key fits. Default: no. */
  allow_missing_kid?: boolean | undefined;
  /** Accept `scope` as an array of strings. Default: no. */
  accept_scope_array?: boolean | undefined;
}

const ISSUER_RULES: rule.Rules<IssuerConfig> = {
  issuers: rule.required(rule.texts),
  audiences: rule.required(rule.texts),
  algorithms: rule.texts,
  jwks_url: rule.text,
  jwks: rule.textOrObject,
  profile: rule.text,
  allow_missing_typ: rule.flag,
  allow_missing_kid: rule.flag,
  accept_scope_array: rule.flag,
};

function toNativeIssuer(issuer: IssuerConfig): Native.IssuerConfig {
  const { jwks, ...rest } = rule.take(issuer, ISSUER_RULES);
  const keys = typeof jwks === 'object' ? { jwks: stringify('jwks', jwks) } : { jwks };
  return { ...rest, ...keys } as Native.IssuerConfig;
}

/** A Stytch project. */
export interface StytchIssuer {
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
}

const STYTCH_RULES: rule.Rules<StytchIssuer> = {
  project_id: rule.required(rule.text),
  base_url: rule.text,
  vertical: rule.text,
};
const AUTH0_RULES: rule.Rules<Auth0Issuer> = {
  domain: rule.required(rule.text),
  audience: rule.required(rule.text),
};

/** The settings of well-known issuers, to pass to a {@link TokenVerifier} or to change first. */
export const IssuerConfig = {
  /** A Stytch project's. */
  stytch(args: StytchIssuer): IssuerConfig {
    const { project_id, base_url, vertical } = rule.take(args, STYTCH_RULES);
    return unwrap(native.stytchIssuer(project_id, base_url, vertical)) as IssuerConfig;
  },
  /** An Auth0 tenant's. */
  auth0(args: Auth0Issuer): IssuerConfig {
    const { domain, audience } = rule.take(args, AUTH0_RULES);
    return unwrap(native.auth0Issuer(domain, audience)) as IssuerConfig;
  },
};

/** Settings of a {@link TokenVerifier}. */
export interface TokenVerifierSettings extends rule.Timeouts {
  /** The issuers whose tokens are accepted. At least one. */
  issuers: readonly IssuerConfig[];
}

const VERIFIER_RULES: rule.Rules<TokenVerifierSettings> = {
  issuers: rule.required(rule.array),
  ...rule.timeouts,
};

/** Verifies access tokens of one or several issuers. Needs no secret. */
export class TokenVerifier {
  readonly #native: Native.TokenVerifier;

  /** No I/O: keys are fetched when the first token needs them. */
  constructor(settings: TokenVerifierSettings) {
    const { issuers, ...timeouts } = rule.take(settings, VERIFIER_RULES);
    const built = native.newTokenVerifier(issuers.map(toNativeIssuer), timeouts as Native.Timeouts);
    this.#native = unwrap(built);
  }

  /**
   * Verifies a token: signature, issuer, audience, times and scopes. While the keys are at hand it
   * decides at once, on this thread.
   */
  authenticateToken(args: AuthenticateTokenArguments): Promise<TokenClaims> {
    return authenticateToken(this.#native, args);
  }

  /** As {@link authenticateToken}, for keys at hand; else throws {@link KeysUnavailableError}. */
  authenticateTokenSync(args: AuthenticateTokenSyncArguments): TokenClaims {
    return authenticateTokenSync(this.#native, args);
  }

  /** Fetches the keys, so that the first token need not wait. */
  warmUp(args: rule.Cancellable = {}): Promise<void> {
    return warmUp(this.#native, args);
  }
}
