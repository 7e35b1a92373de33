import { randomUUID } from 'node:crypto';

import { invalidConfig } from './errors';

/** JSON as this package hands it out: objects without prototype, large integers as `bigint`. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
/** An object without prototype, so that a member called `__proto__` or `toString` is only data. */
export type JsonObject = { [name: string]: JsonValue };

const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** Reads an object that the native module wrote. */
export function parseObject(text: string): JsonObject {
  // `JSON.parse` rounds large integers, so they travel as strings. The mark cannot be guessed.
  if (!/\d{16}/.test(text)) return JSON.parse(text, withoutPrototype);
  const mark = randomUUID();
  const marked = text.replace(STRING_OR_INTEGER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (name, value: JsonValue) =>
    typeof value === 'string' && value.startsWith(mark)
      ? BigInt(value.slice(mark.length))
      : withoutPrototype(name, value),
  );
}

function withoutPrototype(_name: string, value: JsonValue): JsonValue {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.setPrototypeOf(value, null) : value;
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
