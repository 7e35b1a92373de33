//! Taking turns: who fetches, who waits, and what all do when the store is away.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::breaker::Breaker;
use super::keys::KeyRing;
use super::sealed::{self, Opened};
use super::{LARGEST, StoreFuture, TokenStore};
use crate::clock::Clock;
use crate::config::TransportConfig;
use crate::error::{Error, Result};
use crate::random;
use crate::secret::Secret;
use crate::token::GrantKey;
use crate::token::cached::Cached;

/// What every call of the store is given.
const TIMEOUT: Duration = Duration::from_millis(150);
/// A process that dies while it fetches holds the others up no longer than this.
const LOCK: Duration = Duration::from_secs(10);
/// How long a process waits for another's token, and how often it looks, in milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK: (f64, f64) = (50.0, 200.0);

/// A store with the keys that its values are sealed with.
pub(crate) struct SharedTokens {
    store: Arc<dyn TokenStore>,
    keys: KeyRing,
    clock: Clock,
    breaker: Breaker,
}

/// Which store, as the settings of a client or a source say.
pub(crate) struct StoreSettings {
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) url: Option<Secret>,
    pub(crate) key: Option<Secret>,
    pub(crate) allow_unencrypted: bool,
}

/// One grant's place in the store.
pub(crate) struct Place {
    /// The first is where its token is put, the others where it may still be.
    names: Vec<String>,
    lock: String,
    purpose: String,
}

/// What the store says to one who wants a token.
pub(crate) enum Turn {
    /// Here is one.
    Token(Cached),
    /// Fetch one, and put it here; for all who wait, if there is a lease.
    Fetch(Option<Lease>),
    /// Nothing: it is away.
    Away,
}

/// What is to become of a token that was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take,
    /// It is not for this caller.
    Leave,
    /// It is good for nobody.
    Remove,
}

/// The right to fetch for all.
pub(crate) struct Lease {
    owner: String,
}

/// The store did not answer, or is left alone for that reason.
struct Away;

impl fmt::Debug for SharedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTokens").field("store", &self.store).finish_non_exhaustive()
    }
}

