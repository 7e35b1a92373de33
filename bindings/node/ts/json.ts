// JSON in which every integer keeps its digits.

import { randomUUID } from 'node:crypto';

import { invalidConfig } from './errors';

/** JSON as this package hands it out: objects without prototype, large integers as `bigint`. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
/** An object without prototype, so that a member called `__proto__` or `toString` is only data. */
export type JsonObject = { [name: string]: JsonValue };

const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** Reads what the native module wrote. */
export function parse(text: string): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  if (!strip(value)) return value;
  const exact = parseExactly(text);
  strip(exact);
  return exact;
}

/**
 * Takes their prototypes off objects, and tells whether there is a number that may have been a larger
 * integer, which `JSON.parse` rounds. In place and in one walk: a copy takes as long as the parsing.
 */
function strip(value: JsonValue): boolean {
  // An integer of hundreds of digits is infinite.
  if (typeof value === 'number') return !Number.isSafeInteger(value) && !(value % 1);
  if (typeof value !== 'object' || value === null) return false;
  let rounded = false;
  if (Array.isArray(value)) {
    for (const item of value) rounded = strip(item) || rounded;
  } else {
    for (const name in value) rounded = strip(value[name] as JsonValue) || rounded;
    Object.setPrototypeOf(value, null);
  }
  return rounded;
}

/** As `JSON.parse`, but for integers that it would round: they travel as strings, and become `bigint`. */
function parseExactly(text: string): JsonValue {
  // The mark cannot be guessed.
  const mark = randomUUID();
  const marked = text.replace(STRING_OR_INTEGER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  ) as JsonValue;
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
