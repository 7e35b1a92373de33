// The arguments that JavaScript gives: each is checked against a rule, before the native module sees it.

import { invalidConfig } from './errors';

/** What an argument must be. Whether the value is a good one, the core decides. */
export interface Rule {
  readonly must: string;
  readonly holds: (value: unknown) => boolean;
  readonly required?: true;
}

/** The rules of all members of `T`. */
export type Rules<T> = { readonly [name in keyof T]-?: Rule };

const isText = (value: unknown) => typeof value === 'string';
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Of which every member is one of its own: a `Map` or `URLSearchParams` would count as empty. */
const isRecord = (value: unknown): value is object => isObject(value) && !(Symbol.iterator in value);
/** Holes included, which `every` passes over. */
const isTexts = (value: unknown) => Array.isArray(value) && Array.from(value).every(isText);

export const text: Rule = { must: 'be a string', holds: isText };
export const flag: Rule = { must: 'be true or false', holds: (value) => typeof value === 'boolean' };
export const object: Rule = { must: 'be an object', holds: isRecord };
export const array: Rule = { must: 'be an array', holds: Array.isArray };
export const texts: Rule = {
  must: 'be an array of strings',
  holds: isTexts,
};
export const textOrTexts: Rule = {
  must: 'be a string or an array of strings',
  holds: (value) => isText(value) || isTexts(value),
};
export const textMap: Rule = {
  must: 'be an object of strings',
  holds: (value) => isRecord(value) && Object.values(value).every(isText),
};
export const textOrObject: Rule = {
  must: 'be a string or an object',
  holds: (value) => isText(value) || isRecord(value),
};
/** Seconds, fractions allowed. */
export const seconds: Rule = { must: 'be a number of seconds', holds: Number.isFinite };
/** What the native module takes as an integer without changing it. */
export const count: Rule = {
  must: 'be a whole number from 0 to 4294967295',
  holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
};
/** An HTTP status. */
export const status: Rule = {
  must: 'be a whole number from 100 to 999',
  holds: (value) => Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 999,
};
export const date: Rule = {
  must: 'be a Date',
  holds: (value) => value instanceof Date && Number.isFinite(value.getTime()),
};
export const callback: Rule = { must: 'be a function', holds: (value) => typeof value === 'function' };
export const signal: Rule = {
  must: 'be an AbortSignal',
  // By shape: jest and vitest run tests with an AbortSignal of their own realm.
  holds: (value) => isObject(value) && 'aborted' in value && 'addEventListener' in value,
};

/** `rule`, for an argument that must be given. */
export function required(rule: Rule): Rule {
  return { ...rule, required: true };
}

/**
 * That a function was `given` no more arguments than the one object that it takes, or than `most`: what
 * it ignored, the caller would believe in.
 */
export function atMost(given: number, most = 1): void {
  if (given <= most) return;
  const takes = ['no argument', 'one argument', 'two arguments'][most] ?? `${most} arguments`;
  throw invalidConfig('arguments', `one argument too many: there are ${given}, and this takes ${takes}`);
}

/** One positional argument, checked. */
export function positional<T>(name: string, value: T, rule: Rule): T {
  if (!rule.holds(value)) throw invalidConfig(name, `${name} must ${rule.must}`);
  return value;
}

type Mutable<T> = T extends readonly (infer E)[] ? E[] : T;

/** `T` as the native module takes it: missing values are absent, and arrays are mutable. */
export type Given<T> = { [name in keyof T]: Mutable<Exclude<T[name], undefined>> };

/** The members of `given` that `rules` know, checked. `null` and `undefined` count as not given. */
export function take<T extends object>(given: unknown, rules: Rules<T>): Given<T> {
  if (!isObject(given)) {
    throw invalidConfig('arguments', `arguments must be one object, of ${Object.keys(rules).join(', ')}`);
  }
  const known = rules as Readonly<Record<string, Rule>>;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known).join(', ');
    throw invalidConfig(name, `${name} is unknown here: there are ${names}`);
  }
  const taken: Record<string, unknown> = {};
  // Every verification passes here: `Object.entries` would make an array for each rule.
  for (const name in known) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && value !== null) {
      if (!known[name]?.holds(value)) throw invalidConfig(name, `${name} must ${known[name]?.must}`);
      taken[name] = value;
    } else if (known[name]?.required) {
      throw invalidConfig(name, `${name} is missing`);
    }
  }
  return taken as Given<T>;
}

/** What every call that may wait takes. */
export interface Cancellable {
  /** Ends the call when aborted: it then throws the signal's `reason`. */
  signal?: AbortSignal | undefined;
}

/** The token that a server refused. */
export interface RefusedToken {
  /** The access token. */
  access_token: string;
}

export const REFUSED_RULES: Rules<RefusedToken> = { access_token: required(text) };
