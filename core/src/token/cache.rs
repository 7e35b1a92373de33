//! The tokens of a client's many grants.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use super::entry::{TokenEntry, TokenFetcher};
use super::{Grant, GrantKey, Token};
use crate::error::Result;
use crate::stats::CacheStats;

/// Grants remembered at once. Those without a token go first, then the least recently used.
const CAPACITY: usize = 256;

/// Read without a lock: a new grant, which is rare and costs a request, replaces the whole map.
pub(crate) struct TokenCache {
    fetcher: Arc<TokenFetcher>,
    entries: ArcSwap<Entries>,
    uses: AtomicU64,
}

type Entries = HashMap<GrantKey, Arc<Slot>>;

struct Slot {
    entry: Arc<TokenEntry>,
    used: AtomicU64,
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").field("grants", &self.entries.load().len()).finish()
    }
}

impl TokenCache {
    pub(crate) fn new(fetcher: TokenFetcher) -> Self {
        Self { fetcher: Arc::new(fetcher), entries: ArcSwap::default(), uses: AtomicU64::new(0) }
    }

    pub(crate) async fn token(&self, grant: Grant, force: bool) -> Result<Token> {
        let entry = self.entry(grant);
        entry.token(force).await
    }

    /// The cached token of the grant with this key, if it can be had without waiting.
    pub(crate) fn cached(&self, key: &GrantKey) -> Option<Token> {
        let entries = self.entries.load();
        let slot = entries.get(key)?;
        slot.used.store(self.tick(), Ordering::Relaxed);
        slot.entry.cached()
    }

    /// Drops this token, whichever grant it is of.
    pub(crate) fn invalidate(&self, access_token: &str) {
        for slot in self.entries.load().values() {
            slot.entry.invalidate(access_token);
        }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.fetcher.counters.snapshot()
    }

    fn entry(&self, grant: Grant) -> Arc<TokenEntry> {
        let (key, now) = (grant.cache_key(), self.tick());
        if let Some(slot) = self.entries.load().get(&key) {
            slot.used.store(now, Ordering::Relaxed);
            return Arc::clone(&slot.entry);
        }
        let entry = Arc::new(TokenEntry::new(grant, Arc::clone(&self.fetcher)));
        let made = Arc::new(Slot { entry, used: AtomicU64::new(now) });
        // Whoever comes first decides; all others take what it put there.
        self.entries.rcu(|entries| match entries.contains_key(&key) {
            true => Arc::clone(entries),
            false => Arc::new(with(entries, key, &made)),
        });
        let entries = self.entries.load();
        Arc::clone(&entries.get(&key).unwrap_or(&made).entry)
    }

    fn tick(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }
}

/// A copy with one more entry, and where it is full without another: one that has no token, which
/// nobody would miss, or else the least recently used.
fn with(entries: &Entries, key: GrantKey, slot: &Arc<Slot>) -> Entries {
    let mut entries = entries.clone();
    if entries.len() >= CAPACITY {
        let worth = |slot: &Slot| (slot.entry.has_token(), slot.used.load(Ordering::Relaxed));
        let oldest = entries.iter().min_by_key(|(_, slot)| worth(slot));
        if let Some(oldest) = oldest.map(|(key, _)| *key) {
            entries.remove(&oldest);
        }
    }
    entries.insert(key, Arc::clone(slot));
    entries
}
