//! Limits how often unknown key ids trigger a fetch.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::backoff::Backoff;
use crate::clock::Instants;

/// The burst of fetches that do not find the key, and the interval after which one more is allowed.
const BURST: f64 = 2.0;
const INTERVAL: f64 = 10.0;
/// Maximum number of remembered key ids that are in no key set.
const ABSENT: usize = 1024;

/// The remaining allowance. Only a fetch that succeeds without finding the key uses it up; a failed
/// one backs off instead.
#[derive(Debug)]
pub(crate) struct Cooldown<E> {
    pub(crate) backoff: Backoff<E>,
    /// Fetches that may start, as of `counted_at`.
    allowance: f64,
    counted_at: Option<Instants>,
    /// Hashes of the key ids for which a fetch was started that did not find them.
    absent: HashSet<u64>,
    hasher: RandomState,
}

impl<E> Default for Cooldown<E> {
    fn default() -> Self {
        Self {
            backoff: Backoff::default(),
            allowance: BURST,
            counted_at: None,
            absent: HashSet::new(),
            hasher: RandomState::new(),
        }
    }
}

impl<E> Cooldown<E> {
    /// Whether an unknown key id can trigger a fetch now.
    pub(crate) fn is_open(&mut self, now: Instants) -> bool {
        let elapsed = self.counted_at.map_or(0.0, |at| now.since(at).max(0.0));
        self.allowance = (self.allowance + elapsed / INTERVAL).min(BURST);
        self.counted_at = Some(now);
        // Many small steps may add up to slightly less than one.
        self.allowance >= 1.0 - 1e-9
    }

    /// Seconds until a fetch is allowed.
    pub(crate) fn wait(&mut self, now: Instants) -> f64 {
        if self.is_open(now) { 0.0 } else { (1.0 - self.allowance) * INTERVAL }
    }

    /// Counts a fetch that succeeded without finding the key.
    pub(crate) fn use_up(&mut self, now: Instants) {
        self.is_open(now);
        self.allowance = (self.allowance - 1.0).max(0.0);
    }

    /// Remembers that the server does not have this key id.
    pub(crate) fn set_absent(&mut self, kid: &str) {
        if self.absent.len() >= ABSENT {
            self.absent.clear();
        }
        self.absent.insert(self.hasher.hash_one(kid));
    }

    /// Whether the server is known not to have this key id.
    pub(crate) fn is_absent(&self, kid: &str) -> bool {
        self.absent.contains(&self.hasher.hash_one(kid))
    }
}
