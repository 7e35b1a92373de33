//! One process fetches for all: it takes a lock, the others wait, and without the store each
//! fetches its own token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::breaker::Breaker;
use super::codec::{self, Decoded};
use super::keys::KeyRing;
use super::{MAX_VALUE, StoreFuture, TokenStore};
use crate::clock::Clock;
use crate::config::TransportConfig;
use crate::error::{Error, Result};
use crate::random;
use crate::secret::Secret;
use crate::token::GrantKey;
use crate::token::cached_token::CachedToken;

/// The time limit of every call of the store.
const TIMEOUT: Duration = Duration::from_millis(150);
/// Lifetime of a lock: a process that dies while it fetches delays the others no longer than this.
const LOCK: Duration = Duration::from_secs(10);
/// How long a process waits for another's token, and how often it reads the store, in milliseconds.
const MAX_WAIT: Duration = Duration::from_secs(2);
const POLL_DELAY: (f64, f64) = (50.0, 200.0);

/// A store and the keys that encrypt its values.
pub(crate) struct SharedTokens {
    store: Arc<dyn TokenStore>,
    keys: KeyRing,
    clock: Clock,
    breaker: Breaker,
}

/// The store settings of a client or a source.
pub(crate) struct StoreSettings {
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) url: Option<Secret>,
    pub(crate) key: Option<Secret>,
    pub(crate) allow_unencrypted: bool,
}

/// The names of one grant in the store.
pub(crate) struct StoreKeys {
    /// The token is stored under the first name, and may still be under the others.
    names: Vec<String>,
    lock: String,
    purpose: String,
}

/// The store's reply to a caller that needs a token.
pub(crate) enum Acquired {
    /// A token was found.
    Token(CachedToken),
    /// The caller must fetch a token and store it; with a lock, for all that wait.
    Fetch(Option<FetchLock>),
    /// The store is unavailable.
    StoreUnavailable,
}

/// The verdict on a stored token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disposition {
    Use,
    /// This caller cannot use it.
    Skip,
    /// No process can use it.
    Remove,
}

/// The lock with which one process fetches for all.
pub(crate) struct FetchLock {
    owner: String,
}

/// The store did not respond, or its breaker is open.
struct Unavailable;

impl fmt::Debug for SharedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTokens").field("store", &self.store).finish_non_exhaustive()
    }
}

