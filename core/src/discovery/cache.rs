//! A cached discovery document: fetched by single flight, refreshed ahead, and kept during an
//! outage.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use url::Url;

use super::{IssuerUrl, Metadata};
use crate::backoff::{Backoff, MaxDelays, RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::http::document::{self, ask_twice};
use crate::http::header::ETAG;
use crate::http::lifetime::soft_lifetime;
use crate::http::{HeaderValue, StatusCode, Transport, authority};
use crate::random;
use crate::single_flight::{Joined, NoResult, SingleFlight};

/// The share of the lifetime after which the next use starts a refresh, and its jitter.
const REFRESH_AT: (f64, f64) = (0.72, 0.88);
/// Minimum seconds between two refreshes.
const REFRESH_INTERVAL: f64 = 1.0;
/// Minimum seconds between two refreshes because an endpoint of the document does not work.
const SUSPICION_INTERVAL: f64 = 30.0;
const MAX_DELAYS: MaxDelays =
    MaxDelays { refresh: 60.0, retry_after: 300.0, retry_after_of_callers: 5.0 };
/// A fetch that takes longer is abandoned: its runtime has stopped polling.
const ABANDON_AFTER: Duration = Duration::from_secs(10);

/// An issuer's document. Clones share it.
#[derive(Clone)]
pub(crate) struct Discovery(Arc<Cache>);

struct Cache {
    issuer: IssuerUrl,
    transport: Arc<Transport>,
    current: ArcSwapOption<Loaded>,
    single_flight: SingleFlight<Backoff<Error>, Arc<Loaded>>,
    throttle: RefreshThrottle,
}

struct Loaded {
    metadata: Arc<Metadata>,
    /// Which of the issuer's addresses has the document.
    place: usize,
    etag: Option<HeaderValue>,
    fetched_at: Instants,
    refresh_after: f64,
}

/// Why a document is fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// There is none.
    Missing,
    /// It will be stale soon.
    RefreshAhead,
    /// An endpoint that it names does not work.
    Suspicion,
}

/// Why no fetch is made.
enum NoFetch {
    /// No fetch is needed any more.
    Unneeded(Arc<Loaded>),
    /// The last fetch failed, and the next is not due yet.
    BackingOff(Error),
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Discovery").field(&self.issuer()).finish()
    }
}

impl Discovery {
    pub(crate) fn new(issuer: IssuerUrl, transport: Arc<Transport>) -> Self {
        let config = transport.config();
        let single_flight =
            SingleFlight::new(config.spawner.clone(), config.clock.clone(), ABANDON_AFTER);
        Self(Arc::new(Cache {
            issuer,
            transport,
            current: ArcSwapOption::empty(),
            single_flight,
            throttle: RefreshThrottle::default(),
        }))
    }

    pub(crate) fn issuer(&self) -> &str {
        self.0.issuer.as_str()
    }

    pub(crate) fn issuer_url(&self) -> &Url {
        self.0.issuer.url()
    }

    /// The document: the cached one however old it is, since an outage of the server must not end
    /// what works; otherwise it is fetched. A refresh that is due starts in the background.
    pub(crate) async fn metadata(&self) -> Result<Arc<Metadata>> {
        let cache = &self.0;
        if let Some(loaded) = cache.current.load_full() {
            let now = cache.now();
            if now.since(loaded.fetched_at) >= loaded.refresh_after
                && cache.throttle.claim(now, REFRESH_INTERVAL)
            {
                // The current document is used in both cases.
                let _ = cache.join_or_start(Reason::RefreshAhead);
            }
            return Ok(Arc::clone(&loaded.metadata));
        }
        match cache.single_flight.run(|| cache.join_or_start(Reason::Missing)).await {
            Ok((loaded, _)) | Err(NoResult::Declined(NoFetch::Unneeded(loaded))) => {
                Ok(Arc::clone(&loaded.metadata))
            }
            Err(NoResult::Declined(NoFetch::BackingOff(error)) | NoResult::Failed(error)) => {
                Err(error)
            }
        }
    }

    /// Starts a refresh in the background, since an endpoint of the document does not work: it may
    /// have moved.
    pub(crate) fn suspect(&self) {
        if self.0.throttle.claim(self.0.now(), SUSPICION_INTERVAL) {
            // The current document is used in both cases.
            let _ = self.0.join_or_start(Reason::Suspicion);
        }
    }
}

impl Cache {
    fn join_or_start(
        self: &Arc<Self>,
        reason: Reason,
    ) -> Result<Joined<Arc<Loaded>>, NoResult<NoFetch>> {
        let started = self.now();
        let (fetcher, recorder, reporter) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        self.single_flight.join_or_start(
            |backoff| self.may_fetch(reason, backoff),
            || async move { fetcher.load().await },
            move |backoff, outcome, is_latest| recorder.record(backoff, outcome, is_latest),
            move |outcome| reporter.report(outcome, started),
        )
    }

