//! A grant and its token: fetched by single flight, refreshed ahead, and kept when a refresh fails.

mod obtain;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use url::Url;

use super::cached_token::CachedToken;
use super::fetcher::TokenFetcher;
use super::holders::TokenHolder;
use super::refusals::Refusals;
use super::{Grant, Token};
use crate::backoff::{Backoff, MaxDelays, RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::secret::Secret;
use crate::single_flight::{Joined, NoResult, SingleFlight};
use crate::stats::CacheStats;

/// Minimum remaining seconds with which a token is still returned after a failed refresh.
const LAST_RESORT: f64 = 5.0;
/// Minimum seconds between two refreshes ahead of one grant.
const REFRESH_INTERVAL: f64 = 1.0;
/// Seconds for which a permanent failure is remembered.
const PERMANENT_FAILURE: f64 = 10.0;
/// The longest backoff after a transient failure, and the longest `Retry-After` that is honoured.
const MAX_DELAYS: MaxDelays =
    MaxDelays { refresh: 60.0, retry_after: 3600.0, retry_after_of_callers: 5.0 };
/// The same after `rate_limited`.
const MAX_DELAYS_RATE_LIMITED: MaxDelays =
    MaxDelays { retry_after_of_callers: 3600.0, ..MAX_DELAYS };
/// Time that a single flight may take in addition to the requests' deadline.
const EXTRA_FLIGHT_TIME: Duration = Duration::from_secs(15);

pub(crate) struct TokenEntry {
    grant: Grant,
    fetcher: Arc<TokenFetcher>,
    current: ArcSwapOption<CachedToken>,
    single_flight: SingleFlight<FailureState, Arc<CachedToken>>,
    throttle: RefreshThrottle,
}

impl std::fmt::Debug for TokenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenEntry").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// Recent failures.
#[derive(Default)]
struct FailureState {
    backoff: Backoff<Error>,
    refusals: Refusals,
}

/// Why a request is needed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenFetchReason {
    /// There is no usable token.
    NoToken,
    /// The token will expire soon.
    RefreshAhead,
    /// The caller requires a new token.
    Forced,
}

/// Why no request is made.
enum NoTokenFetch {
    /// A token has arrived in the meantime.
    AlreadyFresh(Arc<CachedToken>),
    /// The last request failed, and the next is not due yet.
    BackingOff(Error),
}

impl TokenHolder for TokenEntry {
    fn drop_client(self: Arc<Self>, token_url: &Url, client_id: &str) {
        if self.is_of(token_url, client_id) {
            self.clear();
        }
    }
}

impl TokenEntry {
    pub(crate) fn new(grant: Grant, fetcher: Arc<TokenFetcher>) -> Self {
        let config = fetcher.transport.config();
        let requests = config.total_timeout.saturating_mul(grant.credential().max_attempts());
        let longest = requests.saturating_add(EXTRA_FLIGHT_TIME);
        let single_flight =
            SingleFlight::new(config.spawner.clone(), config.clock.clone(), longest);
        let current = ArcSwapOption::empty();
        Self { grant, fetcher, current, single_flight, throttle: RefreshThrottle::default() }
    }

    /// The cached token, if it can be returned without waiting. Starts a refresh if it is due.
    pub(crate) fn cached(self: &Arc<Self>) -> Option<Token> {
        let now = self.now();
        let current = self.current.load();
        let cached = current.as_ref().filter(|cached| cached.is_usable(now))?;
        if cached.is_due(now) {
            if self.throttle.claim(now, REFRESH_INTERVAL) {
                // The caller has its token in both cases.
                let _ = self.join_or_start(TokenFetchReason::RefreshAhead);
            }
            if self.throttle.is_failing() {
                self.fetcher.counters.stale_served.add();
            }
        }
        self.fetcher.counters.hits.add();
        Some(cached.token(now))
    }

    pub(crate) async fn token(self: &Arc<Self>, force: bool) -> Result<Token> {
        if !force && let Some(token) = self.cached() {
            return Ok(token);
        }
        self.fetcher.counters.misses.add();
        let reason = if force { TokenFetchReason::Forced } else { TokenFetchReason::NoToken };
        loop {
            let outcome = match self.single_flight.run(|| self.join_or_start(reason)).await {
                Ok((cached, _)) | Err(NoResult::Declined(NoTokenFetch::AlreadyFresh(cached))) => {
                    Ok(cached)
                }
                Err(
                    NoResult::Declined(NoTokenFetch::BackingOff(error)) | NoResult::Failed(error),
                ) => Err(error),
            };
            return match outcome {
                // It joined the flight of callers that accept a cached token.
                Ok(cached) if force && cached.is_from_store => continue,
                Ok(cached) => Ok(cached.token(self.now())),
                Err(error) if force => Err(error),
                Err(error) => self.last_resort(error),
            };
        }
    }

    /// Drops the token if it is still the `refused` one; after several refusals, at growing
    /// intervals.
    pub(crate) fn invalidate(self: &Arc<Self>, refused: &Secret) {
        let current = self.current.load_full();
        let Some(cached) = current.filter(|cached| cached.is(refused)) else { return };
        let now = self.now();
        if self.single_flight.with_state(|failures, _| failures.refusals.may_replace(refused, now))
        {
            self.current.compare_and_swap(&cached, None);
            self.forget(Some(refused.clone()));
        }
    }

    pub(crate) fn is_of(&self, token_url: &Url, client_id: &str) -> bool {
        let is_clients = self.grant.credential().client_id() == client_id;
        is_clients && self.grant.endpoint().name() == token_url.as_str()
    }

    /// Drops the token here, and then in the store.
    pub(crate) fn clear(self: &Arc<Self>) {
        self.current.store(None);
        self.forget(None);
    }

