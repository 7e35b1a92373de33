// What services tell their monitoring: counts and the health of key sets.

import type { ErrorCode } from './errors';
import type { Native } from './native';

/** What a cache did since it was made. */
export interface CacheStats {
  /** Calls that were answered at once. */
  hits: number;
  /** Calls that had to wait for a request, or failed for want of one. */
  misses: number;
  /** Requests that brought something new, in the background or not. */
  refreshes: number;
  /** Requests that failed. */
  failures: number;
  /** Calls that were answered with what should have been refreshed by then, but could not be. */
  stale_served: number;
  /** Calls that shared a request that was under way. */
  flights_joined: number;
}

/** What a client's caches did. */
export interface ClientStats {
  /** The access tokens that it fetches. */
  tokens: CacheStats;
  /** The keys that it verifies with. */
  keys: CacheStats;
}

/**
 * How good a key set is. `fresh`: within the lifetime that its server gave it, or configured. `stale`:
 * beyond it but still used, for its server does not answer. `expired`: too old, no token can be judged.
 * `missing`: not fetched yet.
 */
export type KeySetState = 'fresh' | 'stale' | 'expired' | 'missing';

/** Whether an issuer's tokens can be judged, and for how long. */
export interface KeySetHealth {
  /** The first of the issuer's names. */
  issuer: string;
  /** How good its key set is. */
  state: KeySetState;
  /** Keys that can verify. */
  keys: number;
  /** When the key set was last got from its server. */
  fetched_at: Date | null;
  /** How long ago that was. */
  age_seconds: number | null;
  /** Fetches that failed since one succeeded. */
  failures: number;
  /** The code of the last of them. */
  last_failure: ErrorCode | null;
  /** How long no fetch will be tried after it. */
  retry_after_seconds: number | null;
  /** Verifications of tokens whose `kid` the key set did not have. */
  unknown_kids: number;
  /** Those of them that caused no fetch, since there had been one too lately. */
  cooldown_hits: number;
}

/** A key set to take along: into a snapshot of a function, or over a restart without network. */
export interface ExportedKeySet {
  /** The first of the issuer's names. */
  issuer: string;
  /** The text of the JWK Set, as its server sent it. Public keys only. */
  jwks: string;
  /** When it was got from its server. */
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
