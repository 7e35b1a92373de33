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

export const text: Rule = { must: 'be a string', holds: isText };
export const flag: Rule = { must: 'be true or false', holds: (value) => typeof value === 'boolean' };
export const object: Rule = { must: 'be an object', holds: isObject };
export const array: Rule = { must: 'be an array', holds: Array.isArray };
export const texts: Rule = {
  must: 'be an array of strings',
  holds: (value) => Array.isArray(value) && value.every(isText),
};
export const textMap: Rule = {
  must: 'be an object of strings',
  holds: (value) => isObject(value) && Object.values(value).every(isText),
};
export const textOrObject: Rule = {
  must: 'be a string or an object',
  holds: (value) => isText(value) || isObject(value),
};
/** Seconds, fractions allowed. */
export const seconds: Rule = { must: 'be a number of seconds', holds: Number.isFinite };
/** What the native module takes as an integer without changing it. */
export const count: Rule = {
  must: 'be a whole number from 0 to 4294967295',
  holds: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32,
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

type Mutable<T> = T extends readonly (infer E)[] ? E[] : T;

/** `T` as the native module takes it: what is not given is not there, and arrays may be written to. */
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
  /** The token itself. */
  access_token: string;
}

export const REFUSED_RULES: Rules<RefusedToken> = { access_token: required(text) };
