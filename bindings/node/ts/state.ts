// What services tell their monitoring: counts and the health of key sets.

import type { ErrorCode } from './errors';
import type { Native } from './native';

/** What a cache did since it was made. */
export interface CacheStats {
  /** Calls answered from the cache. */
  hits: number;
  /** Calls that waited for a request, or failed because no request was allowed. */
  misses: number;
  /** Requests that succeeded, in the background or not. */
  refreshes: number;
  /** Requests that failed. */
  failures: number;
  /** Calls answered with a stale value because a refresh had failed. */
  stale_served: number;
  /** Calls that joined a request already under way. */
  flights_joined: number;
}

/** What a client's caches did. */
export interface ClientStats {
  /** The cache of access tokens. */
  tokens: CacheStats;
  /** The cache of verification keys. */
  keys: CacheStats;
}

/**
 * The state of a key set. `fresh`: within the lifetime that its server gave it, or configured.
 * `stale`: beyond it but still used, for its server does not answer. `expired`: too old, no token
 * can be judged. `missing`: not fetched yet.
 */
export type KeySetState = 'fresh' | 'stale' | 'expired' | 'missing';

/** The state of an issuer's key set. */
export interface KeySetHealth {
  /** The first of the issuer's names. */
  issuer: string;
  /** The state of the key set. */
  state: KeySetState;
  /** Number of keys that can verify tokens. */
  keys: number;
  /** The other keys of the key set, each with the reason why it verifies nothing. */
  skipped_keys: string[];
  /** When the key set was last got from its server. */
  fetched_at: Date | null;
  /** Time since then. */
  age_seconds: number | null;
  /** Consecutive failed fetches. */
  failures: number;
  /** The code of the last of them. */
  last_failure: ErrorCode | null;
  /** The message of that error, such as the limit that a key set exceeds. */
  last_failure_message: string | null;
  /** Time until the next fetch is allowed after a failure. */
  retry_after_seconds: number | null;
  /** Verifications of tokens whose `kid` was not in the key set. */
  unknown_kids: number;
  /** How many of these did not trigger a fetch because of the cooldown. */
  cooldown_hits: number;
}

/**
 * A key set to pass to another process, such as a function's snapshot or a restart without network.
 */
export interface ExportedKeySet {
  /** The first of the issuer's names. */
  issuer: string;
  /** The text of the JWK Set, as its server sent it. It contains only public keys. */
  jwks: string;
  /** When it was fetched. */
  fetched_at: Date;
}

export function toHealth({ issuers }: Native.Health): KeySetHealth[] {
  return issuers.map((health) => ({
    ...health,
    state: health.state as KeySetState,
    fetched_at: toDate(health.fetched_at),
    last_failure: health.last_failure as ErrorCode | null,
  }));
}

export function toKeySets({ issuers }: Native.KeySets): ExportedKeySet[] {
  return issuers.map((set) => ({ ...set, fetched_at: new Date(set.fetched_at) }));
}

/** `milliseconds` as a date. */
function toDate(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}
