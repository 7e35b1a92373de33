//! An issuer that the function accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::candidate::Candidate;
use crate::backoff::Waiter;
use crate::clock::Instants;
use crate::error::Error;
use crate::verify::health::KeySetHealth;
use crate::verify::issuer::IssuerConfig;
use crate::verify::prepared_issuer::Issuer;

/// An issuer that the function accepted, with its keys.
pub(crate) struct AcceptedIssuer {
    pub(in crate::verify) issuer: Issuer,
    /// The function's answer.
    pub(super) answer: IssuerConfig,
    pub(super) candidate: Arc<Candidate>,
    /// Seconds after which the function is called in the background.
    pub(super) refresh_after: f64,
    /// When the function was last asked: the bits of both clocks' seconds. Between the two writes
    /// they show an age that is too large.
    wall: AtomicU64,
    monotonic: AtomicU64,
    last_used: AtomicU64,
    /// No longer accepted, or replaced: verified tokens must be verified again.
    dropped: AtomicBool,
}

impl AcceptedIssuer {
    pub(super) fn new(
        issuer: Issuer,
        answer: IssuerConfig,
        candidate: Arc<Candidate>,
        refresh_after: f64,
        asked_at: Instants,
    ) -> Self {
        Self {
            issuer,
            answer,
            candidate,
            refresh_after,
            wall: AtomicU64::new(asked_at.wall.to_bits()),
            monotonic: AtomicU64::new(asked_at.monotonic.to_bits()),
            last_used: AtomicU64::new(asked_at.monotonic.to_bits()),
            dropped: AtomicBool::new(false),
        }
    }

    /// The function was asked at this time, and its answer is the same.
    pub(super) fn renew(&self, asked_at: Instants) {
        self.wall.store(asked_at.wall.to_bits(), Ordering::Relaxed);
        self.monotonic.store(asked_at.monotonic.to_bits(), Ordering::Relaxed);
    }

    /// Seconds since the function was asked.
    pub(super) fn age(&self, now: Instants) -> f64 {
        now.since(Instants {
            wall: f64::from_bits(self.wall.load(Ordering::Relaxed)),
            monotonic: f64::from_bits(self.monotonic.load(Ordering::Relaxed)),
        })
    }

    pub(super) fn touch(&self, now: Instants) {
        self.last_used.store(now.monotonic.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn last_used(&self) -> f64 {
        f64::from_bits(self.last_used.load(Ordering::Relaxed))
    }

    pub(super) fn set_dropped(&self, dropped: bool) {
        self.dropped.store(dropped, Ordering::Release);
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.dropped.load(Ordering::Acquire)
    }

    /// The state of its keys, or why the function fails.
    pub(super) fn health(&self, now: Instants) -> KeySetHealth {
        let mut health =
            KeySetHealth { issuer: self.candidate.issuer.to_string(), ..self.issuer.health() };
        if health.last_failure.is_some() {
            return health;
        }
        self.candidate.calls.with_state(|asked, _| {
            let backoff = &asked.backoff;
            health.failures = backoff.failures();
            health.last_failure = backoff.last().map(Error::kind);
            health.last_failure_message =
                backoff.last().map(|error| error.details().message.clone());
            health.retry_after = backoff.current_error(now, Waiter::Refresh).map(|(_, wait)| wait);
        });
        health
    }
}
