//! The issuers that are not accepted.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::issuer::Candidate;
use crate::clock::Instants;

/// Maximum number of calls at once about issuers that are not accepted, and as many about accepted
/// ones: who sends many unknown names does not keep these waiting.
const MAX_CALLS: usize = 16;

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
        candidate.touch(now);
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
