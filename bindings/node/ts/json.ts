import { randomUUID } from 'node:crypto';

import { invalidConfig } from './errors';

/** JSON as this package hands it out: objects without prototype, large integers as `bigint`. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
/** An object without prototype, so that a member called `__proto__` or `toString` is only data. */
export type JsonObject = { [name: string]: JsonValue };

const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** Reads what the native module wrote. */
export function parse(text: string): unknown {
  // `JSON.parse` rounds large integers, so they travel as strings. The mark cannot be guessed.
  if (!/\d{16}/.test(text)) return JSON.parse(text);
  const mark = randomUUID();
  const marked = text.replace(STRING_OR_INTEGER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** Reads an object that the native module wrote. */
export function parseObject(text: string): JsonObject {
  return withoutPrototype(parse(text)) as JsonObject;
}

/** What was parsed, its objects without prototype. */
export function withoutPrototype(value: unknown): JsonValue {
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  if (Array.isArray(value)) return value.map(withoutPrototype);
  const bare = Object.create(null) as JsonObject;
  for (const [name, member] of Object.entries(value)) bare[name] = withoutPrototype(member);
  return bare;
}

/** Writes an object for the native module. */
export function stringify(field: string, value: object): string {
  const mark = randomUUID();
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_name, member: unknown) =>
      typeof member === 'bigint' ? `${mark}${member}` : member,
    );
  } catch (cause) {
    const error = invalidConfig(field, `${field} cannot be written as JSON`);
    error.cause = cause;
    throw error;
  }
  if (text === undefined) throw invalidConfig(field, `${field} cannot be written as JSON`);
  return text.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, 'g'), '$1');
}
