//! One grant and its token: one flight at a time, refreshed ahead, never displaced by a failure.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use super::cached::Cached;
use super::refusals::Refusals;
use super::store::shared::{Place, SharedTokens, Turn, Verdict};
use super::{Grant, Token};
use crate::backoff::{Backoff, Longest, Pace, Waiting};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::flight::{Boarding, Flights};
use crate::http::retry::is_transient;
use crate::http::{Repeat, Transport};
use crate::secret::Secret;
use crate::stats::{CacheStats, Counters};

/// With this many seconds left, a token is still handed out when the refresh failed.
const LAST_RESORT: f64 = 5.0;
/// Seconds between two refreshes ahead of one grant, whatever the lifetime.
const REFRESH_INTERVAL: f64 = 1.0;
/// Seconds that a permanent failure is remembered.
const PERMANENT_FAILURE: f64 = 10.0;
/// The longest backoff after a transient failure, and the longest `Retry-After` that is honoured.
const LONGEST: Longest = Longest { refresh: 60.0, asked: 3600.0, asked_of_callers: 5.0 };
/// The same where the server said that it was asked too often.
const LONGEST_LIMITED: Longest = Longest { asked_of_callers: 3600.0, ..LONGEST };
/// How long the server may be silent before another request is sent beside the first, and how many
/// there are at the most.
const SILENCE: Duration = Duration::from_secs(2);
const ASKED_AT_ONCE: usize = 5;
/// What a flight may take beyond the requests' own deadline.
const SLACK: Duration = Duration::from_secs(15);

/// Where tokens come from.
#[derive(Debug)]
pub(crate) struct Supply {
    pub(crate) transport: Arc<Transport>,
    /// What the processes of a fleet have in common.
    pub(crate) shared: Option<SharedTokens>,
    pub(crate) counters: Counters,
}

impl Supply {
    pub(crate) fn new(transport: Arc<Transport>, shared: Option<SharedTokens>) -> Self {
        Self { transport, shared, counters: Counters::default() }
    }
}

pub(crate) struct TokenEntry {
    grant: Grant,
    supply: Arc<Supply>,
    /// Where its token lies in the store, if there is one.
    place: Option<Place>,
    current: ArcSwapOption<Cached>,
    flights: Flights<Trouble, Result<Arc<Cached>>>,
    pace: Pace,
}

impl std::fmt::Debug for TokenEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenEntry").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// What went wrong recently.
#[derive(Default)]
struct Trouble {
    backoff: Backoff<Error>,
    refusals: Refusals,
}

/// Why a request is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    /// There is no token to hand out.
    Any,
    /// There is one, which will soon be too old.
    Ahead,
    /// The caller insists.
    Fresh,
}

/// Why there is no request.
enum Grounded {
    /// A token came while the caller was on its way.
    Supplied(Arc<Cached>),
    /// The last request failed, and the next is not due.
    Failed(Error),
}

impl TokenEntry {
    pub(crate) fn new(grant: Grant, supply: Arc<Supply>) -> Self {
        let config = supply.transport.config();
        let longest = config.total_timeout.saturating_add(SLACK);
        let flights = Flights::new(config.spawner.clone(), config.clock.clone(), longest);
        let shared = supply.shared.as_ref();
        let place = shared.map(|shared| shared.place(&grant.cache_key(), grant.url().as_str()));
        let current = ArcSwapOption::empty();
        Self { grant, supply, place, current, flights, pace: Pace::default() }
    }

    /// The cached token, if it can be had without waiting. Starts the refresh when it is due.
    pub(crate) fn cached(self: &Arc<Self>) -> Option<Token> {
        let now = self.now();
        let current = self.current.load();
        let cached = current.as_ref().filter(|cached| cached.is_at_hand(now))?;
        if cached.is_due(now) {
            if self.pace.claim(now, REFRESH_INTERVAL) {
                // The caller has its token either way.
                let _ = self.board(Want::Ahead);
            }
            if self.pace.is_failing() {
                self.supply.counters.stale_served.add();
            }
        }
        self.supply.counters.hits.add();
        Some(cached.token(now))
    }

