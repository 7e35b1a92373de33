// What a client proves itself with, and where its secrets come from.

import { isMainThread } from 'node:worker_threads';

import * as rule from './arguments';
import { causeOf, invalidConfig } from './errors';
import type { Native } from './native';

/**
 * Where a secret comes from: the secret itself, a file, an environment variable, or a function. The last three are read
 * again when a server refuses the secret, and a file when it changes.
 */
export type SecretSource = string | SecretFile | SecretVariable | SecretFunction;

/** A file that contains only the secret; line breaks at its end are ignored. */
export interface SecretFile {
  /** Its path. A file that every user can write is refused. */
  file: string;
}

/** An environment variable. */
export interface SecretVariable {
  /** Its name. */
  env: string;
}

/**
 * Returns the secret, for example from a vault. It is called at the first use, and again when a server refuses the
 * secret; for an assertion, before each token request. One call serves all concurrent callers, and may take as long as
 * one attempt of a request. What it throws is a `NetworkError` with its message, which must not contain the secret.
 */
export type SecretFunction = () => string | Promise<string>;

/** How a client authenticates at the token endpoint: the registered names. */
export type ClientAuth =
  | 'client_secret_post'
  | 'client_secret_basic'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'none';

const KINDS = ['file', 'env'] as const;

function isKind(value: unknown): value is SecretFile | SecretVariable {
  if (typeof value !== 'object' || value === null) return false;
  const [[name, text] = [], ...others] = Object.entries(value);
  return others.length === 0 && KINDS.some((kind) => kind === name) && typeof text === 'string';
}

export const secret: rule.Rule = {
  must: 'be a string, { file: path }, { env: name }, or a function that returns a string or a promise of one',
  holds: (value) => typeof value === 'string' || typeof value === 'function' || isKind(value),
};

type Converted<T> = { [name in keyof T]: SecretSource extends T[name] ? Native.SecretSource : T[name] };

/** `given`, whose secrets are those of these `names`, with each as the native module takes it. */
export function withSecrets<T extends { client_certificate_pem?: SecretSource }>(
  given: T,
  ...names: (keyof T & string)[]
): Converted<T> {
  const secrets = ['client_certificate_pem' as const, ...names].flatMap((name) => {
    const source = given[name] as SecretSource | undefined;
    return source === undefined ? [] : [[name, toNative(name, source)]];
  });
  return { ...given, ...Object.fromEntries(secrets) } as Converted<T>;
}

function toNative(name: string, source: SecretSource): Native.SecretSource {
  if (typeof source === 'string') return { value: source };
  if (typeof source === 'function') return { provide: () => provided(source) };
  if ('file' in source) return { file: source.file };
  // A worker thread has an environment of its own.
  return isMainThread ? { env: source.env } : { provide: () => provided(() => variable(name, source.env)) };
}

function variable(name: string, env: string): string {
  const value = process.env[env];
  if (!value) throw invalidConfig(name, `the environment variable ${env} is not set`);
  return value;
}

/** What a function returned, or the message of what it threw. */
async function provided(source: SecretFunction): Promise<Native.Provided> {
  try {
    const value = await source();
    return typeof value === 'string' ? { secret: value } : { error: 'it did not return a string' };
  } catch (cause) {
    return { error: causeOf(cause) };
  }
}
