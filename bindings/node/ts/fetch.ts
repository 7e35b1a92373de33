/**
 * `fetch` with an access token.
 *
 * @module stytch-m2m/fetch
 */

import * as rule from './arguments';
import { OUTGOING_RULES, OutgoingTokens, isStream, type OutgoingSettings } from './outgoing';

/** What is used of a `fetch`: the global one, or another, whose `Request` may be a class of its own. */
export type Fetch = (input: any, init?: any) => Promise<FetchAnswer>;

/** What is used of an answer. */
export interface FetchAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** Where it comes from, after redirects. */
  readonly url: string;
  /** The headers, each with its values joined by commas. */
  readonly headers: { get(name: string): string | null };
  /** The body, if there is one. */
  readonly body: unknown;
}

/** What {@link tokenFetch} takes. */
export interface TokenFetchArguments<F extends Fetch = typeof fetch> extends OutgoingSettings {
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: F | undefined;
}

const RULES: rule.Rules<TokenFetchArguments<Fetch>> = { ...OUTGOING_RULES, fetch: rule.callback };

/** The members of an `init` that is a `Request`, which has them on its prototype. */
const REQUEST_MEMBERS = [
  ...['method', 'headers', 'body', 'mode', 'credentials', 'cache', 'redirect', 'referrer'],
  ...['referrerPolicy', 'integrity', 'keepalive', 'signal', 'duplex'],
];

/**
 * A `fetch` that sends an access token along, to the origins given alone; a request that has an
 * `Authorization` header already keeps it. When the server answers that the token is invalid, it asks
 * for another and repeats the request once, unless its body is a stream or that of a `Request`.
 * Whatever else is in `init` is passed on.
 */
export function tokenFetch<F extends Fetch = typeof fetch>(args: TokenFetchArguments<F>): F {
  const { fetch: given, ...settings } = rule.take<TokenFetchArguments<Fetch>>(args, RULES);
  const tokens = new OutgoingTokens(settings);
  // The global one is looked up at each request, for frameworks and tests replace it.
  const send: Fetch = given ?? ((input, init) => fetch(input, init));
  const authorized = async (input: any, given_init: any): Promise<FetchAnswer> => {
    const { target, url, init, headers, body, signal } = read(input, given_init);
    const token = headers.has('authorization') ? undefined : await tokens.for(url, signal);
    if (token === undefined) return send(target, init);
    const sendWith = (token: string) => {
      headers.set('authorization', `Bearer ${token}`);
      return send(target, { ...init, headers: new Headers(headers) });
    };
    const answer = await sendWith(token);
    const { status } = answer;
    const challenges = answer.headers.get('www-authenticate');
    const refusal = { url: answer.url || url, status, challenges };
    if (isStream(body) || !tokens.isRefusal(refusal)) return answer;
    const fresh = await tokens.inPlaceOf(token, signal);
    if (fresh === undefined) return answer;
    await (answer.body as ReadableStream | null)?.cancel?.();
    return sendWith(fresh);
  };
  return authorized as unknown as F;
}

/** A request as `fetch` takes it. What is not a `Request` is made a string, which stays as it is checked. */
function read(input: any, given_init: any) {
  const request = typeof input?.url === 'string' ? input : undefined;
  const init = membersOf(given_init);
  const target = request ?? String(input);
  return {
    target,
    url: request?.url ?? target,
    init,
    headers: new Headers(init['headers'] ?? request?.headers),
    body: init['body'] ?? request?.body,
    signal: init['signal'] ?? request?.signal ?? undefined,
  };
}

function membersOf(init: any): Record<string, any> {
  const members = { ...init };
  if (typeof init?.url !== 'string') return members;
  for (const name of REQUEST_MEMBERS) members[name] = init[name];
  return members;
}
