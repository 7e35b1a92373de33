/** `fetch` with an access token. */

import * as rule from './arguments';
import { invalidConfig } from './errors';
import type { TokenSource } from './source';

/** What {@link tokenFetch} takes. */
export interface TokenFetchArguments {
  /** Where the tokens come from. */
  source: Pick<TokenSource, 'getToken' | 'invalidate'>;
  /** The origins that may see them, such as `https://api.example.com`. Others are refused. */
  origins: readonly string[];
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

const RULES: rule.Rules<TokenFetchArguments> = {
  source: rule.required(rule.object),
  origins: rule.required(rule.texts),
  fetch: rule.callback,
};

/**
 * A `fetch` that sends an access token along. When the server answers that the token is invalid, it
 * asks for another and repeats the request once, unless its body is a stream.
 */
export function tokenFetch(args: TokenFetchArguments): typeof fetch {
  const { source, origins: given, fetch: send = fetch } = rule.take(args, RULES);
  const origins = new Set(given.map(toOrigin));
  return async (input, init) => {
    const request = new Request(input, init);
    if (!origins.has(new URL(request.url).origin)) {
      throw invalidConfig('origins', 'origins do not name the origin of this request');
    }
    const spare = isRepeatable(input, init) ? request.clone() : undefined;
    const { signal } = request;
    const { access_token } = await source.getToken({ signal });
    const response = await send(withToken(request, access_token));
    if (spare === undefined || !refusesToken(response)) return response;
    source.invalidate({ access_token });
    const fresh = await source.getToken({ signal });
    if (fresh.access_token === access_token) return response;
    await response.body?.cancel();
    return send(withToken(spare, fresh.access_token));
  };
}

function toOrigin(text: string): string {
  const { origin } = URL.canParse(text) ? new URL(text) : { origin: 'null' };
  if (origin === text.replace(/\/$/, '')) return origin;
  throw invalidConfig('origins', 'origins must be like https://api.example.com, without a path');
}

function withToken(request: Request, access_token: string): Request {
  request.headers.set('authorization', `Bearer ${access_token}`);
  return request;
}

function isRepeatable(...[input, init]: Parameters<typeof fetch>): boolean {
  const body: unknown = init?.body ?? (input instanceof Request ? input.body : null);
  const isStream = typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
  return !isStream;
}

/** RFC 6750, section 3.1. */
function refusesToken({ status, headers }: Response): boolean {
  const challenge = headers.get('www-authenticate') ?? '';
  return status === 401 && /\bbearer\b.*\berror="?invalid_token\b/i.test(challenge);
}