    /// Whether there is a token to return, at least as a last resort.
    pub(crate) fn has_token(&self, now: Instants) -> bool {
        self.current.load().as_ref().is_some_and(|cached| cached.remaining(now) > 0.0)
    }

    /// Removes the token from the store in the background. This process no longer accepts it from
    /// there.
    fn forget(self: &Arc<Self>, refused: Option<Secret>) {
        let entry = Arc::clone(self);
        let work = async move {
            if let Some(shared) = &entry.fetcher.shared {
                let known = entry.grant.credential().known();
                let store_keys = entry.store_keys(shared, known.iter());
                shared.forget(&store_keys, refused.as_ref()).await;
            }
        };
        if self.fetcher.shared.is_some() {
            let _ = self.fetcher.transport.config().spawner.spawn(Box::pin(work));
        }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.fetcher.counters.snapshot()
    }

    fn now(&self) -> Instants {
        self.fetcher.transport.config().clock.now()
    }

    fn join_or_start(
        self: &Arc<Self>,
        reason: TokenFetchReason,
    ) -> Result<Joined<Arc<CachedToken>>, NoResult<NoTokenFetch>> {
        let (fetcher, recorder, reporter) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        let started = self.now();
        // Outside the lock, since it may look at files.
        let has_changed =
            reason == TokenFetchReason::NoToken && self.grant.credential().has_changed();
        let joined = self.single_flight.join_or_start(
            |failures| self.may_fetch(reason, has_changed, failures),
            || async move { fetcher.obtain(reason).await },
            move |failures, outcome, is_latest| recorder.record(failures, outcome, is_latest),
            move |outcome| reporter.report(outcome, started),
        )?;
        if !joined.is_new {
            self.fetcher.counters.flights_joined.add();
        }
        Ok(joined)
    }

    fn may_fetch(
        &self,
        reason: TokenFetchReason,
        has_changed: bool,
        failures: &FailureState,
    ) -> Result<(), NoTokenFetch> {
        let now = self.now();
        let current = self.current.load_full();
        let good = current.filter(|cached| match reason {
            TokenFetchReason::NoToken => cached.is_usable(now),
            TokenFetchReason::RefreshAhead => !cached.is_due(now),
            TokenFetchReason::Forced => false,
        });
        let waiting = match reason {
            TokenFetchReason::NoToken | TokenFetchReason::Forced => Waiter::Callers,
            TokenFetchReason::RefreshAhead => Waiter::Refresh,
        };
        match (good, failures.backoff.current_error(now, waiting)) {
            (Some(cached), _) => Err(NoTokenFetch::AlreadyFresh(cached)),
            // A new secret may help where the old one was refused.
            (None, Some((error, _))) if has_changed && !error.is_transient() => Ok(()),
            (None, Some((error, wait))) if reason != TokenFetchReason::Forced => {
                let error = error.clone().with(|d| d.retry_after = Some(wait));
                Err(NoTokenFetch::BackingOff(error))
            }
            _ => Ok(()),
        }
    }

    fn record(
        &self,
        failures: &mut FailureState,
        outcome: &Result<Arc<CachedToken>>,
        is_latest: bool,
    ) {
        let now = self.now();
        match outcome {
            Ok(cached) => {
                if !cached.is_from_store {
                    self.fetcher.counters.refreshes.add();
                }
                failures.backoff.succeeded();
                self.throttle.succeeded();
                if !is_latest && self.current.load().is_some() {
                    // The fetch was abandoned and ends late: the current token is newer.
                    return;
                }
                match failures.refusals.pause_after(cached) {
                    None => self.current.store(Some(Arc::clone(cached))),
                    Some(pause) => {
                        let again = cached.refused_before();
                        self.current.store(Some(Arc::new(again)));
                        self.throttle.hold(now, pause);
                    }
                }
            }
            Err(error) => {
                self.fetcher.counters.failures.add();
                // An abandoned fetch says nothing about later ones.
                if is_latest {
                    let delays = if error.is_transient() {
                        let asked = error.details().retry_after.map(|wait| wait.as_secs_f64());
                        let limited = error.kind() == ErrorKind::RateLimited;
                        let longest = if limited { MAX_DELAYS_RATE_LIMITED } else { MAX_DELAYS };
                        failures.backoff.record_transient(error.clone(), now, asked, longest)
                    } else {
                        failures.backoff.record_permanent(error.clone(), now, PERMANENT_FAILURE)
                    };
                    self.throttle.failed(now, delays.refresh);
                }
            }
        }
    }

    fn report(&self, outcome: &Result<Arc<CachedToken>>, started: Instants) {
        let (host, elapsed_ms) =
            (self.grant.endpoint().authority(), self.now().milliseconds_since(started));
        match outcome {
            Ok(cached) if cached.is_from_store => {
                tracing::debug!(host, elapsed_ms, "access token taken from the shared store");
            }
            Ok(_) => tracing::debug!(host, elapsed_ms, "access token fetched"),
            Err(error) => {
                let (code, request_id) = (error.code(), error.details().request_id.as_deref());
                tracing::warn!(code, host, request_id, elapsed_ms, "access token not fetched");
            }
        }
    }

    /// The old token until it expires, if only the refresh failed.
    fn last_resort(&self, error: Error) -> Result<Token> {
        let now = self.now();
        match self.current.load_full() {
            Some(cached) if error.is_transient() && cached.remaining(now) >= LAST_RESORT => {
                tracing::warn!(
                    code = error.code(),
                    host = self.grant.endpoint().authority(),
                    request_id = error.details().request_id.as_deref(),
                    "token refresh failed; still using the cached token"
                );
                self.fetcher.counters.stale_served.add();
                Ok(cached.token(now))
            }
            _ => Err(error),
        }
    }
}
