// Verification, and the core's functions for bearer tokens.

import * as rule from './arguments';
import { call, unwrap } from './call';
import { InsufficientScopeError, KeysUnavailableError, invalidConfig, toError } from './errors';
import { EXACT, stringify, type JsonFormat } from './json';
import { native, type Native } from './native';
import { toTokenClaims, type TokenClaims } from './records';
import * as organization from './required-organization';
import type { RequiredOrganization } from './required-organization';
import { toHealth, toKeySets, type ExportedKeySet, type KeySetHealth } from './state';

/** Decides in place of the scope comparison. Only `true` allows. */
export type Authorize<R = boolean | Promise<boolean>> = (
  claims: TokenClaims,
  required_scopes: readonly string[],
) => R;

/** What the official client gives to the function that it takes beside the arguments. */
export interface ScopeAuthorizationArguments {
  /** The scopes that the token has. */
  hasScopes: string[];
  /** The scopes that are required. */
  requiredScopes: string[];
}

/** The official client's form of {@link Authorize}. Only `true` allows. */
export type ScopeAuthorization = (args: ScopeAuthorizationArguments) => boolean | Promise<boolean>;

/** What one verification asks for, when it cannot wait. */
export interface AuthenticateTokenSyncArguments<R = boolean> {
  /** The token, without `Bearer `. */
  access_token: string;
  /** Scopes that the token must grant; all are required. Default: none. */
  required_scopes?: readonly string[] | undefined;
  /**
   * The id of the organization that the token must belong to, compared exactly, or {@link ANY_ORGANIZATION}. A token
   * of another organization, or of none, is an {@link InsufficientScopeError} with the reason `wrong_organization`,
   * before its scopes are compared. Default: not checked; `undefined` is an error, since it may be a value that was
   * missing by accident.
   */
  organization?: RequiredOrganization;
  /** Refuses tokens this old or older, by `iat`. 0 refuses every token. */
  max_token_age_seconds?: number | undefined;
  /**
   * The allowed difference between the clocks, 0 to 300. Default 0; `nbf` and `iat` may always lie
   * 5 seconds ahead.
   */
  clock_tolerance_seconds?: number | undefined;
  /** Replaces the scope comparison. Default: none. What it throws is thrown. */
  authorize?: Authorize<R> | undefined;
}

/** Options of one verification. */
export interface AuthenticateTokenArguments
  extends AuthenticateTokenSyncArguments<boolean | Promise<boolean>>,
    rule.Cancellable {
  /** Decides on another thread, for an event loop that must not be held up even for that. */
  off_thread?: boolean | undefined;
}

/** Keys that were fetched elsewhere. */
export interface KeySetSeed {
  /** One of the issuer's names. Default: the only issuer. */
  issuer?: string | undefined;
  /** Its JWK Set, as text or object. */
  jwks: string | object;
  /** When it was fetched. */
  fetched_at: Date;
}

const SYNC_RULES: rule.Rules<AuthenticateTokenSyncArguments> = {
  access_token: rule.required(rule.text),
  required_scopes: rule.texts,
  organization: organization.required,
  max_token_age_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  authorize: rule.callback,
};
const RULES: rule.Rules<AuthenticateTokenArguments> = {
  ...SYNC_RULES,
  off_thread: rule.flag,
  signal: rule.signal,
};
const SEED_RULES: rule.Rules<KeySetSeed> = {
  issuer: rule.text,
  jwks: rule.required(rule.textOrObject),
  fetched_at: rule.required(rule.date),
};

/** The outcome if it needs no waiting. */
function decide(verifier: Native.TokenVerifier, given: AuthenticateTokenArguments) {
  const scopes = given.required_scopes ?? [];
  return verifier.authenticateTokenNow(
    given.access_token,
    scopes.join('\n'),
    scopes.length,
    given.max_token_age_seconds,
    given.clock_tolerance_seconds,
    given.authorize !== undefined,
    typeof given.organization === 'string' ? given.organization : undefined,
    given.organization !== undefined,
  );
}

function optionsOf(given: AuthenticateTokenArguments): Native.AuthenticateOptions {
  const { access_token: _, authorize, off_thread: __, signal: ___, organization: required, ...options } = given;
  const native_organization = organization.toNativeOrganization(required);
  return { ...options, ...native_organization, decides_itself: authorize !== undefined } as Native.AuthenticateOptions;
}

/** The official client's function as ours. Beside `authorize` it would have to be ignored. */
function toAuthorize(decides: ScopeAuthorization, authorize: Authorize | undefined): Authorize {
  rule.positional('scopeAuthorization', decides, rule.callback);
  if (authorize) {
    throw invalidConfig('authorize', 'authorize is given twice: as a member, and as the second argument');
  }
  return (claims, required) =>
    decides({ hasScopes: [...claims.scopes], requiredScopes: [...required] });
}

function denied(claims: TokenClaims, required: readonly string[]): InsufficientScopeError {
  const missing = claims.missingScopes(required);
  return toError(native.insufficientScope(missing)) as InsufficientScopeError;
}

/** What verifies tokens. */
export abstract class Verifying {
  readonly #native: Native.TokenVerifier;
  readonly #format: JsonFormat;

  /** @internal */
  constructor(verifier: Native.TokenVerifier, format: JsonFormat = EXACT) {
    this.#native = verifier;
    this.#format = format;
  }

