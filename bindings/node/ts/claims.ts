// The form of custom claims.

import * as rule from './arguments';
import type { JsonFormat } from './json';

/** The form of a verifier's `custom_claims`. By default `JSON.stringify` and `res.json` write all of them. */
export interface ClaimsSettings {
  /**
   * What an integer becomes that a `number` cannot hold: its digits as `text`, or a `bigint`, which
   * `JSON.stringify` refuses. Default: `text`.
   */
  large_integers?: 'text' | 'bigint' | undefined;
  /**
   * Whether objects have the prototype of `{}`, as some serializers demand. Without it, `custom_claims[name]`
   * is never a method such as `constructor`. Default: false.
   */
  plain_objects?: boolean | undefined;
}

export const CLAIMS_RULES: rule.Rules<ClaimsSettings> = {
  large_integers: {
    must: 'be `text` or `bigint`',
    holds: (value) => value === 'text' || value === 'bigint',
  },
  plain_objects: rule.flag,
};

/** What `given` says, or the default. */
export function formatOf({ large_integers = 'text', plain_objects = false }: ClaimsSettings): JsonFormat {
  return { large_integers, plain_objects };
}
