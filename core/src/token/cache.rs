//! Cached tokens: one flight per grant, refreshed ahead, never displaced by a failure.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::{Grant, Granted, Token};
use crate::clock::{Instants, system_time};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Transport;
use crate::random;
use crate::runtime::{Flight, Landing};

/// Grants remembered at once; the least recently used goes first.
const CAPACITY: usize = 256;
/// The longest time before expiry that a refresh starts, and its share of the lifetime.
const REFRESH_AHEAD: (f64, f64) = (300.0, 0.2);
/// The time before expiry from which callers wait for the refresh, and its share of the lifetime.
const FLOOR: (f64, f64) = (30.0, 0.1);
/// With this much left, a token is still handed out when the refresh failed.
const LAST_RESORT: f64 = 5.0;
/// Seconds between two refreshes of one grant, whatever the lifetime.
const REFRESH_INTERVAL: f64 = 1.0;
/// Seconds between two refreshes that [`TokenEntry::invalidate`] forces.
const INVALIDATE_INTERVAL: f64 = 10.0;
/// Seconds that a permanent failure is remembered.
const PERMANENT_FAILURE: f64 = 10.0;
/// The longest backoff after a transient failure.
const LONGEST_BACKOFF: f64 = 60.0;

/// The tokens of a client's many grants.
#[derive(Debug)]
pub(crate) struct TokenCache {
    transport: Arc<Transport>,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<[u8; 32], (u64, Arc<TokenEntry>)>,
    uses: u64,
}

impl TokenCache {
    pub(crate) fn new(transport: Arc<Transport>) -> Self {
        Self { transport, entries: Mutex::default() }
    }

    pub(crate) async fn token(&self, grant: Grant, force: bool) -> Result<Token> {
        let entry = self.entry(grant);
        entry.token(force).await
    }

    fn entry(&self, grant: Grant) -> Arc<TokenEntry> {
        let key = grant.cache_key();
        let mut entries = lock(&self.entries);
        entries.uses += 1;
        let uses = entries.uses;
        if let Some((used, entry)) = entries.by_key.get_mut(&key) {
            *used = uses;
            return Arc::clone(entry);
        }
        if entries.by_key.len() >= CAPACITY {
            let oldest = entries.by_key.iter().min_by_key(|(_, (used, _))| *used);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                entries.by_key.remove(&oldest);
            }
        }
        let entry = Arc::new(TokenEntry::new(grant, Arc::clone(&self.transport)));
        entries.by_key.insert(key, (uses, Arc::clone(&entry)));
        entry
    }
}

/// One grant and its token.
pub(crate) struct TokenEntry {
    grant: Grant,
    transport: Arc<Transport>,
    current: ArcSwapOption<Cached>,
    flight: Flight<Result<Arc<Cached>>>,
    trouble: Mutex<Trouble>,
}

impl std::fmt::Debug for TokenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenEntry").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// A fetched token with its schedule.
struct Cached {
    token: Token,
    /// Read before the request was sent, so that the token never seems younger than it is.
    asked_at: Instants,
    lifetime: f64,
    refresh_ahead: f64,
}

impl Cached {
    fn remaining(&self, now: Instants) -> f64 {
        self.lifetime - now.since(self.asked_at)
    }

    fn token(&self, now: Instants) -> Token {
        let expires_in = self.remaining(now).max(0.0).round() as u64;
        Token { expires_in, ..self.token.clone() }
    }
}

/// What went wrong lately, and what was asked lately.
#[derive(Default)]
struct Trouble {
    failure: Option<Failure>,
    transient_failures: u32,
    asked_at: Option<Instants>,
    invalidated_at: Option<Instants>,
}

struct Failure {
    error: Error,
    at: Instants,
    lasts: f64,
}

impl TokenEntry {
    pub(crate) fn new(grant: Grant, transport: Arc<Transport>) -> Self {
        Self {
            grant,
            transport,
            current: ArcSwapOption::empty(),
            flight: Flight::default(),
            trouble: Mutex::default(),
        }
    }

    /// The cached token, if it can be had without waiting. Starts the refresh when it is due.
    pub(crate) fn cached(self: &Arc<Self>) -> Option<Token> {
        let cached = self.at_hand()?;
        let now = self.now();
        if cached.remaining(now) <= cached.refresh_ahead && self.may_refresh(now) {
            // The caller has its token either way.
            let _ = self.fetch(true);
        }
        Some(cached.token(now))
    }

    fn at_hand(&self) -> Option<Arc<Cached>> {
        let now = self.now();
        self.current.load_full().filter(|c| c.remaining(now) > share(FLOOR, c.lifetime))
    }

    pub(crate) async fn token(self: &Arc<Self>, force: bool) -> Result<Token> {
        if !force {
            if let Some(token) = self.cached() {
                return Ok(token);
            }
            if let Some(error) = self.remembered_failure() {
                return self.last_resort(error);
            }
        }
        let outcome = match self.fetch(force) {
            Ok(landing) => landing.wait().await.and_then(|landed| landed),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(cached) => Ok(cached.token(self.now())),
            Err(error) if force => Err(error),
            Err(error) => self.last_resort(error),
        }
    }

