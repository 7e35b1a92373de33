// JSON in which every integer keeps its digits.

import { randomUUID } from 'node:crypto';

import { invalidConfig } from './errors';

/** JSON as this package hands it out: integers that a `number` cannot hold are `bigint`, or text. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
/** An object: by default without prototype, so that a member called `__proto__` or `toString` is only data. */
export type JsonObject = { [name: string]: JsonValue };

const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
const INTEGER = /^-?\d+$/;

/** How JSON is read. */
export interface JsonFormat {
  /** What an integer becomes that a `number` cannot hold. */
  readonly large_integers: 'text' | 'bigint';
  /** Whether objects have the prototype of `{}`. */
  readonly plain_objects: boolean;
}

/** Every integer can be calculated with, and written back as it was. */
export const EXACT: JsonFormat = { large_integers: 'bigint', plain_objects: false };

/** Parses the native module's JSON. */
export function parse(text: string, { large_integers, plain_objects }: JsonFormat): JsonValue {
  const value = JSON.parse(text) as JsonValue;
  if (!settle(value, plain_objects)) return value;
  const exact = parseExactly(text, large_integers === 'bigint' ? BigInt : (digits) => digits);
  settle(exact, plain_objects);
  return exact;
}

/**
 * Takes their prototypes off objects that are not to be plain, and tells whether there is a number that may have been a larger
 * integer, which `JSON.parse` rounds. In place and in one walk: a copy takes as long as the parsing.
 */
function settle(value: JsonValue, plain: boolean): boolean {
  // An integer of hundreds of digits is infinite.
  if (typeof value === 'number') return !Number.isSafeInteger(value) && !(value % 1);
  if (typeof value !== 'object' || value === null) return false;
  let rounded = false;
  if (Array.isArray(value)) {
    for (const item of value) rounded = settle(item, plain) || rounded;
  } else {
    for (const name in value) rounded = settle(value[name] as JsonValue, plain) || rounded;
    if (!plain) Object.setPrototypeOf(value, null);
  }
  return rounded;
}

/** As `JSON.parse`, but for integers that it would round: they travel as strings, and become what `make` makes of their digits. */
function parseExactly(text: string, make: (digits: string) => JsonValue): JsonValue {
  // The mark cannot be guessed.
  const mark = randomUUID();
  const marked = text.replace(STRING_OR_INTEGER, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${mark}${token}"` : token,
  );
  return JSON.parse(marked, (_name, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? make(value.slice(mark.length)) : value,
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
