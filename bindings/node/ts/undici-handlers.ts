// The two shapes of undici's handlers: the one with a controller, and the older one of undici 6 and of the
// `fetch` that is built into Node, which has `onConnect` and raw headers.

import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';

export type Handler = Dispatcher.DispatchHandler;
export type Controller = Dispatcher.DispatchController;

type Raw = readonly (Buffer | string)[];

/** The older shape. */
export interface OldHandler {
  onConnect?(abort: (reason?: Error) => void, context?: unknown): void;
  onUpgrade?(status: number, headers: Buffer[], socket: Duplex): void;
  onResponseStarted?(): void;
  onHeaders?(status: number, headers: Buffer[], resume: () => void, text: string): boolean;
  onData?(chunk: Buffer): boolean;
  onComplete?(trailers: Raw | null): void;
  onError?(error: Error): void;
  onBodySent?(bytes: number, total: number): void;
}

/** `handler` in the shape with a controller. */
export function withController(handler: Handler | OldHandler): Handler {
  if ('onRequestStart' in handler && typeof handler.onRequestStart === 'function') return handler;
  return typeof handler.onConnect === 'function' ? new Upgraded(handler) : handler;
}

/**
 * `handler` for a dispatcher of either shape: one of undici 7 or 8 looks for `onRequestStart` first, one of
 * undici 6 for `onConnect` alone.
 */
export function forDispatcher(handler: Handler): Handler {
  return new Either(handler);
}

/** Calls a handler of the older shape. */
class Upgraded implements Handler {
  readonly #old: OldHandler;

  constructor(old: OldHandler) {
    this.#old = old;
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#old.onConnect?.((reason) => controller.abort(reason ?? new Error('aborted')), context);
  }

  onRequestUpgrade(controller: Controller, status: number, headers: IncomingHttpHeaders, socket: Duplex): void {
    this.#old.onUpgrade?.(status, toRaw(controller.rawHeaders, headers), socket);
  }

  onResponseStart(controller: Controller, status: number, headers: IncomingHttpHeaders, text?: string): void {
    this.#old.onResponseStarted?.();
    const raw = toRaw(controller.rawHeaders, headers);
    const goesOn = this.#old.onHeaders?.(status, raw, () => controller.resume(), text ?? '');
    if (goesOn === false) controller.pause();
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#old.onData?.(chunk) === false) controller.pause();
  }

  onResponseEnd(controller: Controller, trailers: IncomingHttpHeaders): void {
    this.#old.onComplete?.(toRaw(controller.rawTrailers, trailers));
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#old.onError?.(error);
  }

  onBodySent(bytes: number, total: number): void {
    this.#old.onBodySent?.(bytes, total);
  }
}

/** Is called in either shape, and calls a handler that has a controller. */
class Either implements Handler, OldHandler {
  readonly #handler: Handler;
  #controller = new OldController(() => undefined);

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  onRequestStart(...args: Parameters<NonNullable<Handler['onRequestStart']>>): void {
    this.#handler.onRequestStart?.(...args);
  }

  onRequestUpgrade(...args: Parameters<NonNullable<Handler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...args);
  }

  onResponseStart(...args: Parameters<NonNullable<Handler['onResponseStart']>>): void {
    this.#handler.onResponseStart?.(...args);
  }

  onResponseData(...args: Parameters<NonNullable<Handler['onResponseData']>>): void {
    this.#handler.onResponseData?.(...args);
  }

  onResponseEnd(...args: Parameters<NonNullable<Handler['onResponseEnd']>>): void {
    this.#handler.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Handler['onResponseError']>>): void {
    this.#handler.onResponseError?.(...args);
  }

  onBodySent(bytes: number, total: number): void {
    this.#handler.onBodySent?.(bytes, total);
  }

  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    this.#controller = new OldController(abort);
    this.#handler.onRequestStart?.(this.#controller, context);
  }

  onUpgrade(status: number, headers: Buffer[], socket: Duplex): void {
    this.#controller.rawHeaders = headers;
    this.#handler.onRequestUpgrade?.(this.#controller, status, fromRaw(headers), socket);
  }

  onHeaders(status: number, headers: Buffer[], resume: () => void, text: string): boolean {
    this.#controller.rawHeaders = headers;
    this.#controller.resumes = resume;
    this.#handler.onResponseStart?.(this.#controller, status, fromRaw(headers), text);
    return !this.#controller.paused;
  }

  onData(chunk: Buffer): boolean {
    this.#handler.onResponseData?.(this.#controller, chunk);
    return !this.#controller.paused;
  }

  onComplete(trailers: Raw | null): void {
    this.#controller.rawTrailers = trailers as Buffer[] | null;
    this.#handler.onResponseEnd?.(this.#controller, fromRaw(trailers ?? []));
  }

  onError(error: Error): void {
    this.#handler.onResponseError?.(this.#controller, error);
  }
}

/** The controller of a request that a dispatcher of the older shape sends. */
class OldController implements Controller {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  rawHeaders: Buffer[] | null = null;
  rawTrailers: Buffer[] | string[] | null = null;
  resumes: (() => void) | undefined;
  readonly #abort: (reason?: Error) => void;

  constructor(abort: (reason?: Error) => void) {
    this.#abort = abort;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.#abort(reason);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.resumes?.();
  }
}

function fromRaw(raw: Raw): IncomingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = textOf(raw[index]).toLowerCase();
    const value = textOf(raw[index + 1]);
    const known = headers[name];
    headers[name] = known === undefined ? value : [known, value].flat();
  }
  return headers;
}

function textOf(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '');
}

/** The headers as they came, or else as they were parsed. */
function toRaw(raw: unknown, headers: IncomingHttpHeaders): Buffer[] {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  if (Array.isArray(raw)) return raw.map((part: Buffer | string) => (typeof part === 'string' ? bytes(part) : part));
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((one) => [bytes(name), bytes(one)]),
  );
}