    /// Drops the token if it is still `access_token`.
    pub(crate) fn invalidate(&self, access_token: &str) {
        let Some(cached) = self.current.load_full() else { return };
        let same = cached.token.access_token == crate::Secret::from(access_token);
        let now = self.now();
        let mut trouble = lock(&self.trouble);
        let lately = trouble.invalidated_at.is_some_and(|at| now.since(at) < INVALIDATE_INTERVAL);
        if same && !lately {
            trouble.invalidated_at = Some(now);
            self.current.compare_and_swap(&cached, None);
        }
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }

    fn may_refresh(&self, now: Instants) -> bool {
        let trouble = lock(&self.trouble);
        trouble.asked_at.is_none_or(|at| now.since(at) >= REFRESH_INTERVAL)
            && trouble.failure.as_ref().is_none_or(|failure| failure.over(now))
    }

    /// The failure that stands in for asking again so soon.
    fn remembered_failure(&self) -> Option<Error> {
        let now = self.now();
        let trouble = lock(&self.trouble);
        let failure = trouble.failure.as_ref().filter(|failure| !failure.over(now))?;
        let wait = failure.lasts - now.since(failure.at);
        let wait = Duration::try_from_secs_f64(wait).unwrap_or_default();
        Some(failure.error.clone().with(|d| d.retry_after = Some(wait)))
    }

    /// The old token while it lives, where only the refresh failed.
    fn last_resort(&self, error: Error) -> Result<Token> {
        let now = self.now();
        match self.current.load_full() {
            Some(cached) if is_transient(&error) && cached.remaining(now) >= LAST_RESORT => {
                tracing::warn!(code = error.code(), "token refresh failed; the old one is served");
                Ok(cached.token(now))
            }
            _ => Err(error),
        }
    }

    /// Asks the server, or waits for whoever does. Unless it is to `replace` a token that is at hand,
    /// one that came while the caller was on its way will do.
    fn fetch(self: &Arc<Self>, replace: bool) -> Result<Landing<Result<Arc<Cached>>>> {
        let spawner = &self.transport.config().spawner;
        let (landing, _) = self.flight.join(spawner, || {
            let entry = Arc::clone(self);
            async move {
                match entry.at_hand().filter(|_| !replace) {
                    Some(cached) => Ok(cached),
                    None => entry.ask().await,
                }
            }
        })?;
        Ok(landing)
    }

    async fn ask(&self) -> Result<Arc<Cached>> {
        let asked_at = self.now();
        lock(&self.trouble).asked_at = Some(asked_at);
        let outcome = self.grant.fetch(&self.transport).await;
        match outcome {
            Ok(granted) => {
                let cached = Arc::new(Cached::new(&granted, asked_at));
                self.current.store(Some(Arc::clone(&cached)));
                let mut trouble = lock(&self.trouble);
                trouble.failure = None;
                trouble.transient_failures = 0;
                Ok(cached)
            }
            Err(error) => {
                self.remember(&error);
                Err(error)
            }
        }
    }

    fn remember(&self, error: &Error) {
        let now = self.now();
        let mut trouble = lock(&self.trouble);
        let lasts = if is_transient(error) {
            trouble.transient_failures = trouble.transient_failures.saturating_add(1);
            let doubled = 2f64.powi(trouble.transient_failures.min(10) as i32 - 1);
            let backoff = random::between(0.5, 1.0) * doubled.min(LONGEST_BACKOFF);
            error.details().retry_after.map_or(backoff, |wait| wait.as_secs_f64())
        } else {
            PERMANENT_FAILURE
        };
        trouble.failure = Some(Failure { error: error.clone(), at: now, lasts });
    }
}

impl Failure {
    fn over(&self, now: Instants) -> bool {
        now.since(self.at) >= self.lasts
    }
}

impl Cached {
    fn new(granted: &Granted, asked_at: Instants) -> Self {
        // A token that lives under a second is served for that second all the same.
        let lifetime = granted.lifetime().unwrap_or(0.0).max(REFRESH_INTERVAL);
        let expires_at = system_time(asked_at.wall + lifetime).unwrap_or(std::time::UNIX_EPOCH);
        let token = Token {
            access_token: granted.access_token.clone(),
            token_type: granted.token_type.clone(),
            expires_in: lifetime as u64,
            expires_at,
            granted_scopes: granted.granted_scopes(),
            request_id: granted.request_id.clone(),
            status_code: granted.status_code.unwrap_or(200),
        };
        let refresh_ahead = share(REFRESH_AHEAD, lifetime) * random::between(0.8, 1.2);
        Self { token, asked_at, lifetime, refresh_ahead }
    }
}

/// A bound in seconds, or a share of the lifetime where that is less.
fn share((seconds, of_lifetime): (f64, f64), lifetime: f64) -> f64 {
    seconds.min(lifetime * of_lifetime)
}

/// Whether asking again later can help.
fn is_transient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Network
        | ErrorKind::Timeout
        | ErrorKind::RateLimited
        | ErrorKind::Service
        | ErrorKind::UnexpectedResponse => true,
        _ => matches!(error.details().status_code, Some(408 | 425)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
