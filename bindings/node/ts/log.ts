// The log events of the native module, each in the context of the call that it belongs to.

import { AsyncResource } from 'node:async_hooks';

import * as rule from './arguments';
import { native } from './native';

/** How important an event is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Something that happened. It contains no secret, no token and no claim's value, at any level. */
export interface LogEvent {
  /** How important it is. */
  level: LogLevel;
  /** What happened, as `answered`. */
  message: string;
  /**
   * The facts, by their names. A server's answer has `operation`, `method`, `host` with its port, `path` without ids,
   * `status`, `request_id` and `elapsed_ms`.
   */
  fields: Readonly<Record<string, string | number | boolean>>;
}

/** Hears of each event. An exception that it throws becomes a warning. */
export type LogHandler = (event: LogEvent) => void;

/** What {@link onLog} takes. */
export interface LogSettings {
  /** The least important events to hear of. Default: `debug`, which is all. */
  level?: LogLevel | undefined;
}

interface Told extends Partial<LogEvent> {
  call: number;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const RULES: rule.Rules<LogSettings> = {
  level: { must: `be one of ${LEVELS.join(', ')}`, holds: (value) => LEVELS.includes(value as LogLevel) },
};

const handlers = new Map<object, { handler: LogHandler; least: number }>();
/** The contexts of the calls under way. */
const callers = new Map<number, AsyncResource>();

/**
 * Calls `handler` for each log event of this thread's calls, in the caller's context: an `AsyncLocalStorage` has the store
 * of whoever made the call. Where callers share one request, that is the first of them. With pino:
 * `onLog(({ level, fields, message }) => logger[level](fields, message))`.
 *
 * @returns What ends this.
 */
export function onLog(handler: LogHandler, settings: LogSettings = {}): () => void {
  rule.atMost(arguments.length, 2);
  rule.positional('handler', handler, rule.callback);
  const { level = 'debug' } = rule.take(settings, RULES);
  const key = {};
  handlers.set(key, { handler, least: LEVELS.indexOf(level) });
  listen();
  return () => {
    if (handlers.delete(key)) listen();
  };
}

/** Notes the context of the call that was just begun. */
export function noteCaller(): void {
  if (handlers.size === 0) return;
  const call = native.takeCall();
  if (call !== 0) callers.set(call, new AsyncResource('stytch-m2m.call'));
}

function listen(): void {
  const least = Math.min(...[...handlers.values()].map(({ least }) => least));
  const level = LEVELS[least];
  if (level === undefined) native.unlisten();
  else native.listen(level, told);
}

function told(text: string): void {
  const { call, level, message, fields } = JSON.parse(text) as Told;
  const caller = callers.get(call);
  if (level === undefined || message === undefined || fields === undefined) {
    callers.delete(call);
    return;
  }
  for (const { handler, least } of [...handlers.values()]) {
    if (LEVELS.indexOf(level) < least) continue;
    const tell = () => handler({ level, message, fields });
    try {
      if (caller) caller.runInAsyncScope(tell);
      else tell();
    } catch (cause) {
      const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause;
      process.emitWarning(`onLog's handler threw ${thrown}`, 'StytchM2MWarning');
    }
  }
}
