//! The assertions that clients signed and used.

use std::{collections::HashMap, sync::Mutex};

use crate::{clock, lock::lock};

/// The assertions that clients signed and used, until they expire.
#[derive(Default)]
pub(crate) struct UsedAssertions(Mutex<HashMap<(String, String), i64>>);

impl UsedAssertions {
    /// Records an assertion; `false` if it was used before.
    pub(super) fn is_new(&self, client_id: &str, jti: &str, expires_at: i64) -> bool {
        let now = clock::unix_seconds();
        let mut used = lock(&self.0);
        used.retain(|_, expires_at| *expires_at >= now);
        used.insert((client_id.to_owned(), jti.to_owned()), expires_at).is_none()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
