//! Failures that are remembered, so that nobody asks again too soon.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Instants;
use crate::random;

/// The first backoff lasts at least this many seconds.
const SHORTEST: f64 = 1.0;

/// The failures of late, the last of which stands in for asking again until its rest is over.
#[derive(Debug)]
pub(crate) struct Backoff<E> {
    failures: u32,
    last: Option<Failure<E>>,
}

#[derive(Debug)]
struct Failure<E> {
    error: E,
    at: Instants,
    rest: f64,
}

impl<E> Default for Backoff<E> {
    fn default() -> Self {
        Self { failures: 0, last: None }
    }
}

impl<E> Backoff<E> {
    /// Forgets all failures.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Remembers a failure that may pass: for `asked` seconds where the server said how long, else
    /// for a time that doubles up to `longest`, with full jitter. Returns how long.
    pub(crate) fn failed(
        &mut self,
        error: E,
        now: Instants,
        asked: Option<f64>,
        longest: f64,
    ) -> f64 {
        self.failures = self.failures.saturating_add(1);
        let doubled = 2f64.powi(self.failures.min(10) as i32).min(longest);
        let rest = asked.unwrap_or_else(|| random::between(SHORTEST, doubled));
        self.last = Some(Failure { error, at: now, rest });
        rest
    }

    /// Remembers a failure that repeating would not mend, for `rest` seconds, which it returns.
    pub(crate) fn refused(&mut self, error: E, now: Instants, rest: f64) -> f64 {
        self.last = Some(Failure { error, at: now, rest });
        rest
    }

    /// The failure that stands in for asking again now, and how long it still will.
    pub(crate) fn standing(&self, now: Instants) -> Option<(&E, Duration)> {
        let failure = self.last.as_ref()?;
        let left = failure.rest - now.since(failure.at);
        (left > 0.0)
            .then(|| (&failure.error, Duration::try_from_secs_f64(left).unwrap_or_default()))
    }

    /// The last failure, if nothing succeeded since.
    pub(crate) fn last(&self) -> Option<&E> {
        self.last.as_ref().map(|failure| &failure.error)
    }

    /// Failures in a row that may pass.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

/// When to refresh ahead again: what a warm call can ask without a lock.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// No refresh before this monotonic second (the bits of an `f64`).
    rest_until: AtomicU64,
    failing: AtomicBool,
}

impl Pace {
    /// True for one call, which should refresh now; false for all others in the next `seconds`.
    pub(crate) fn claim(&self, now: Instants, seconds: f64) -> bool {
        let until = self.rest_until.load(Ordering::Relaxed);
        let next = (now.monotonic + seconds).to_bits();
        let order = Ordering::Relaxed;
        now.monotonic >= f64::from_bits(until)
            && self.rest_until.compare_exchange(until, next, order, order).is_ok()
    }

    pub(crate) fn succeeded(&self) {
        self.failing.store(false, Ordering::Relaxed);
        self.rest_until.store(0, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, now: Instants, rest: f64) {
        self.failing.store(true, Ordering::Relaxed);
        self.rest_until.store((now.monotonic + rest).to_bits(), Ordering::Relaxed);
    }

    /// Whether the last refresh failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}
