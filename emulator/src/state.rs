//! What the handlers share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::error::Unspecified;

use crate::{clients::Clients, counts::Counts, keys::KeyRing, secret::SecretHash};

pub(crate) type Shared = Arc<State>;

pub(crate) struct State {
    pub(crate) project_id: String,
    pub(crate) project_secret: SecretHash,
    pub(crate) clients: Clients,
    pub(crate) keys: KeyRing,
    pub(crate) counts: Counts,
}

impl State {
    pub(crate) fn new(project_id: String, secret: &str) -> Result<Self, Unspecified> {
        Ok(Self {
            project_id,
            project_secret: SecretHash::of(secret),
            clients: Clients::default(),
            keys: KeyRing::generate()?,
            counts: Counts::default(),
        })
    }

    /// Forgets what clients and tests did; project, secret and signing keys stay.
    pub(crate) fn reset(&self) {
        self.clients.clear();
        self.counts.reset();
    }
}

/// No value behind these locks can be left half changed, so a poisoned lock is as good as any.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
