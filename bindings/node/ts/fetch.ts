/**
 * `fetch` with an access token.
 *
 * @module stytch-m2m/fetch
 */

import * as rule from './arguments';
import { OUTGOING_RULES, OutgoingTokens, refusesToken, type OutgoingSettings } from './outgoing';

/** What {@link tokenFetch} takes. */
export interface TokenFetchArguments extends OutgoingSettings {
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

const RULES: rule.Rules<TokenFetchArguments> = { ...OUTGOING_RULES, fetch: rule.callback };

/**
 * A `fetch` that sends an access token along. When the server answers that the token is invalid, it
 * asks for another and repeats the request once, unless its body is a stream.
 */
export function tokenFetch(args: TokenFetchArguments): typeof fetch {
  const { fetch: send = fetch, ...settings } = rule.take(args, RULES);
  const tokens = new OutgoingTokens(settings);
  return async (input, init) => {
    const request = new Request(input, init);
    const spare = isRepeatable(input, init) ? request.clone() : undefined;
    const { signal } = request;
    const token = await tokens.for(request.url, signal);
    const response = await send(withToken(request, token));
    const challenge = response.headers.get('www-authenticate');
    if (spare === undefined || !refusesToken(response.status, challenge)) return response;
    const fresh = await tokens.inPlaceOf(token, signal);
    if (fresh === undefined) return response;
    await response.body?.cancel();
    return send(withToken(spare, fresh));
  };
}

function withToken(request: Request, token: string): Request {
  request.headers.set('authorization', `Bearer ${token}`);
  return request;
}

function isRepeatable(...[input, init]: Parameters<typeof fetch>): boolean {
  const body: unknown = init?.body ?? (input instanceof Request ? input.body : null);
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  return !isStream;
}
