//! An issuer that the function was asked about: the calls, and the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::backoff::{Backoff, RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::config::TransportConfig;
use crate::error::Error;
use crate::single_flight::SingleFlight;
use crate::verify::health::KeySetHealth;
use crate::verify::issuer::IssuerConfig;
use crate::verify::prepared_issuer::Issuer;

/// Time that the single flight may take in addition to waiting for its turn and for the function.
const EXTRA_TIME: Duration = Duration::from_secs(5);

/// An issuer that the function was asked about.
pub(super) struct Candidate {
    pub(super) issuer: Arc<str>,
    pub(super) calls: SingleFlight<Asked, Answer>,
    pub(super) throttle: RefreshThrottle,
    /// The monotonic second of the last question (the bits of an `f64`).
    asked_at: AtomicU64,
}

/// The outcome of the last calls.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) backoff: Backoff<Error>,
    pub(super) refused_at: Option<Instants>,
}

impl Candidate {
    pub(super) fn new(issuer: &str, config: &TransportConfig) -> Arc<Self> {
        let abandon_after = config.attempt_timeout.saturating_mul(2).saturating_add(EXTRA_TIME);
        Arc::new(Self {
            issuer: issuer.into(),
            calls: SingleFlight::new(config.spawner.clone(), config.clock.clone(), abandon_after),
            throttle: RefreshThrottle::default(),
            asked_at: AtomicU64::default(),
        })
    }

    /// Time until the next call is allowed while callers wait for one.
    pub(super) fn retry_after(&self, now: Instants) -> Option<Duration> {
        self.calls.with_state(|asked, _| {
            asked.backoff.current_error(now, Waiter::Callers).map(|(_, wait)| wait)
        })
    }

    pub(super) fn touch(&self, now: Instants) {
        self.asked_at.store(now.monotonic.to_bits(), Ordering::Relaxed);
    }

    /// The monotonic second of the last question.
    pub(super) fn asked_at(&self) -> f64 {
        f64::from_bits(self.asked_at.load(Ordering::Relaxed))
    }
}

/// The function's answer, prepared.
#[derive(Clone)]
pub(super) struct Answer {
    /// `None`: the issuer is refused.
    pub(super) accepted: Option<Arc<AcceptedIssuer>>,
    pub(super) asked_at: Instants,
}

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

    /// Notes its use, once a second: threads that verify its tokens need not share the write.
    pub(super) fn touch(&self, now: Instants) {
        if now.monotonic - self.last_used() >= 1.0 {
            self.last_used.store(now.monotonic.to_bits(), Ordering::Relaxed);
        }
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
