//! Counters of a cache.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a cache since it was created. They only grow, and reading them is cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct CacheStats {
    /// Calls answered from the cache.
    pub hits: u64,
    /// Calls that waited for a request, or failed because no request was allowed.
    pub misses: u64,
    /// Requests that succeeded, in the background or not.
    pub refreshes: u64,
    /// Requests that failed.
    pub failures: u64,
    /// Calls answered with a stale value because a refresh had failed.
    pub stale_served: u64,
    /// Calls that joined a request already under way.
    pub flights_joined: u64,
}

/// Counters of a [`Client`](crate::Client)'s caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ClientStats {
    /// The cache of access tokens.
    pub tokens: CacheStats,
    /// The cache of verification keys.
    pub keys: CacheStats,
}

/// The live counters behind [`CacheStats`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
    pub(crate) refreshes: Counter,
    pub(crate) failures: Counter,
    pub(crate) stale_served: Counter,
    pub(crate) flights_joined: Counter,
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn snapshot(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.get(),
            misses: self.misses.get(),
            refreshes: self.refreshes.get(),
            failures: self.failures.get(),
            stale_served: self.stale_served.get(),
            flights_joined: self.flights_joined.get(),
        }
    }
}

impl std::iter::Sum for CacheStats {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            hits: sum.hits + one.hits,
            misses: sum.misses + one.misses,
            refreshes: sum.refreshes + one.refreshes,
            failures: sum.failures + one.failures,
            stale_served: sum.stale_served + one.stale_served,
            flights_joined: sum.flights_joined + one.flights_joined,
        })
    }
}