    pub(crate) async fn token(self: &Arc<Self>, force: bool) -> Result<Token> {
        if !force && let Some(token) = self.cached() {
            return Ok(token);
        }
        self.supply.counters.misses.add();
        let want = if force { Want::Fresh } else { Want::Any };
        loop {
            let outcome = match self.flights.ride(|| self.board(want)).await? {
                Ok((landed, _)) => landed,
                Err(Grounded::Supplied(cached)) => Ok(cached),
                Err(Grounded::Failed(error)) => Err(error),
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

    /// Drops the token if it is still `access_token`; after several refusals, ever less often.
    pub(crate) fn invalidate(self: &Arc<Self>, access_token: &str) {
        let current = self.current.load_full();
        let refused = Secret::from(access_token);
        let Some(cached) = current.filter(|cached| cached.is(&refused)) else { return };
        let now = self.now();
        if self.flights.look(|trouble, _| trouble.refusals.may_replace(&refused, now)) {
            self.current.compare_and_swap(&cached, None);
            self.forget(refused);
        }
    }

    /// Whether there is a token to hand out, if only as the last resort.
    pub(crate) fn has_token(&self) -> bool {
        let now = self.now();
        self.current.load().as_ref().is_some_and(|cached| cached.remaining(now) > 0.0)
    }

    /// Tells the other processes, in the background. This one will not take it from the store.
    fn forget(self: &Arc<Self>, refused: Secret) {
        let entry = Arc::clone(self);
        let work = async move {
            if let (Some(shared), Some(place)) = (&entry.supply.shared, &entry.place) {
                shared.forget(place, &refused).await;
            }
        };
        if self.place.is_some() {
            let _ = self.supply.transport.config().spawner.spawn(Box::pin(work));
        }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        self.supply.counters.snapshot()
    }

    fn now(&self) -> Instants {
        self.supply.transport.config().clock.now()
    }

    fn board(self: &Arc<Self>, want: Want) -> Result<Boarding<Result<Arc<Cached>>, Grounded>> {
        let (flyer, settler, reporter) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        let boarding = self.flights.board(
            |trouble| self.decide(want, trouble),
            || async move { flyer.obtain(want).await },
            move |trouble, outcome, is_latest| settler.settle(trouble, outcome, is_latest),
            move |outcome| reporter.report(outcome),
        )?;
        if let Boarding::Aboard(_, false) = boarding {
            self.supply.counters.flights_joined.add();
        }
        Ok(boarding)
    }

    fn decide(&self, want: Want, trouble: &Trouble) -> Result<(), Grounded> {
        let now = self.now();
        let current = self.current.load_full();
        let good = current.filter(|cached| match want {
            Want::Any => cached.is_at_hand(now),
            Want::Ahead => !cached.is_due(now),
            Want::Fresh => false,
        });
        let waiting = match want {
            Want::Any | Want::Fresh => Waiting::Callers,
            Want::Ahead => Waiting::Refresh,
        };
        match (good, trouble.backoff.standing(now, waiting)) {
            (Some(cached), _) => Err(Grounded::Supplied(cached)),
            (None, Some((error, wait))) if want != Want::Fresh => {
                let error = error.clone().with(|d| d.retry_after = Some(wait));
                Err(Grounded::Failed(error))
            }
            _ => Ok(()),
        }
    }

    /// From the store, or from the server for all who share the store.
    async fn obtain(&self, want: Want) -> Result<Arc<Cached>> {
        let (Some(shared), Some(place)) = (&self.supply.shared, &self.place) else {
            return self.ask(want).await;
        };
        let turn = match want {
            Want::Fresh => Turn::Fetch(None),
            Want::Any | Want::Ahead => shared.turn(place, |found| self.judge(found, want)).await,
        };
        match turn {
            Turn::Token(cached) => Ok(Arc::new(cached)),
            Turn::Away => self.ask(want).await,
            Turn::Fetch(lease) => {
                let outcome = self.ask(want).await;
                // Nobody else needs a token that was refused here.
                let good = outcome.as_deref().ok().filter(|cached| !self.was_refused(cached));
                shared.end_turn(place, lease, good).await;
                outcome
            }
        }
    }

    fn judge(&self, found: &Cached, want: Want) -> Verdict {
        let now = self.now();
        match found.is_at_hand(now) && (want == Want::Any || !found.is_due(now)) {
            _ if self.was_refused(found) => Verdict::Remove,
            true => Verdict::Take,
            false => Verdict::Leave,
        }
    }

    fn was_refused(&self, cached: &Cached) -> bool {
        self.flights.look(|trouble, _| trouble.refusals.is_of(cached))
    }

    /// Asks the server; while it is silent, again every few seconds, so that a request that got lost
    /// holds nobody up once the server answers others.
    async fn ask(&self, want: Want) -> Result<Arc<Cached>> {
        let is_patient = self.supply.transport.config().attempt_timeout > SILENCE;
        let most = if is_patient { ASKED_AT_ONCE } else { 1 };
        let mut asked = FuturesUnordered::from_iter([self.ask_once(want)]);
        loop {
            tokio::select! {
                biased;
                Some(outcome) = asked.next() => match outcome {
                    Err(error) if may_pass(&error) && !asked.is_empty() => {}
                    outcome => return outcome,
                },
                () = sleep(SILENCE), if asked.len() < most => asked.push(self.ask_once(want)),
            }
        }
    }

    async fn ask_once(&self, want: Want) -> Result<Arc<Cached>> {
        // In an outage the backoff alone says when to ask again.
        let is_probe = self.flights.look(|trouble, _| trouble.backoff.failures() > 0);
        let repeat = match is_probe && want != Want::Fresh {
            true => Repeat::Never,
            false => Repeat::Safe,
        };
        // Before the request, so that the token never seems younger than it is.
        let asked_at = self.now();
        let granted = self.grant.fetch_with(&self.supply.transport, repeat).await?;
        Ok(Arc::new(Cached::new(&granted, asked_at)))
    }

    fn settle(&self, trouble: &mut Trouble, outcome: &Result<Arc<Cached>>, is_latest: bool) {
        let now = self.now();
        match outcome {
            Ok(cached) => {
                if !cached.is_from_store {
                    self.supply.counters.refreshes.add();
                }
                trouble.backoff.succeeded();
                self.pace.succeeded();
                if !is_latest && self.current.load().is_some() {
                    // It was given up and comes late: what came instead is newer.
                    return;
                }
                match trouble.refusals.pause_after(cached) {
                    None => self.current.store(Some(Arc::clone(cached))),
                    Some(pause) => {
                        let again = cached.refused_before();
                        self.current.store(Some(Arc::new(again)));
                        self.pace.hold(now, pause);
                    }
                }
            }
            Err(error) => {
                self.supply.counters.failures.add();
                // One that was given up says nothing about those after it.
                if is_latest {
                    let pauses = if may_pass(error) {
                        let asked = error.details().retry_after.map(|wait| wait.as_secs_f64());
                        let limited = error.kind() == ErrorKind::RateLimited;
                        let longest = if limited { LONGEST_LIMITED } else { LONGEST };
                        trouble.backoff.failed(error.clone(), now, asked, longest)
                    } else {
                        trouble.backoff.refused(error.clone(), now, PERMANENT_FAILURE)
                    };
                    self.pace.failed(now, pauses.refresh);
                }
            }
        }
    }

    fn report(&self, outcome: &Result<Arc<Cached>>) {
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
            Some(cached) if may_pass(&error) && cached.remaining(now) >= LAST_RESORT => {
                tracing::warn!(code = error.code(), "token refresh failed; the old one is served");
                self.supply.counters.stale_served.add();
                Ok(cached.token(now))
            }
            _ => Err(error),
        }
    }
}

/// Whether asking again later can help.
fn may_pass(error: &Error) -> bool {
    let status = error.details().status_code;
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Service => {
            true
        }
        // A page of a proxy, or half an answer; but a refusal that nobody explained is one.
        ErrorKind::UnexpectedResponse => {
            !status.is_some_and(|status| (400..500).contains(&status)) || transient(status)
        }
        _ => transient(status),
    }
}

fn transient(status: Option<u16>) -> bool {
    let status = status.and_then(|status| reqwest::StatusCode::from_u16(status).ok());
    status.is_some_and(is_transient)
}
