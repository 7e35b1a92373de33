import * as rule from './arguments';
import type { M2M } from './client';
import { StytchM2MError, invalidConfig } from './errors';
import type { TokenClaims } from './records';
import type { TokenVerifier } from './verifier';
import { tokenFromAuthorizationHeader, type Authorize } from './verify';

/** Who verifies: `client.m2m`, or a {@link TokenVerifier}. */
export interface VerifierSettings {
  /** Decides about the tokens. */
  verifier: Pick<M2M | TokenVerifier, 'authenticateToken'>;
}

/** What a route asks of a token. */
export interface RouteArguments {
  /** Scopes that the token must grant, all of them. */
  scopes?: readonly string[] | undefined;
  /** Refuses tokens this old or older, by `iat`. */
  max_token_age_seconds?: number | undefined;
  /** How far clocks may differ, 0 to 300. Default 0. */
  clock_tolerance_seconds?: number | undefined;
  /** Replaces the scope comparison. Only `true` allows. */
  authorize?: Authorize | undefined;
}

export const VERIFIER_RULES: rule.Rules<VerifierSettings> = {
  verifier: rule.required({
    must: 'be a TokenVerifier or client.m2m',
    holds: (value) => typeof (value as { authenticateToken?: unknown }).authenticateToken === 'function',
  }),
};
export const ROUTE_RULES: rule.Rules<RouteArguments> = {
  scopes: rule.texts,
  max_token_age_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  authorize: rule.callback,
};

/** How to answer a request that is refused (RFC 6750, section 3). */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string };
}

/** Decides about the value of an `Authorization` header. */
export type Bearer = (authorization: string | undefined) => Promise<TokenClaims | Refusal>;

/** What decides about a route's requests. Wrong arguments are found here, when the server starts. */
export function bearer({ verifier }: VerifierSettings, args: RouteArguments): Bearer {
  const { scopes = [], ...rest } = rule.take(args, ROUTE_RULES);
  if (scopes.some((scope) => !/^[!#-[\]-~]+$/.test(scope))) {
    throw invalidConfig('scopes', 'scopes must be names of printable ASCII without spaces');
  }
  return async (authorization) => {
    try {
      const access_token = tokenFromAuthorizationHeader(authorization);
      return await verifier.authenticateToken({ access_token, required_scopes: scopes, ...rest });
    } catch (error) {
      return refusalOf(error);
    }
  };
}

export function isRefusal(outcome: TokenClaims | Refusal): outcome is Refusal {
  return 'status' in outcome;
}

function refusal(status: number, error: string, challenge?: string): Refusal {
  const headers = { 'cache-control': 'no-store' };
  if (challenge === undefined) return { status, headers, body: { error } };
  return { status, headers: { ...headers, 'www-authenticate': challenge }, body: { error } };
}

/** The answer to `error`, which is thrown on if it is not about the caller's token. */
function refusalOf(error: unknown): Refusal {
  if (!(error instanceof StytchM2MError) || error.http_status === 500) throw error;
  const { http_status, code, www_authenticate, retry_after_seconds } = error;
  const refused = refusal(http_status, code, www_authenticate);
  if (retry_after_seconds === undefined) return refused;
  const wait = String(Math.ceil(retry_after_seconds));
  return { ...refused, headers: { ...refused.headers, 'retry-after': wait } };
}
