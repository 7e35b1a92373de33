//! A key set that is fetched once, served without a lock, refreshed ahead, and kept through an
//! outage.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use reqwest::header::{AGE, CACHE_CONTROL, ETAG, HeaderMap, HeaderValue};
use url::Url;

use super::algorithm::Algorithm;
use super::key_set::KeySet;
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, KEY_SET_LIMIT, Method, Reply, Request, StatusCode, Transport};
use crate::random;
use crate::runtime::{Flight, Landing};

/// Seconds of soft lifetime: the least, the most, and what is assumed where no header says.
const SOFT: (f64, f64, f64) = (60.0, 3600.0, 900.0);
/// The share of the soft lifetime after which the next request starts a refresh, and its spread.
const REFRESH_AT: (f64, f64) = (0.72, 0.88);
/// Keys older than this judge nothing.
const HARD: f64 = 6.0 * 3600.0;
/// Unknown key ids may cause this many fetches at once, and one more in every interval.
const UNKNOWN_KID_BURST: f64 = 2.0;
const UNKNOWN_KID_INTERVAL: f64 = 30.0;
/// The longest backoff after a failed fetch, and the longest `Retry-After` that is honoured.
const LONGEST_BACKOFF: f64 = 30.0;
const LONGEST_RETRY_AFTER: f64 = 300.0;
/// The whole of a fetch, its one repetition included.
const DEADLINE: Duration = Duration::from_secs(5);

/// One issuer's keys.
pub(crate) struct JwksCache {
    url: Url,
    algorithms: Vec<Algorithm>,
    transport: Arc<Transport>,
    current: ArcSwapOption<Loaded>,
    flight: Flight<Result<()>>,
    attempts: Mutex<Attempts>,
    /// No refresh ahead before this monotonic second (the bits of an `f64`).
    rest_until: AtomicU64,
}

impl fmt::Debug for JwksCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// A parsed key set with its schedule.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) keys: Arc<KeySet>,
    etag: Option<HeaderValue>,
    fetched_at: Instants,
    refresh_after: f64,
}

struct Attempts {
    /// What unknown key ids may still cause, as of `counted_at`.
    allowance: f64,
    counted_at: Option<Instants>,
    failures: u32,
    failed: Option<Failure>,
}

struct Failure {
    error: Error,
    at: Instants,
    rest: f64,
}

impl JwksCache {
    pub(crate) fn new(
        url: Url,
        algorithms: Vec<Algorithm>,
        transport: Arc<Transport>,
    ) -> Arc<Self> {
        let attempts =
            Attempts { allowance: UNKNOWN_KID_BURST, counted_at: None, failures: 0, failed: None };
        Arc::new(Self {
            url,
            algorithms,
            transport,
            current: ArcSwapOption::empty(),
            flight: Flight::default(),
            attempts: Mutex::new(attempts),
            rest_until: AtomicU64::new(0),
        })
    }

    /// The set while it may judge, refreshed in the background when it is time. Takes no lock
    /// unless a refresh starts.
    pub(crate) fn current(self: &Arc<Self>) -> Option<Guard<Option<Arc<Loaded>>>> {
        let guard = self.current.load();
        let loaded = guard.as_ref()?;
        let now = self.now();
        let age = now.since(loaded.fetched_at);
        if age >= HARD {
            return None;
        }
        let rested = now.monotonic >= f64::from_bits(self.rest_until.load(Ordering::Relaxed));
        if age >= loaded.refresh_after && rested {
            self.rest(now, 1.0);
            // The set at hand serves either way.
            let _ = self.take_off();
        }
        Some(guard)
    }

    /// Whether a `kid` that the set lacks may be asked for now. `Err` when the answer would be that
    /// nobody knows.
    pub(crate) fn may_ask_for_unknown_kid(&self) -> Result<bool> {
        let now = self.now();
        let mut attempts = self.attempts();
        if let Some(error) = attempts.resting(now) {
            return Err(error);
        }
        if self.flight.is_under_way() {
            return Ok(true);
        }
        attempts.refill(now);
        if attempts.allowance >= 1.0 {
            return Ok(true);
        }
        match &attempts.failed {
            Some(failure) => Err(failure.unavailable(now)),
            None => Ok(false),
        }
    }

    /// Fetches the set, or waits for the fetch under way.
    pub(crate) async fn fetch(self: &Arc<Self>) -> Result<()> {
        let now = self.now();
        if let Some(error) = self.attempts().resting(now) {
            return Err(error);
        }
        let outcome = match self.take_off()?.wait().await {
            Ok(outcome) => outcome,
            Err(abandoned) => Err(abandoned),
        };
        outcome.map_err(|error| unavailable(&error, error.details().retry_after))
    }

    fn take_off(self: &Arc<Self>) -> Result<Landing<Result<()>>> {
        let spawner = &self.transport.config().spawner;
        let (landing, first) = self.flight.join(spawner, || {
            let cache = Arc::clone(self);
            async move { cache.load().await }
        })?;
        if first {
            let mut attempts = self.attempts();
            attempts.refill(self.now());
            attempts.allowance = (attempts.allowance - 1.0).max(0.0);
        }
        Ok(landing)
    }

