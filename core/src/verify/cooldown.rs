//! How often unknown key ids may cause a fetch, whatever the tokens say.

use crate::backoff::Backoff;
use crate::clock::Instants;

/// This many fetches at once, and one more in every interval.
const BURST: f64 = 2.0;
const INTERVAL: f64 = 30.0;

/// What the past allows. Time alone opens it again: what a fetch brings does not matter.
#[derive(Debug)]
pub(crate) struct Cooldown<E> {
    pub(crate) backoff: Backoff<E>,
    /// Fetches that may start, as of `counted_at`.
    allowance: f64,
    counted_at: Option<Instants>,
}

impl<E> Default for Cooldown<E> {
    fn default() -> Self {
        Self { backoff: Backoff::default(), allowance: BURST, counted_at: None }
    }
}

impl<E> Cooldown<E> {
    /// Whether a fetch may start now.
    pub(crate) fn is_open(&mut self, now: Instants) -> bool {
        let elapsed = self.counted_at.map_or(0.0, |at| now.since(at).max(0.0));
        self.allowance = (self.allowance + elapsed / INTERVAL).min(BURST);
        self.counted_at = Some(now);
        self.allowance >= 1.0
    }

    /// Uses up the allowance for one fetch. False if there was none.
    pub(crate) fn take(&mut self, now: Instants) -> bool {
        let open = self.is_open(now);
        self.allowance = (self.allowance - 1.0).max(0.0);
        open
    }
}
