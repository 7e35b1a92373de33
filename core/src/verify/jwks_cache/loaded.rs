//! A parsed key set with its times of refresh and expiry.

use std::sync::Arc;

use arc_swap::Guard;
use url::Url;

use crate::clock::Instants;
use crate::http::HeaderValue;
use crate::verify::key_set::KeySet;

/// A parsed key set with its times of refresh and expiry. The default is the state before any
/// fetch.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(super) keys: Arc<KeySet>,
    pub(super) text: Arc<[u8]>,
    pub(super) etag: Option<HeaderValue>,
    /// Where it was fetched.
    pub(super) url: Option<Url>,
    /// `None` before any fetch.
    pub(super) fetched_at: Option<Instants>,
    pub(super) soft_lifetime: f64,
    pub(super) refresh_after: f64,
}

impl Loaded {
    /// Seconds since the fetch, if there was one.
    pub(super) fn age(&self, now: Instants) -> Option<f64> {
        Some(now.since(self.fetched_at?))
    }
}

/// A usable key set.
pub(crate) struct CachedKeys {
    pub(super) loaded: Guard<Arc<Loaded>>,
    /// Whether it is older than its lifetime.
    pub(super) is_stale: bool,
}

impl CachedKeys {
    pub(crate) fn set(&self) -> &Arc<KeySet> {
        &self.loaded.keys
    }
}
