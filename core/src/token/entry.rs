//! One grant and its token: one flight at a time, refreshed ahead, never displaced by a failure.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use super::cached_token::CachedToken;
use super::fetcher::TokenFetcher;
use super::refusals::Refusals;
use super::store::shared::{Acquired, Disposition, StoreKeys};
use super::{Grant, Token};
use crate::backoff::{Backoff, MaxDelays, RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Repeat;
use crate::secret::Secret;
use crate::single_flight::{Joined, NoResult, SingleFlight};
use crate::stats::CacheStats;

/// With this many seconds left, a token is still handed out when the refresh failed.
const LAST_RESORT: f64 = 5.0;
/// Seconds between two refreshes ahead of one grant, whatever the lifetime.
const REFRESH_INTERVAL: f64 = 1.0;
/// Seconds that a permanent failure is remembered.
const PERMANENT_FAILURE: f64 = 10.0;
/// The longest backoff after a transient failure, and the longest `Retry-After` that is honoured.
const MAX_DELAYS: MaxDelays =
    MaxDelays { refresh: 60.0, retry_after: 3600.0, retry_after_of_callers: 5.0 };
/// The same where the server said that it was asked too often.
const MAX_DELAYS_RATE_LIMITED: MaxDelays =
    MaxDelays { retry_after_of_callers: 3600.0, ..MAX_DELAYS };
/// How long the server may be silent before another request is sent beside the first, and how many
/// there are at the most.
const SILENCE: Duration = Duration::from_secs(2);
const ASKED_AT_ONCE: usize = 5;
/// What a flight may take beyond the requests' own deadline.
const SLACK: Duration = Duration::from_secs(15);

pub(crate) struct TokenEntry {
    grant: Grant,
    fetcher: Arc<TokenFetcher>,
    /// Where its token lies in the store, if there is one.
    store_keys: Option<StoreKeys>,
    current: ArcSwapOption<CachedToken>,
    single_flight: SingleFlight<FailureState, Arc<CachedToken>>,
    throttle: RefreshThrottle,
}

impl std::fmt::Debug for TokenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenEntry").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// What went wrong recently.
#[derive(Default)]
struct FailureState {
    backoff: Backoff<Error>,
    refusals: Refusals,
}

/// Why a request is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenFetchReason {
    /// There is no token to hand out.
    NoToken,
    /// There is one, which will soon be too old.
    RefreshAhead,
    /// The caller insists.
    Forced,
}

/// Why there is no request.
enum NoTokenFetch {
    /// A token came while the caller was on its way.
    AlreadyFresh(Arc<CachedToken>),
    /// The last request failed, and the next is not due.
    BackingOff(Error),
}

impl TokenEntry {
    pub(crate) fn new(grant: Grant, fetcher: Arc<TokenFetcher>) -> Self {
        let config = fetcher.transport.config();
        let longest = config.total_timeout.saturating_add(SLACK);
        let single_flight =
            SingleFlight::new(config.spawner.clone(), config.clock.clone(), longest);
        let shared = fetcher.shared.as_ref();
        let store_keys =
            shared.map(|shared| shared.store_keys(&grant.cache_key(), grant.url().as_str()));
        let current = ArcSwapOption::empty();
        Self {
            grant,
            fetcher,
            store_keys,
            current,
            single_flight,
            throttle: RefreshThrottle::default(),
        }
    }

    /// The cached token, if it can be had without waiting. Starts the refresh when it is due.
    pub(crate) fn cached(self: &Arc<Self>) -> Option<Token> {
        let now = self.now();
        let current = self.current.load();
        let cached = current.as_ref().filter(|cached| cached.is_usable(now))?;
        if cached.is_due(now) {
            if self.throttle.claim(now, REFRESH_INTERVAL) {
                // The caller has its token either way.
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
                // It joined a flight of callers who do not insist.
                Ok(cached) if force && cached.is_from_store => continue,
                Ok(cached) => Ok(cached.token(self.now())),
                Err(error) if force => Err(error),
                Err(error) => self.last_resort(error),
            };
        }
    }

    /// Drops the token if it is still `refused`; after several refusals, ever less often.
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

    pub(crate) fn is_of(&self, client_id: &str) -> bool {
        self.grant.client_id() == client_id
    }

    /// Drops the token, here and then in the store, whichever is there.
    pub(crate) fn clear(self: &Arc<Self>) {
        self.current.store(None);
        self.forget(None);
    }

    /// Whether there is a token to hand out, if only as the last resort.
    pub(crate) fn has_token(&self, now: Instants) -> bool {
        self.current.load().as_ref().is_some_and(|cached| cached.remaining(now) > 0.0)
    }

