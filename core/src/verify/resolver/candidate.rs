//! The state of calls about an issuer, and the issuers that are not accepted.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::call::Answer;
use crate::backoff::{Backoff, RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::config::TransportConfig;
use crate::error::Error;
use crate::single_flight::SingleFlight;

/// Maximum number of calls at once about issuers that are not accepted, and as many about accepted
/// ones: who sends many unknown names does not keep these waiting.
const MAX_CALLS: usize = 16;
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

    fn asked_at(&self) -> f64 {
        f64::from_bits(self.asked_at.load(Ordering::Relaxed))
    }
}

/// The issuers that are not accepted: refused, failed, or asked about now.
pub(super) struct Others {
    by_name: HashMap<Arc<str>, Arc<Candidate>>,
    pub(super) calls: Arc<Semaphore>,
    /// The same for accepted issuers.
    pub(super) refreshes: Arc<Semaphore>,
}

impl Default for Others {
    fn default() -> Self {
        Self {
            by_name: HashMap::new(),
            calls: Arc::new(Semaphore::new(MAX_CALLS)),
            refreshes: Arc::new(Semaphore::new(MAX_CALLS)),
        }
    }
}

impl Others {
    pub(super) fn get(&self, issuer: &str) -> Option<Arc<Candidate>> {
        self.by_name.get(issuer).cloned()
    }

    /// The issuer's candidate; `None` if all `most` others are asked about at this moment.
    pub(super) fn get_or_insert(
        &mut self,
        issuer: &str,
        most: usize,
        now: Instants,
        make: impl FnOnce() -> Arc<Candidate>,
    ) -> Option<Arc<Candidate>> {
        let candidate = match self.get(issuer) {
            Some(known) => known,
            None => {
                let made = make();
                self.insert(&made, most).then_some(made)?
            }
        };
        candidate.asked_at.store(now.monotonic.to_bits(), Ordering::Relaxed);
        Some(candidate)
    }

    /// Adds a candidate in place of the one that was asked about longest ago, if there are too many.
    /// Returns whether it had room.
    pub(super) fn insert(&mut self, candidate: &Arc<Candidate>, most: usize) -> bool {
        if self.by_name.len() >= most {
            // A call that runs holds its candidate.
            let idle = self.by_name.values().filter(|other| Arc::strong_count(other) == 1);
            let oldest = idle.min_by(|a, b| a.asked_at().total_cmp(&b.asked_at()));
            let Some(name) = oldest.map(|other| Arc::clone(&other.issuer)) else { return false };
            self.by_name.remove(&name);
        }
        self.by_name.insert(Arc::clone(&candidate.issuer), Arc::clone(candidate));
        true
    }

    pub(super) fn remove(&mut self, issuer: &str) {
        self.by_name.remove(issuer);
    }
}