impl SharedTokens {
    /// The store that the settings name, if they name one.
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
                    "token_store_url and token_store are two stores: give one or the other",
                ));
            }
            (Some(store), None) => store,
            (None, Some(url)) => connect_to(url, allow_unencrypted, transport)?,
            (None, None) if key.is_some() => {
                return Err(Error::invalid_config(
                    "token_store_url",
                    "token_store_url is missing, where token_store_key is given",
                ));
            }
            (None, None) => return Ok(None),
        };
        let key = key.ok_or_else(|| {
            Error::invalid_config(
                "token_store_key",
                "token_store_key is missing: tokens are never put into a store unsealed",
            )
        })?;
        let keys = KeyRing::parse(key)?;
        let (clock, breaker) = (transport.clock.clone(), Breaker::default());
        Ok(Some(Self { store, keys, clock, breaker }))
    }

    /// Where the token of the grant with this key belongs; `purpose` is what it is for.
    pub(crate) fn place(&self, grant: &GrantKey, purpose: &str) -> Place {
        let names = self.keys.names(grant);
        let lock = format!("{}:lock", names.first().map_or("", String::as_str));
        Place { names, lock, purpose: purpose.to_owned() }
    }

    /// A token to take, or who is to fetch one. Waits while another process does.
    pub(crate) async fn turn(&self, place: &Place, judge: impl Fn(&Cached) -> Verdict) -> Turn {
        let give_up_at = Instant::now() + PATIENCE;
        let owner = random::name();
        let mut pause = LOOK.0;
        loop {
            match self.find(place, &judge).await {
                Err(Away) => return Turn::Away,
                Ok(Some(cached)) => return Turn::Token(cached),
                Ok(None) => {}
            }
            match self.ask(self.store.try_lock(&place.lock, &owner, LOCK)).await {
                Err(Away) => return Turn::Away,
                Ok(true) => break,
                Ok(false) => {}
            }
            let next = Duration::from_secs_f64(pause * random::between(0.5, 1.0) / 1000.0);
            if Instant::now() + next >= give_up_at {
                return Turn::Fetch(None);
            }
            sleep(next).await;
            pause = (pause * 1.5).min(LOOK.1);
        }
        // Whoever held the lock before may have put a token there just now.
        match self.find(place, &judge).await {
            Ok(Some(cached)) => {
                self.give_back(place, Lease { owner }).await;
                Turn::Token(cached)
            }
            Ok(None) => Turn::Fetch(Some(Lease { owner })),
            Err(Away) => Turn::Away,
        }
    }

    /// Ends a turn: puts the token there, if there is one, and lets the others go on.
    pub(crate) async fn end_turn(
        &self,
        place: &Place,
        lease: Option<Lease>,
        cached: Option<&Cached>,
    ) {
        if let Some(cached) = cached {
            self.put(place, cached).await;
        }
        if let Some(lease) = lease {
            self.give_back(place, lease).await;
        }
    }

    /// Drops the token if it is the one that was refused.
    pub(crate) async fn forget(&self, place: &Place, refused: &Secret) {
        let judge = |found: &Cached| match found.is(refused) {
            true => Verdict::Remove,
            false => Verdict::Leave,
        };
        let _ = self.find(place, &judge).await;
    }

    async fn find(
        &self,
        place: &Place,
        judge: &impl Fn(&Cached) -> Verdict,
    ) -> Result<Option<Cached>, Away> {
        for name in &place.names {
            let Some(value) = self.ask(self.store.get(name)).await? else { continue };
            if value.len() > LARGEST {
                continue;
            }
            let text = self.keys.open(name, &place.purpose, &value);
            let opened = text.map(|text| sealed::read(&text, self.clock.now()));
            let (verdict, found) = match opened {
                Some(Opened::Token(cached)) => (judge(&cached), Some(cached)),
                // A host with a wrong clock must not take the fleet's tokens away.
                Some(Opened::WrongTime) => (Verdict::Leave, None),
                // Forged, or of another use.
                Some(Opened::Nonsense) | None => (Verdict::Remove, None),
            };
            match (verdict, found) {
                (Verdict::Take, Some(cached)) => return Ok(Some(cached)),
                (Verdict::Remove, _) => self.ask(self.store.remove(name, &value)).await?,
                _ => {}
            }
        }
        Ok(None)
    }

    async fn put(&self, place: &Place, cached: &Cached) {
        // It is gone before the first process would refresh it.
        let ttl = cached.worth_sharing(self.clock.now());
        let (Some(ttl), Some(name)) = (ttl, place.names.first()) else { return };
        let text = sealed::write(cached);
        let value = text.and_then(|text| self.keys.seal(name, &place.purpose, &text));
        let Some(value) = value else { return };
        let expires_at = (cached.expires_at() * 1000.0) as u64;
        let _ = self.ask(self.store.put_if_newer(name, &value, expires_at, ttl)).await;
    }

    async fn give_back(&self, place: &Place, lease: Lease) {
        let _ = self.ask(self.store.unlock(&place.lock, &lease.owner)).await;
    }

    async fn ask<T>(&self, call: StoreFuture<'_, T>) -> Result<T, Away> {
        if self.breaker.is_open(self.clock.now()) {
            return Err(Away);
        }
        let failure = match timeout(TIMEOUT, call).await {
            Ok(Ok(value)) => {
                self.breaker.succeeded();
                return Ok(value);
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(failure, "the shared token store is away; this process fetches for itself");
        self.breaker.failed(self.clock.now());
        Err(Away)
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
    let message = "this build knows no shared stores: switch the feature `redis` on";
    Err(Error::invalid_config("token_store_url", message))
}