  /**
   * Verifies an access token: signature, issuer, audience, times and scopes. While the keys are at
   * hand, which they are but for the first call, it decides at once, on this thread; the promise is
   * then settled when it is returned.
   *
   * `scopeAuthorization` is `authorize` as the official client has it: beside the arguments, and called
   * with `{ hasScopes, requiredScopes }`. It is asked about every token, one for which no scopes are
   * required too.
   */
  async authenticateToken(
    args: AuthenticateTokenArguments,
    scopeAuthorization?: ScopeAuthorization,
  ): Promise<TokenClaims> {
    rule.atMost(arguments.length, 2);
    const taken = rule.take(args, RULES);
    organization.mustNotBeLost(args, taken);
    const given =
      scopeAuthorization === undefined
        ? taken
        : { ...taken, authorize: toAuthorize(scopeAuthorization, taken.authorize) };
    const { access_token, required_scopes = [], authorize, off_thread, signal } = given;
    signal?.throwIfAborted();
    const verifier = this.#native;
    const decided = off_thread ? null : decide(verifier, given);
    const wait = (cancel?: Native.Cancel) =>
      verifier.authenticateToken(access_token, optionsOf(given), cancel);
    const claims = toTokenClaims(
      decided === null ? await call(signal, wait) : unwrap(decided),
      this.#format,
    );
    if (authorize && (await authorize(claims, required_scopes)) !== true) {
      throw denied(claims, required_scopes);
    }
    return claims;
  }

  /**
   * As {@link authenticateToken}, with cached keys only; throws {@link KeysUnavailableError}
   * without them.
   */
  authenticateTokenSync(args: AuthenticateTokenSyncArguments): TokenClaims {
    rule.atMost(arguments.length);
    const given = rule.take(args, SYNC_RULES);
    organization.mustNotBeLost(args, given);
    const { required_scopes = [], authorize } = given;
    const decided = decide(this.#native, given);
    if (decided === null) {
      const message = 'the keys are not at hand: await warmUp() or authenticateToken() first';
      throw new KeysUnavailableError(message, {}, { is_transient: true, http_status: 503 });
    }
    const claims = toTokenClaims(unwrap(decided), this.#format);
    const answer: unknown = authorize?.(claims, required_scopes);
    if (answer instanceof Promise) {
      throw invalidConfig('authorize', 'authorize returned a promise: use authenticateToken');
    }
    if (authorize && answer !== true) throw denied(claims, required_scopes);
    return claims;
  }

  /** Fetches the keys that are not cached, so that the first token does not have to wait. */
  async warmUp(args: rule.Cancellable = {}): Promise<void> {
    rule.atMost(arguments.length);
    const { signal } = rule.take<rule.Cancellable>(args, { signal: rule.signal });
    await call(signal, (cancel) => this.#native.warmUp(cancel));
  }

  /**
   * Takes keys that were fetched elsewhere, unless those at hand are newer: for a start without
   * network. They age as if fetched here.
   */
  seedJwks(args: KeySetSeed): void {
    rule.atMost(arguments.length);
    const { jwks, fetched_at, ...issuer } = rule.take(args, SEED_RULES);
    const text = typeof jwks === 'string' ? jwks : stringify('jwks', jwks);
    const seed = { ...issuer, jwks: text, fetched_at: fetched_at.getTime() };
    unwrap(this.#native.seedJwks(seed));
  }

  /** The cached keys that were fetched, for {@link seedJwks}. */
  exportJwks(): ExportedKeySet[] {
    rule.atMost(arguments.length, 0);
    return toKeySets(unwrap(this.#native.exportJwks()));
  }

  /** The state of each issuer's keys. Fetches nothing. */
  health(): KeySetHealth[] {
    rule.atMost(arguments.length, 0);
    return toHealth(unwrap(this.#native.health()));
  }
}

/**
 * The token in an `Authorization` header's value: `Bearer`, in any case, and one token.
 * `undefined` and `null` are a request without the header.
 *
 * @throws {@link InvalidTokenError} with the reason `missing` when there is no header or another
 *   scheme, `malformed` when the scheme is not followed by exactly one token.
 */
export function tokenFromAuthorizationHeader(value: string | null | undefined): string {
  rule.atMost(arguments.length);
  if (value !== undefined && value !== null) rule.positional('value', value, rule.text);
  const outcome = native.tokenFromAuthorizationHeader(value);
  if (typeof outcome === 'string') return outcome;
  throw toError(outcome);
}

/**
 * The token in a request's `Authorization` headers: all of them, as the server received them. Two
 * are refused.
 *
 * @throws {@link InvalidTokenError} as {@link tokenFromAuthorizationHeader}, and with the reason
 *   `malformed` for more than one header.
 */
export function tokenFromAuthorizationHeaders(values: readonly string[]): string {
  rule.atMost(arguments.length);
  rule.positional('values', values, rule.texts);
  const outcome = native.tokenFromAuthorizationHeaders([...values]);
  if (typeof outcome === 'string') return outcome;
  throw toError(outcome);
}

/**
 * Whether an answer says that the token itself is invalid, so that another token may help: status
 * 401 and a `Bearer` challenge with `error="invalid_token"` in a `WWW-Authenticate` header.
 */
export function refusesToken(status: number, www_authenticate: readonly string[]): boolean {
  rule.atMost(arguments.length, 2);
  rule.positional('status', status, rule.status);
  rule.positional('www_authenticate', www_authenticate, rule.texts);
  return native.refusesToken(status, [...www_authenticate]);
}