    fn may_fetch(&self, reason: Reason, backoff: &mut Backoff<Error>) -> Result<(), NoFetch> {
        let now = self.now();
        let current = self.current.load_full().filter(|loaded| match reason {
            Reason::Missing => true,
            Reason::RefreshAhead => now.since(loaded.fetched_at) < loaded.refresh_after,
            Reason::Suspicion => now.since(loaded.fetched_at) < SUSPICION_INTERVAL,
        });
        if let Some(loaded) = current {
            return Err(NoFetch::Unneeded(loaded));
        }
        let waiting = match reason {
            Reason::Missing => Waiter::Callers,
            Reason::RefreshAhead | Reason::Suspicion => Waiter::Refresh,
        };
        match backoff.current_error(now, waiting) {
            Some((error, wait)) => {
                Err(NoFetch::BackingOff(error.clone().with(|d| d.retry_after = Some(wait))))
            }
            None => Ok(()),
        }
    }

    fn record(&self, backoff: &mut Backoff<Error>, outcome: &Result<Arc<Loaded>>, is_latest: bool) {
        let now = self.now();
        match outcome {
            Ok(loaded) => {
                if is_latest || self.current.load().is_none() {
                    self.current.store(Some(Arc::clone(loaded)));
                }
                backoff.succeeded();
                self.throttle.succeeded();
            }
            // An abandoned fetch says nothing about later ones.
            Err(error) if is_latest => {
                let asked = error.details().retry_after.map(|wait| wait.as_secs_f64());
                let delays = backoff.record_transient(error.clone(), now, asked, MAX_DELAYS);
                self.throttle.failed(now, delays.refresh);
            }
            Err(_) => {}
        }
    }

    fn report(&self, outcome: &Result<Arc<Loaded>>, started: Instants) {
        let (issuer, host) = (self.issuer.as_str(), authority(self.issuer.url()));
        let elapsed_ms = self.now().milliseconds_since(started);
        match outcome {
            Ok(_) => tracing::debug!(issuer, host, elapsed_ms, "discovery document fetched"),
            Err(error) => {
                let (code, details) = (error.code(), error.details());
                let (reason, request_id) = (&details.message, details.request_id.as_deref());
                tracing::warn!(
                    issuer,
                    code,
                    reason,
                    host,
                    request_id,
                    elapsed_ms,
                    "cannot fetch the discovery document"
                );
            }
        }
    }

    async fn load(&self) -> Result<Arc<Loaded>> {
        let is_failing = self.single_flight.with_state(|backoff, _| backoff.failures() > 0);
        ask_twice("the discovery document", is_failing, || self.ask()).await.map(Arc::new)
    }

    /// Asks the address that had the document, and then the others.
    async fn ask(&self) -> Result<Loaded> {
        let previous = self.current.load_full();
        let urls = self.issuer.document_urls();
        let first = previous.as_ref().map_or(0, |loaded| loaded.place);
        let mut places: Vec<usize> = (0..urls.len()).collect();
        places.sort_by_key(|place| *place != first);
        let mut worst: Option<Error> = None;
        for place in places {
            let Some(url) = urls.get(place).cloned() else { continue };
            let known = previous.as_deref().filter(|loaded| loaded.place == place);
            match self.ask_at(url, place, known).await {
                Ok(loaded) => return Ok(loaded),
                Err(error) if is_final(&error) => return Err(error),
                // A document that is wrong says more than none.
                Err(error) => {
                    let is_better = worst
                        .as_ref()
                        .is_none_or(|worst| worst.kind() != ErrorKind::UnexpectedResponse);
                    if is_better {
                        worst = Some(error);
                    }
                }
            }
        }
        let asked = urls.iter().map(Url::as_str).collect::<Vec<_>>().join(" or ");
        Err(worst.map_or_else(
            || Error::new(ErrorKind::NotFound, "no address of the discovery document"),
            |worst| match worst.kind() {
                ErrorKind::UnexpectedResponse => worst,
                _ => worst.with(|d| {
                    d.message = format!(
                        "{} has no discovery document at {asked}: check issuer",
                        self.issuer.as_str()
                    );
                }),
            },
        ))
    }

    async fn ask_at(&self, url: Url, place: usize, known: Option<&Loaded>) -> Result<Loaded> {
        let asked_at = self.now();
        let etag = known.and_then(|loaded| loaded.etag.clone());
        let reply = self.transport.send(document::request("discovery", url, etag)).await?;
        let (metadata, etag) = match (reply.status, known) {
            (StatusCode::NOT_MODIFIED, Some(known)) => {
                (Arc::clone(&known.metadata), known.etag.clone())
            }
            (StatusCode::OK, _) => {
                (Arc::new(self.issuer.metadata(&reply)?), reply.headers.get(ETAG).cloned())
            }
            _ => return Err(reply.error()),
        };
        let lifetime = soft_lifetime(&reply.headers);
        let refresh_after = lifetime * random::between(REFRESH_AT.0, REFRESH_AT.1);
        Ok(Loaded { metadata, place, etag, fetched_at: asked_at, refresh_after })
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }
}

/// Whether the server cannot be asked now, so that its other addresses need not be tried.
fn is_final(error: &Error) -> bool {
    let is_gateways = matches!(error.details().status_code, Some(502..=504));
    let kinds = [ErrorKind::Network, ErrorKind::Timeout, ErrorKind::RateLimited];
    is_gateways || kinds.contains(&error.kind())
}
