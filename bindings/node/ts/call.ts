// Calls of the native module: outcomes as values or exceptions, and their cancellation by a signal.

import { toError } from './errors';
import { noteCaller } from './log';
import { native, type Native } from './native';

type Outcome<T> = T | Native.Failure;

function failed<T>(outcome: Outcome<T>): outcome is Native.Failure {
  return typeof outcome === 'object' && outcome !== null && 'err' in outcome;
}

/** The record, or the exception thrown. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (failed(outcome)) throw toError(outcome);
  return outcome;
}

function begin<T>(start: (cancel?: Native.Cancel) => Promise<T>, cancel?: Native.Cancel): Promise<T> {
  const promise = start(cancel);
  noteCaller();
  return promise;
}

/** Runs one native call, which `signal` may end; then its reason is thrown. */
export async function call<T>(
  signal: AbortSignal | undefined,
  start: (cancel?: Native.Cancel) => Promise<Outcome<T>>,
): Promise<T> {
  if (signal === undefined) return unwrap(await begin(start));
  signal.throwIfAborted();
  const cancel = new native.Cancel();
  const abort = () => cancel.cancel();
  // A listener, not `onabort`, which is the caller's.
  signal.addEventListener('abort', abort);
  try {
    const outcome = await begin(start, cancel);
    if (failed(outcome) && outcome.err.code === 'cancelled') throw signal.reason;
    return unwrap(outcome);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