    async fn load(&self) -> Result<()> {
        let outcome = match tokio::time::timeout(DEADLINE, self.ask_twice()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the key set did not come within 5 s")),
        };
        let now = self.now();
        let mut attempts = self.attempts();
        match outcome {
            Ok(loaded) => {
                tracing::debug!(keys = loaded.keys.usable(), "key set loaded");
                self.current.store(Some(Arc::new(loaded)));
                attempts.failures = 0;
                attempts.failed = None;
                self.rest(now, 0.0);
                Ok(())
            }
            Err(error) => {
                tracing::warn!(code = error.code(), "key set not loaded");
                attempts.failures = attempts.failures.saturating_add(1);
                let doubled = 2f64.powi(attempts.failures.min(10) as i32 - 1);
                let backoff = doubled.min(LONGEST_BACKOFF) * random::between(0.5, 1.0);
                let asked = error.details().retry_after.map(|wait| wait.as_secs_f64());
                let rest = asked.unwrap_or(backoff).min(LONGEST_RETRY_AFTER);
                self.rest(now, rest);
                attempts.failed = Some(Failure { error: error.clone(), at: now, rest });
                Err(error)
            }
        }
    }

    async fn ask_twice(&self) -> Result<Loaded> {
        match self.ask().await {
            Err(error) if worth_repeating(&error) => self.ask().await,
            outcome => outcome,
        }
    }

    async fn ask(&self) -> Result<Loaded> {
        let asked_at = self.now();
        let previous = self.current.load_full();
        let reply = self
            .transport
            .send(Request {
                method: Method::GET,
                url: self.url.clone(),
                // The key set is public: no credentials.
                authorization: None,
                if_none_match: previous.as_ref().and_then(|loaded| loaded.etag.clone()),
                body: Body::Empty,
                limit: KEY_SET_LIMIT,
            })
            .await?;
        let keys = match (reply.status, previous) {
            (StatusCode::NOT_MODIFIED, Some(previous)) => Arc::clone(&previous.keys),
            (StatusCode::OK, _) => Arc::new(self.parse(&reply)?),
            _ => return Err(reply.error()),
        };
        Ok(Loaded {
            keys,
            etag: reply.headers.get(ETAG).cloned(),
            fetched_at: asked_at,
            refresh_after: soft_lifetime(&reply.headers)
                * random::between(REFRESH_AT.0, REFRESH_AT.1),
        })
    }

    fn parse(&self, reply: &Reply) -> Result<KeySet> {
        KeySet::parse(&reply.body, &self.algorithms).map_err(|bad| {
            let message = format!("the key set is not taken: {}", bad.0);
            Error::new(ErrorKind::UnexpectedResponse, message)
                .with(|d| d.status_code = Some(reply.status.as_u16()))
        })
    }

    fn rest(&self, now: Instants, seconds: f64) {
        self.rest_until.store((now.monotonic + seconds).to_bits(), Ordering::Relaxed);
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }
}

impl Attempts {
    fn refill(&mut self, now: Instants) {
        let elapsed = self.counted_at.map_or(0.0, |at| now.since(at).max(0.0));
        self.allowance = (self.allowance + elapsed / UNKNOWN_KID_INTERVAL).min(UNKNOWN_KID_BURST);
        self.counted_at = Some(now);
    }

    /// The failure that stands in for asking again so soon.
    fn resting(&self, now: Instants) -> Option<Error> {
        let failure = self.failed.as_ref()?;
        (now.since(failure.at) < failure.rest).then(|| failure.unavailable(now))
    }
}

impl Failure {
    fn unavailable(&self, now: Instants) -> Error {
        let wait = (self.rest - now.since(self.at)).max(0.0);
        unavailable(&self.error, Duration::try_from_secs_f64(wait).ok())
    }
}

/// A failed fetch, as the caller of a verification sees it: never the token's fault.
fn unavailable(cause: &Error, retry_after: Option<Duration>) -> Error {
    let message = format!("the issuer's keys cannot be had: {}", cause.details().message);
    Error::new(ErrorKind::KeysUnavailable, message).with(|d| {
        d.status_code = cause.details().status_code;
        d.request_id = cause.details().request_id.clone();
        d.retry_after = retry_after;
    })
}

fn worth_repeating(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout)
        || matches!(error.details().status_code, Some(502..=504))
}

/// `max-age` less `Age`, within bounds (RFC 9111, section 4.2).
fn soft_lifetime(headers: &HeaderMap) -> f64 {
    let (least, most, assumed) = SOFT;
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(control) = text(CACHE_CONTROL) else { return assumed };
    let mut directives = control.split(',').map(str::trim);
    if directives.clone().any(|d| d.eq_ignore_ascii_case("no-store")) {
        return least;
    }
    let max_age = directives.find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        let seconds = value.trim_matches('"').parse::<f64>().ok()?;
        (name.eq_ignore_ascii_case("max-age") && seconds.is_finite()).then_some(seconds)
    });
    let age = text(AGE).and_then(|age| age.parse::<f64>().ok()).unwrap_or(0.0).max(0.0);
    max_age.map_or(assumed, |max_age| (max_age - age).clamp(least, most))
}
