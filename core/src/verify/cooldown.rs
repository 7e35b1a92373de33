//! How often unknown key ids may cause a fetch, whatever the tokens say.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use crate::backoff::Backoff;
use crate::clock::Instants;

/// This many fetches at once that do not bring the key, and one more in every interval.
const BURST: f64 = 2.0;
const INTERVAL: f64 = 10.0;
/// Key ids that are remembered to be in no set.
const ABSENT: usize = 1024;

/// What the past allows. A fetch uses up the allowance only if it succeeded and did not bring the
/// key; a failed one backs off instead.
#[derive(Debug)]
pub(crate) struct Cooldown<E> {
    pub(crate) backoff: Backoff<E>,
    /// Fetches that may start, as of `counted_at`.
    allowance: f64,
    counted_at: Option<Instants>,
    /// Hashes of the key ids that a fetch was started for and did not bring.
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
    /// Whether an unknown key id may cause a fetch now.
    pub(crate) fn is_open(&mut self, now: Instants) -> bool {
        let elapsed = self.counted_at.map_or(0.0, |at| now.since(at).max(0.0));
        self.allowance = (self.allowance + elapsed / INTERVAL).min(BURST);
        self.counted_at = Some(now);
        // What adds up to one in many steps may fall short of it by a rounding.
        self.allowance >= 1.0 - 1e-9
    }

    /// Seconds until it is open.
    pub(crate) fn wait(&mut self, now: Instants) -> f64 {
        if self.is_open(now) { 0.0 } else { (1.0 - self.allowance) * INTERVAL }
    }

    /// Counts a fetch that succeeded without bringing the key.
    pub(crate) fn use_up(&mut self, now: Instants) {
        self.is_open(now);
        self.allowance = (self.allowance - 1.0).max(0.0);
    }

    /// Remembers that the server was asked for this key id and does not have it.
    pub(crate) fn set_absent(&mut self, kid: &str) {
        if self.absent.len() >= ABSENT {
            self.absent.clear();
        }
        self.absent.insert(self.hasher.hash_one(kid));
    }

    /// Whether the server was asked for this key id and did not have it.
    pub(crate) fn is_absent(&self, kid: &str) -> bool {
        self.absent.contains(&self.hasher.hash_one(kid))
    }
}
