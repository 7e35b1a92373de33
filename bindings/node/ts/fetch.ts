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
  /** Whether it came after a redirect. */
  readonly redirected?: boolean;
  /** The headers, each with its values joined by commas. */
  readonly headers: Pick<Headers, 'get'>;
  /** The body, if there is one. */
  readonly body: unknown;
}

/** What {@link tokenFetch} takes. */
export interface TokenFetchArguments<F extends Fetch = typeof fetch> extends OutgoingSettings {
  /** Sends the requests. Default: the global `fetch`. */
  fetch?: F | undefined;
}

const RULES: rule.Rules<TokenFetchArguments<Fetch>> = { ...OUTGOING_RULES, fetch: rule.callback };

/** What is read of a `Request`, whichever class it is of. */
interface RequestLike {
  readonly url: string;
  readonly headers?: Headers;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** What is read of `init`. */
interface Init {
  readonly headers?: RequestInit['headers'] | null;
  readonly body?: unknown;
  readonly signal?: AbortSignal | null;
}

/** The members of an `init` that is a `Request`, which has them on its prototype. */
const REQUEST_MEMBERS = [
  ...['method', 'headers', 'body', 'mode', 'credentials', 'cache', 'redirect', 'referrer'],
  ...['referrerPolicy', 'integrity', 'keepalive', 'signal', 'duplex'],
];

/**
 * A `fetch` that sends an access token along, to the origins given alone; a request that has an
 * `Authorization` header already keeps it. When the server answers that the token is invalid, it asks
 * for another and repeats the request once, unless its body is a stream or that of a `Request`, or it was
 * redirected: the first server has taken it then.
 * Whatever else is in `init` is passed on.
 *
 * @typeParam F The type of `fetch`.
 */
export function tokenFetch<F extends Fetch = typeof fetch>(args: TokenFetchArguments<F>): F {
  rule.atMost(arguments.length);
  const { fetch: given, ...settings } = rule.take<TokenFetchArguments<Fetch>>(args, RULES);
  const tokens = new OutgoingTokens(settings);
  // The global one is looked up at each request, for frameworks and tests replace it.
  const send: Fetch = given ?? ((...args: Parameters<typeof fetch>) => fetch(...args));
  const authorized = async (input: unknown, given_init?: object): Promise<FetchAnswer> => {
    const { target, url, init, headers, body, signal } = read(input, given_init);
    const token = headers.has('authorization') ? undefined : await tokens.for(url, signal);
    if (token === undefined) return send(target, init);
    const sendWith = (token: string) => {
      headers.set('authorization', `Bearer ${token}`);
      return send(target, { ...init, headers: new Headers(headers) });
    };
    const answer = await sendWith(token);
    const { status, redirected } = answer;
    const challenges = answer.headers.get('www-authenticate');
    const refusal = { url: answer.url || url, status, challenges };
    if (redirected || isStream(body) || !tokens.isRefusal(refusal)) return answer;
    const fresh = await tokens.inPlaceOf(token, signal);
    if (fresh === undefined) return answer;
    await (answer.body as Partial<ReadableStream> | null)?.cancel?.();
    return sendWith(fresh);
  };
  return authorized as unknown as F;
}

/** A request as `fetch` takes it. What is not a `Request` is made a string, which stays as it is checked. */
function read(input: unknown, given_init: object | undefined) {
  const request = isRequest(input) ? input : undefined;
  const target = request ?? String(input);
  const init: Init = isRequest(given_init) ? membersOf(given_init) : { ...given_init };
  return {
    target,
    url: typeof target === 'string' ? target : target.url,
    init,
    headers: new Headers(init.headers ?? request?.headers),
    body: init.body ?? request?.body,
    signal: init.signal ?? request?.signal,
  };
}

function isRequest(value: unknown): value is RequestLike {
  return typeof value === 'object' && value !== null && typeof (value as RequestLike).url === 'string';
}

function membersOf(init: object): Init {
  const known = init as Readonly<Record<string, unknown>>;
  return { ...init, ...Object.fromEntries(REQUEST_MEMBERS.map((name) => [name, known[name]])) };
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
