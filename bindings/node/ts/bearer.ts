// What the guards share: the token of a request, its verification, and the answer to a refusal.

import * as rule from './arguments';
import { unwrap } from './call';
import type { M2M } from './client';
import { StytchM2MError, type Refusal } from './errors';
import { native, type Native } from './native';
import type { TokenClaims } from './records';
import type { TokenVerifier } from './verifier';
import { tokenFromAuthorizationHeaders, type Authorize } from './verify';

/** Who verifies: `client.m2m`, or a {@link TokenVerifier}. */
export interface VerifierSettings {
  /** Decides about the tokens. */
  verifier: Pick<M2M | TokenVerifier, 'authenticateToken'>;
}

/** What a route asks of a token. */
export interface RouteArguments {
  /** Scopes that the token must grant, all of them. */
  required_scopes?: readonly string[] | undefined;
  /** Refuses tokens this old or older, by `iat`. */
  max_token_age_seconds?: number | undefined;
  /** How far clocks may differ, 0 to 300. Default 0; `nbf` and `iat` may always lie 5 seconds ahead. */
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
  required_scopes: rule.texts,
  max_token_age_seconds: rule.count,
  clock_tolerance_seconds: rule.count,
  authorize: rule.callback,
};

/** What is read of a request: Node's own, or what a framework made of it. */
export interface IncomingRequest {
  headers?: { authorization?: string | string[] | undefined } | undefined;
  rawHeaders?: readonly string[] | undefined;
}

/** Decides about a request. */
export type Bearer = (request: IncomingRequest) => Promise<TokenClaims | Refusal>;

/** What decides about a route's requests. Wrong arguments are found here, when the server starts. */
export function bearer({ verifier }: VerifierSettings, args: RouteArguments): Bearer {
  const route = rule.take(args, ROUTE_RULES);
  const { authorize, ...options } = route;
  unwrap(
    native.checkOptions({ ...options, decides_itself: authorize !== undefined } as Native.AuthenticateOptions),
  );
  return async (request) => {
    try {
      const access_token = tokenFromAuthorizationHeaders(authorizationHeaders(request));
      return await verifier.authenticateToken({ access_token, ...route });
    } catch (error) {
      // What is not about the caller's token is the application's.
      if (!(error instanceof StytchM2MError) || error.refusal === undefined) throw error;
      return error.refusal;
    }
  };
}

export function isRefusal(outcome: TokenClaims | Refusal): outcome is Refusal {
  return 'status' in outcome;
}

/**
 * A request's `Authorization` headers. Of several, Node's `headers` has the first alone. Where there is
 * one, `headers` counts, which an application may have changed.
 */
function authorizationHeaders({ headers, rawHeaders = [] }: IncomingRequest): string[] {
  const isName = (text: string, index: number) => index % 2 === 0 && text.toLowerCase() === 'authorization';
  const sent = rawHeaders.flatMap((text, index) => (isName(text, index) ? [rawHeaders[index + 1] ?? ''] : []));
  return sent.length > 1 ? sent : [headers?.authorization ?? []].flat();
}
