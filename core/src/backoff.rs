//! Remembers failures, so that requests are not repeated too soon.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Instants;
use crate::random;

/// Seconds between two attempts while callers are refused: the first delay, the delay in the first
/// minute, later the share of the outage's length, and the longest delay.
const FIRST: f64 = 0.2;
const STEADY: f64 = 0.4;
const OF_OUTAGE: f64 = 1.0 / 150.0;
const MAX_DELAY_OF_CALLERS: f64 = 5.0;
/// The shortest delay between two attempts while the cached value is still used.
const MIN_DELAY_OF_REFRESH: f64 = 1.0;

/// Consecutive failures. Until the delay has passed, callers get the last error instead of a new
/// request.
#[derive(Debug)]
pub(crate) struct Backoff<E> {
    failures: u32,
    since: Option<Instants>,
    last: Option<Failure<E>>,
}

#[derive(Debug)]
struct Failure<E> {
    error: E,
    at: Instants,
    delays: Delays,
}

/// Who waits for the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiter {
    /// Callers, who are refused until then.
    Callers,
    /// Nobody: the cached value is still used.
    Refresh,
}

/// Seconds until the next attempt, by who waits for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) callers: f64,
    pub(crate) refresh: f64,
}

impl Delays {
    /// The same delay, whoever waits.
    pub(crate) fn both(seconds: f64) -> Self {
        Self { callers: seconds, refresh: seconds }
    }
}

/// The longest delays, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaxDelays {
    /// Between two refreshes ahead.
    pub(crate) refresh: f64,
    /// The longest `Retry-After` that is honoured.
    pub(crate) retry_after: f64,
    /// The same while callers are refused.
    pub(crate) retry_after_of_callers: f64,
}

impl<E> Default for Backoff<E> {
    fn default() -> Self {
        Self { failures: 0, since: None, last: None }
    }
}

impl<E> Backoff<E> {
    /// Forgets all failures.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Remembers a transient failure for `retry_after` seconds if the server gave them, otherwise
    /// for growing delays with jitter. Returns the delays.
    pub(crate) fn record_transient(
        &mut self,
        error: E,
        now: Instants,
        retry_after: Option<f64>,
        max: MaxDelays,
    ) -> Delays {
        self.failures = self.failures.saturating_add(1);
        let outage = now.since(*self.since.get_or_insert(now));
        let exponent = self.failures.min(10) as i32;
        let grown = (FIRST * 2f64.powi(exponent - 1)).min(STEADY);
        let callers = (outage * OF_OUTAGE).clamp(grown, MAX_DELAY_OF_CALLERS);
        let refresh = 2f64.powi(exponent).min(max.refresh);
        let delays = match retry_after {
            Some(retry_after) => Delays {
                callers: retry_after.clamp(0.0, max.retry_after_of_callers),
                refresh: retry_after.clamp(MIN_DELAY_OF_REFRESH, max.retry_after),
            },
            None => Delays {
                callers: random::between(callers / 2.0, callers),
                refresh: random::between(MIN_DELAY_OF_REFRESH, refresh),
            },
        };
        self.last = Some(Failure { error, at: now, delays });
        delays
    }

    /// Remembers a permanent failure for `seconds`.
    pub(crate) fn record_permanent(&mut self, error: E, now: Instants, seconds: f64) -> Delays {
        let delays = Delays::both(seconds);
        self.last = Some(Failure { error, at: now, delays });
        delays
    }

    /// The failure to return instead of a new attempt, and the remaining delay.
    pub(crate) fn current_error(&self, now: Instants, waiting: Waiter) -> Option<(&E, Duration)> {
        let failure = self.last.as_ref()?;
        let pause = match waiting {
            Waiter::Callers => failure.delays.callers,
            Waiter::Refresh => failure.delays.refresh,
        };
        let left = pause - now.since(failure.at);
        (left > 0.0)
            .then(|| (&failure.error, Duration::try_from_secs_f64(left).unwrap_or_default()))
    }

    /// The last failure since the last success.
    pub(crate) fn last(&self) -> Option<&E> {
        self.last.as_ref().map(|failure| &failure.error)
    }

    /// Consecutive transient failures.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

/// The time of the next refresh ahead, read without a lock.
#[derive(Debug, Default)]
pub(crate) struct RefreshThrottle {
    /// No refresh before this monotonic second (the bits of an `f64`).
    not_before: AtomicU64,
    failing: AtomicBool,
}

impl RefreshThrottle {
    /// Returns true to one call, which should refresh now, and false to all others for `seconds`.
    pub(crate) fn claim(&self, now: Instants, seconds: f64) -> bool {
        let until = self.not_before.load(Ordering::Relaxed);
        let next = (now.monotonic + seconds).to_bits();
        let order = Ordering::Relaxed;
        now.monotonic >= f64::from_bits(until)
            && self.not_before.compare_exchange(until, next, order, order).is_ok()
    }

    pub(crate) fn succeeded(&self) {
        self.failing.store(false, Ordering::Relaxed);
        self.not_before.store(0, Ordering::Relaxed);
    }

    /// Prevents refreshes for `seconds`, whether the last one succeeded or failed.
    pub(crate) fn hold(&self, now: Instants, seconds: f64) {
        self.not_before.store((now.monotonic + seconds).to_bits(), Ordering::Relaxed);
    }

    /// Whether refreshes are prevented.
    pub(crate) fn is_held(&self, now: Instants) -> bool {
        now.monotonic < f64::from_bits(self.not_before.load(Ordering::Relaxed))
    }

    pub(crate) fn failed(&self, now: Instants, rest: f64) {
        self.failing.store(true, Ordering::Relaxed);
        self.not_before.store((now.monotonic + rest).to_bits(), Ordering::Relaxed);
    }

    /// Whether the last refresh failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }
}