    /// Tells the other processes, in the background. This one will not take it from the store.
    fn forget(self: &Arc<Self>, refused: Option<Secret>) {
        let entry = Arc::clone(self);
        let work = async move {
            if let (Some(shared), Some(store_keys)) = (&entry.fetcher.shared, &entry.store_keys) {
                shared.forget(store_keys, refused.as_ref()).await;
            }
        };
        if self.store_keys.is_some() {
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
        let joined = self.single_flight.join_or_start(
            |failures| self.decide(reason, failures),
            || async move { fetcher.obtain(reason).await },
            move |failures, outcome, is_latest| recorder.record(failures, outcome, is_latest),
            move |outcome| reporter.report(outcome),
        )?;
        if !joined.is_new {
            self.fetcher.counters.flights_joined.add();
        }
        Ok(joined)
    }

    fn decide(
        &self,
        reason: TokenFetchReason,
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
            (None, Some((error, wait))) if reason != TokenFetchReason::Forced => {
                let error = error.clone().with(|d| d.retry_after = Some(wait));
                Err(NoTokenFetch::BackingOff(error))
            }
            _ => Ok(()),
        }
    }

    /// From the store, or from the server for all who share the store.
    async fn obtain(&self, reason: TokenFetchReason) -> Result<Arc<CachedToken>> {
        let (Some(shared), Some(store_keys)) = (&self.fetcher.shared, &self.store_keys) else {
            return self.ask(reason).await;
        };
        let acquired = match reason {
            TokenFetchReason::Forced => Acquired::Fetch(None),
            TokenFetchReason::NoToken | TokenFetchReason::RefreshAhead => {
                shared.acquire(store_keys, |found| self.judge(found, reason)).await
            }
        };
        match acquired {
            Acquired::Token(cached) => Ok(Arc::new(cached)),
            Acquired::StoreUnavailable => self.ask(reason).await,
            Acquired::Fetch(lock) => {
                let outcome = self.ask(reason).await;
                // Nobody else needs a token that was refused here.
                let good = outcome.as_deref().ok().filter(|cached| !self.was_refused(cached));
                shared.release(store_keys, lock, good).await;
                outcome
            }
        }
    }

    fn judge(&self, found: &CachedToken, reason: TokenFetchReason) -> Disposition {
        let now = self.now();
        match found.is_usable(now) && (reason == TokenFetchReason::NoToken || !found.is_due(now)) {
            _ if self.was_refused(found) => Disposition::Remove,
            true => Disposition::Use,
            false => Disposition::Skip,
        }
    }

    fn was_refused(&self, cached: &CachedToken) -> bool {
        self.single_flight.with_state(|failures, _| failures.refusals.is_of(cached))
    }

    /// Asks the server; while it is silent, again every few seconds, so that a request that got lost
    /// holds nobody up once the server answers others.
    async fn ask(&self, reason: TokenFetchReason) -> Result<Arc<CachedToken>> {
        let is_patient = self.fetcher.transport.config().attempt_timeout > SILENCE;
        let most = if is_patient { ASKED_AT_ONCE } else { 1 };
        let mut asked = FuturesUnordered::from_iter([self.ask_once(reason)]);
        loop {
            tokio::select! {
                biased;
                Some(outcome) = asked.next() => match outcome {
                    Err(error) if error.is_transient() && !asked.is_empty() => {}
                    outcome => return outcome,
                },
                () = sleep(SILENCE), if asked.len() < most => asked.push(self.ask_once(reason)),
            }
        }
    }

    async fn ask_once(&self, reason: TokenFetchReason) -> Result<Arc<CachedToken>> {
        // In an outage the backoff alone says when to ask again.
        let is_probe = self.single_flight.with_state(|failures, _| failures.backoff.failures() > 0);
        let repeat = match is_probe && reason != TokenFetchReason::Forced {
            true => Repeat::Never,
            false => Repeat::Safe,
        };
        // Before the request, so that the token never seems younger than it is.
        let asked_at = self.now();
        let granted = self.grant.fetch_with(&self.fetcher.transport, repeat).await?;
        Ok(Arc::new(CachedToken::new(&granted, asked_at)))
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
                    // It was given up and comes late: what came instead is newer.
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
                // One that was given up says nothing about those after it.
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

    fn report(&self, outcome: &Result<Arc<CachedToken>>) {
        match outcome {
            Ok(cached) if cached.is_from_store => {
                tracing::debug!("access token taken from the shared store");
            }
            Ok(_) => tracing::debug!("access token fetched"),
            Err(error) => tracing::warn!(code = error.code(), "access token not fetched"),
        }
    }

    /// The old token while it lives, where only the refresh failed.
    fn last_resort(&self, error: Error) -> Result<Token> {
        let now = self.now();
        match self.current.load_full() {
            Some(cached) if error.is_transient() && cached.remaining(now) >= LAST_RESORT => {
                tracing::warn!(
                    code = error.code(),
                    "token refresh failed; still using the cached token"
                );
                self.fetcher.counters.stale_served.add();
                Ok(cached.token(now))
            }
            _ => Err(error),
        }
    }
}