impl SharedTokens {
    /// The store of the settings, if any.
    pub(crate) fn from_settings(
        settings: StoreSettings,
        transport: &TransportConfig,
    ) -> Result<Option<Self>> {
        let StoreSettings { store, url, key, allow_unencrypted } = settings;
        let (url, key) = (url.as_ref(), key.as_ref());
        let store = match (store, url) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid_config(
                    "token_store_url",
                    "token_store_url and token_store are both set: set only one of them",
                ));
            }
            (Some(store), None) => store,
            (None, Some(url)) => connect_to(url, allow_unencrypted, transport)?,
            (None, None) if key.is_some() => {
                return Err(Error::invalid_config(
                    "token_store_url",
                    "token_store_url is missing, but token_store_key is set",
                ));
            }
            (None, None) => return Ok(None),
        };
        let key = key.ok_or_else(|| {
            Error::invalid_config(
                "token_store_key",
                "token_store_key is missing: it encrypts the tokens in the store",
            )
        })?;
        let keys = KeyRing::parse(key)?;
        let (clock, breaker) = (transport.clock.clone(), Breaker::default());
        Ok(Some(Self { store, keys, clock, breaker }))
    }

    /// The names of the grant with any of these keys, for `purpose`.
    pub(crate) fn store_keys(&self, grants: &[GrantKey], purpose: &str) -> StoreKeys {
        let names: Vec<_> = grants.iter().flat_map(|grant| self.keys.names(grant)).collect();
        let lock = format!("{}:lock", names.first().map_or("", String::as_str));
        StoreKeys { names, lock, purpose: purpose.to_owned() }
    }

    /// Returns a stored token, or the turn to fetch one. Waits while another process fetches.
    pub(crate) async fn acquire(
        &self,
        store_keys: &StoreKeys,
        judge: impl Fn(&CachedToken) -> Disposition,
    ) -> Acquired {
        let deadline = Instant::now() + MAX_WAIT;
        let owner = random::name();
        let mut pause = POLL_DELAY.0;
        loop {
            match self.find(store_keys, &judge).await {
                Err(Unavailable) => return Acquired::StoreUnavailable,
                Ok(Some(cached)) => return Acquired::Token(cached),
                Ok(None) => {}
            }
            match self.ask(self.store.try_lock(&store_keys.lock, &owner, LOCK)).await {
                Err(Unavailable) => return Acquired::StoreUnavailable,
                Ok(true) => break,
                Ok(false) => {}
            }
            let next = Duration::from_secs_f64(pause * random::between(0.5, 1.0) / 1000.0);
            if Instant::now() + next >= deadline {
                return Acquired::Fetch(None);
            }
            sleep(next).await;
            pause = (pause * 1.5).min(POLL_DELAY.1);
        }
        // The previous holder of the lock may just have stored a token.
        match self.find(store_keys, &judge).await {
            Ok(Some(cached)) => {
                self.unlock(store_keys, FetchLock { owner }).await;
                Acquired::Token(cached)
            }
            Ok(None) => Acquired::Fetch(Some(FetchLock { owner })),
            Err(Unavailable) => Acquired::StoreUnavailable,
        }
    }

    /// Ends a turn: stores the token, if there is one, under its own names, and releases the lock.
    pub(crate) async fn release(
        &self,
        store_keys: &StoreKeys,
        lock: Option<FetchLock>,
        stored: Option<(&StoreKeys, &CachedToken)>,
    ) {
        if let Some((own_keys, cached)) = stored {
            self.put(own_keys, cached).await;
        }
        if let Some(lock) = lock {
            self.unlock(store_keys, lock).await;
        }
    }

    /// Removes the token, if `refused` is `None` or this token.
    pub(crate) async fn forget(&self, store_keys: &StoreKeys, refused: Option<&Secret>) {
        let judge = |found: &CachedToken| match refused.is_none_or(|refused| found.is(refused)) {
            true => Disposition::Remove,
            false => Disposition::Skip,
        };
        let _ = self.find(store_keys, &judge).await;
    }

    async fn find(
        &self,
        store_keys: &StoreKeys,
        judge: &impl Fn(&CachedToken) -> Disposition,
    ) -> Result<Option<CachedToken>, Unavailable> {
        for name in &store_keys.names {
            let Some(value) = self.ask(self.store.get(name)).await? else { continue };
            if value.len() > MAX_VALUE {
                continue;
            }
            let text = self.keys.open(name, &store_keys.purpose, &value);
            let opened = text.map(|text| codec::read(&text, self.clock.now()));
            let (disposition, found) = match opened {
                Some(Decoded::Token(cached)) => (judge(&cached), Some(cached)),
                // A host with a wrong clock must not remove other processes' tokens.
                Some(Decoded::ClockSkew) => (Disposition::Skip, None),
                // Forged, or stored for another purpose.
                Some(Decoded::Invalid) | None => (Disposition::Remove, None),
            };
            match (disposition, found) {
                (Disposition::Use, Some(cached)) => return Ok(Some(cached)),
                (Disposition::Remove, _) => self.ask(self.store.remove(name, &value)).await?,
                _ => {}
            }
        }
        Ok(None)
    }

    async fn put(&self, store_keys: &StoreKeys, cached: &CachedToken) {
        // It expires from the store before the first process would refresh it.
        let ttl = cached.shared_lifetime(self.clock.now());
        let (Some(ttl), Some(name)) = (ttl, store_keys.names.first()) else { return };
        let text = codec::write(cached);
        let value = text.and_then(|text| self.keys.seal(name, &store_keys.purpose, &text));
        let Some(value) = value else { return };
        let expires_at = (cached.expires_at() * 1000.0) as u64;
        let _ = self.ask(self.store.put_if_newer(name, &value, expires_at, ttl)).await;
    }

    async fn unlock(&self, store_keys: &StoreKeys, lock: FetchLock) {
        let _ = self.ask(self.store.unlock(&store_keys.lock, &lock.owner)).await;
    }

    async fn ask<T>(&self, call: StoreFuture<'_, T>) -> Result<T, Unavailable> {
        if self.breaker.is_open(self.clock.now()) {
            return Err(Unavailable);
        }
        let failure = match timeout(TIMEOUT, call).await {
            Ok(Ok(value)) => {
                self.breaker.succeeded();
                return Ok(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no response in time".to_owned(),
        };
        tracing::warn!(
            failure,
            "the shared token store is unavailable; this process fetches its own tokens"
        );
        self.breaker.failed(self.clock.now());
        Err(Unavailable)
    }
}

#[cfg(feature = "redis")]
fn connect_to(
    url: &Secret,
    allow_unencrypted: bool,
    transport: &TransportConfig,
) -> Result<Arc<dyn TokenStore>> {
    Ok(Arc::new(super::redis::RedisStore::new(url, allow_unencrypted, transport)?))
}

#[cfg(not(feature = "redis"))]
fn connect_to(_: &Secret, _: bool, _: &TransportConfig) -> Result<Arc<dyn TokenStore>> {
    let message = "built without the feature `redis`, which token_store_url needs";
    Err(Error::invalid_config("token_store_url", message))
}
