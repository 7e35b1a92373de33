/**
 * An interceptor for undici's dispatchers.
 *
 * @module stytch-m2m/undici
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

import * as rule from './arguments';
import { OUTGOING_RULES, OutgoingTokens, type OutgoingSettings } from './outgoing';
import { forDispatcher, withController, type Controller, type Handler } from './undici-handlers';

/** What {@link tokenInterceptor} takes. */
export interface TokenInterceptorArguments extends OutgoingSettings {}

/** The most of a refusal that is held back while there may be a repetition. */
const HELD_LIMIT = 64 * 1024;

/**
 * An interceptor that sends an access token along: `new Agent().compose(tokenInterceptor(...))`, to the
 * origins given alone; a request that has an `Authorization` header already keeps it. When the server
 * answers that the token is invalid, it asks for another and repeats the request once, unless its body
 * is a stream.
 *
 * Compose it before interceptors that change where a request goes, such as undici's `redirect` and
 * `dns`: then it sees each request as it leaves. A `Client` or `Pool` names the origin only where the
 * request does.
 */
export function tokenInterceptor(
  args: TokenInterceptorArguments,
): Dispatcher.DispatcherComposeInterceptor {
  rule.atMost(arguments.length);
  const tokens = new OutgoingTokens(rule.take(args, OUTGOING_RULES));
  return (dispatch) => (options, handler) => {
    const { signal } = options as { signal?: unknown };
    // A copy, which stays as it is checked, with one origin for both.
    const origin = String(options.origin);
    const own = options.origin === undefined ? { ...options } : { ...options, origin };
    const told = withController(handler);
    const send: Dispatcher.Dispatch = (options, own) => dispatch(options, forDispatcher(own));
    const request = { tokens, dispatch: send, options: own, origin, handler: told, signal: toSignal(signal) };
    void start(request).catch((error: Error) => fail(told, error));
    return true;
  };
}

interface OutgoingRequest {
  tokens: OutgoingTokens;
  dispatch: Dispatcher.Dispatch;
  options: Dispatcher.DispatchOptions;
  origin: string;
  handler: Handler;
  signal: AbortSignal | undefined;
}

async function start(request: OutgoingRequest): Promise<void> {
  const { tokens, dispatch, options, origin, handler, signal } = request;
  const token = hasAuthorization(options) ? undefined : await tokens.for(origin, signal);
  if (token === undefined) {
    dispatch(options, handler);
    return;
  }
  const { body } = options;
  const isRepeatable = body == null || typeof body === 'string' || body instanceof Uint8Array;
  dispatch(withToken(options, token), isRepeatable ? new Attempt(request, token) : handler);
}

function fail(handler: Handler, error: Error): void {
  // There is no request, and so no controller, which undici's own interceptors leave out as well.
  handler.onResponseError?.(null as unknown as Controller, error);
}

/** Passes an answer on, except that it first looks for another token when it is a refusal. */
class Attempt implements Handler {
  readonly #request: OutgoingRequest;
  readonly #handler: Handler;
  readonly #token: string;
  /** A refusal as it came so far. */
  #held: { start: () => void; data: Buffer[]; size: number } | undefined;

  constructor(request: OutgoingRequest, token: string) {
    this.#request = request;
    this.#handler = request.handler;
    this.#token = token;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(...args: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...args);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, text?: string): void {
    const start = () => this.#handler.onResponseStart?.(controller, status, headers, text);
    const { tokens, origin: url } = this.#request;
    if (!tokens.isRefusal({ url, status, challenges: headers['www-authenticate'] })) start();
    else this.#held = { start, data: [], size: 0 };
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const held = this.#held;
    if (held === undefined) {
      this.#handler.onResponseData?.(controller, chunk);
      return;
    }
    held.data.push(chunk);
    held.size += chunk.length;
    if (held.size > HELD_LIMIT) this.#release(controller);
  }

  onResponseEnd(controller: Controller, trailers: IncomingHttpHeaders): void {
    const end = () => {
      this.#release(controller);
      this.#handler.onResponseEnd?.(controller, trailers);
    };
    if (this.#held === undefined) end();
    else void this.#repeat(end).catch((error: Error) => fail(this.#handler, error));
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#handler.onResponseError?.(controller, error);
  }

  async #repeat(end: () => void): Promise<void> {
    const { tokens, dispatch, options, handler, signal } = this.#request;
    const fresh = await tokens.inPlaceOf(this.#token, signal);
    if (fresh === undefined) end();
    else dispatch(withToken(options, fresh), handler);
  }

  #release(controller: Controller): void {
    const held = this.#held;
    this.#held = undefined;
    held?.start();
    for (const chunk of held?.data ?? []) this.#handler.onResponseData?.(controller, chunk);
  }
}

function toSignal(signal: unknown): AbortSignal | undefined {
  return rule.signal.holds(signal) ? (signal as AbortSignal) : undefined;
}

function hasAuthorization({ headers }: Dispatcher.DispatchOptions): boolean {
  return pairs(headers).some(([name]) => name.toLowerCase() === 'authorization');
}

function withToken(
  options: Dispatcher.DispatchOptions,
  token: string,
): Dispatcher.DispatchOptions {
  const headers = pairs(options.headers).flat();
  return { ...options, headers: [...headers, 'authorization', `Bearer ${token}`] as string[] };
}

/** The headers in each of the forms that undici takes. */
function pairs(headers: Dispatcher.DispatchOptions['headers']): [string, unknown][] {
  if (!headers) return [];
  if (Array.isArray(headers)) {
    return headers.flatMap((name, index) => (index % 2 ? [] : [[String(name), headers[index + 1]]]));
  }
  if (Symbol.iterator in headers) return [...headers] as [string, unknown][];
  return Object.entries(headers);
}

/**
 * This is CommonJS without a default export. Bundlers go by the marker, and so do types: a default
 * import, which would be undefined there, does not compile.
 *
 * @hidden
 */
export declare const __esModule: true;
