//! A circuit breaker for a store that does not respond.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::clock::Instants;

/// Consecutive failures after which the breaker opens.
const FAILURES: u32 = 5;
/// Seconds for which it stays open.
const OPEN: f64 = 30.0;

/// Opens after several consecutive failures, and later lets one call through.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: AtomicU32,
    /// Open until this monotonic second (the bits of an `f64`).
    open_until: AtomicU64,
}

impl Breaker {
    pub(super) fn is_open(&self, now: Instants) -> bool {
        now.monotonic < f64::from_bits(self.open_until.load(Ordering::Relaxed))
    }

    pub(super) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    pub(super) fn failed(&self, now: Instants) {
        // Not reset: after the open time, one more failure opens it again.
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.open_until.store((now.monotonic + OPEN).to_bits(), Ordering::Relaxed);
        }
    }
}
