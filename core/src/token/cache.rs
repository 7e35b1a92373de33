//! The tokens of a client's grants.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use rpds::HashTrieMapSync;
use url::Url;

use super::entry::TokenEntry;
use super::fetcher::TokenFetcher;
use super::holders::TokenHolder;
use super::{Grant, GrantKey, Token};
use crate::clock::Instants;
use crate::credential::evidence::Evidence;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::stats::CacheStats;

const DEFAULT_CAPACITY: usize = 10_000;
const MAX_CAPACITY: usize = 1 << 20;

/// At most `capacity` grants: a full cache evicts grants without a token first, then the least
/// recently used.
///
/// A persistent map behind an `ArcSwap`, not a cache with locks: reads take no lock, and a forked
/// child keeps its parent's tokens even if a thread of the parent was writing.
pub(crate) struct TokenCache {
    fetcher: Arc<TokenFetcher>,
    entries: ArcSwap<Entries>,
    capacity: usize,
    uses: AtomicU64,
}

type Entries = HashTrieMapSync<GrantKey, Arc<CacheEntry>, BuildHasherDefault<DigestHasher>>;

struct CacheEntry {
    tokens: Arc<TokenEntry>,
    last_used: AtomicU64,
}

/// The first bytes of a key, which is already a digest.
#[derive(Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    fn write(&mut self, digest: &[u8]) {
        self.0 = digest.first_chunk().map_or(self.0, |first| u64::from_ne_bytes(*first));
    }

    /// The digest's length, which is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").field("grants", &self.entries.load().size()).finish()
    }
}

impl TokenHolder for TokenCache {
    /// A running fetch for one of them still serves its current callers, but no later ones.
    fn drop_client(self: Arc<Self>, token_url: &Url, client_id: &str) {
        let entries = self.entries.load();
        let of_client =
            entries.iter().filter(|(_, entry)| entry.tokens.is_of(token_url, client_id));
        let dropped: Vec<_> =
            of_client.map(|(key, entry)| (*key, Arc::clone(&entry.tokens))).collect();
        drop(entries);
        if !dropped.is_empty() {
            self.entries.rcu(|entries| {
                dropped.iter().fold(Entries::clone(entries), |mut kept, (key, _)| {
                    kept.remove_mut(key);
                    kept
                })
            });
        }
        dropped.iter().for_each(|(_, entry)| entry.clear());
    }
}

impl TokenCache {
    /// # Errors
    /// `invalid_config` if the capacity is out of range.
    pub(crate) fn new(fetcher: TokenFetcher, capacity: Option<usize>) -> Result<Self> {
        let capacity = capacity.unwrap_or(DEFAULT_CAPACITY);
        if !(1..=MAX_CAPACITY).contains(&capacity) {
            return Err(Error::invalid_config(
                "token_cache_capacity",
                format!("token_cache_capacity must be between 1 and {MAX_CAPACITY}"),
            ));
        }
        let entries = ArcSwap::from_pointee(Entries::default());
        Ok(Self { fetcher: Arc::new(fetcher), entries, capacity, uses: AtomicU64::new(0) })
    }

    pub(crate) async fn token(&self, grant: Grant, force: bool) -> Result<Token> {
        let evidence = grant.credential().evidence().await?;
        let entry = self.entry(grant, &evidence);
        entry.token(force).await
    }

    /// The cached token of the grant with this key, if it can be returned without waiting.
    pub(crate) fn cached(&self, key: &GrantKey) -> Option<Token> {
        let entries = self.entries.load();
        let entry = entries.get(key)?;
        entry.last_used.store(self.next_use(), Ordering::Relaxed);
        entry.tokens.cached()
    }

    /// Drops this token from every grant.
    pub(crate) fn invalidate(&self, access_token: &str) {
        let refused = Secret::from(access_token);
        for entry in self.entries.load().values() {
            entry.tokens.invalidate(&refused);
        }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.fetcher.counters.snapshot()
    }

    fn entry(&self, grant: Grant, evidence: &Evidence) -> Arc<TokenEntry> {
        let (key, last_used) = (grant.cache_key(evidence), self.next_use());
        if let Some(entry) = self.entries.load().get(&key) {
            entry.last_used.store(last_used, Ordering::Relaxed);
            return Arc::clone(&entry.tokens);
        }
        let tokens = Arc::new(TokenEntry::new(grant, Arc::clone(&self.fetcher)));
        let new = Arc::new(CacheEntry { tokens, last_used: AtomicU64::new(last_used) });
        // The first caller inserts the entry; all others use it.
        self.entries.rcu(|entries| {
            if entries.contains_key(&key) {
                return Arc::clone(entries);
            }
            let mut entries = self.with_room(entries);
            entries.insert_mut(key, Arc::clone(&new));
            Arc::new(entries)
        });
        let entries = self.entries.load();
        Arc::clone(&entries.get(&key).unwrap_or(&new).tokens)
    }

    /// Evicts an entry if there are too many: one without a token, or else the least recently used.
    fn with_room(&self, entries: &Entries) -> Entries {
        if entries.size() < self.capacity {
            return entries.clone();
        }
        let now: Instants = self.fetcher.transport.config().clock.now();
        let worth = |entry: &CacheEntry| {
            (entry.tokens.has_token(now), entry.last_used.load(Ordering::Relaxed))
        };
        let least = entries.iter().min_by_key(|(_, entry)| worth(entry)).map(|(key, _)| *key);
        least.map_or_else(|| entries.clone(), |key| entries.remove(&key))
    }

    fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }
}
