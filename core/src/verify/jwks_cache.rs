//! A cached key set: fetched by single flight, read without a lock, refreshed ahead, and kept
//! during an outage.

mod fetch;
mod loaded;
mod source;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;

use self::fetch::too_early;
pub(crate) use self::loaded::CachedKeys;
use self::loaded::Loaded;
pub(super) use self::source::{KeyAddress, KeySetSource};
use super::cooldown::Cooldown;
use super::health::{ExportedKeySet, KeySetHealth, KeySetState};
use super::key_set::{BadKeySet, KeySet};
use crate::backoff::{MaxDelays, RefreshThrottle, Waiter};
use crate::clock::{Instants, system_time, unix_seconds};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Transport, lifetime};
use crate::random;
use crate::single_flight::{Joined, NoResult, SingleFlight};
use crate::stats::{Counter, Counters};

/// The share of the lifetime after which the next verification starts a refresh, and its jitter.
const REFRESH_AT: (f64, f64) = (0.72, 0.88);
/// Seconds between two refreshes ahead.
const REFRESH_INTERVAL: f64 = 1.0;
/// The longest backoff after a failed fetch, and the longest `Retry-After` that is honoured:
/// shorter while verifications fail for lack of keys.
const MAX_DELAYS: MaxDelays =
    MaxDelays { refresh: 30.0, retry_after: 300.0, retry_after_of_callers: 5.0 };
/// A fetch that takes longer is abandoned: its runtime has stopped polling.
const ABANDON_AFTER: Duration = Duration::from_secs(10);

/// One issuer's keys.
pub(crate) struct JwksCache {
    issuer: String,
    source: KeySetSource,
    transport: Arc<Transport>,
    current: ArcSwap<Loaded>,
    single_flight: SingleFlight<Cooldown<Error>, Arc<Loaded>>,
    throttle: RefreshThrottle,
    pub(crate) counters: Arc<Counters>,
    /// The limit of fetches for unknown key ids.
    kid_fetches: Counter,
    cooldown_hits: Counter,
}

/// Why a verification needs a fetch.
#[derive(Clone, Copy)]
pub(crate) enum KeyFetchReason<'t> {
    /// There is no usable key set.
    NoKeys,
    /// The key set has no key with this id.
    UnknownKid(&'t str),
    /// The key set will be stale soon.
    RefreshAhead,
}

/// Why no fetch is made.
enum NoKeyFetch {
    /// No fetch is needed any more, or none is allowed: the current key set is used.
    Unneeded,
    /// The last fetch failed, and the next is not due yet.
    BackingOff(Error),
}

impl fmt::Debug for JwksCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl JwksCache {
    pub(crate) fn new(
        issuer: String,
        source: KeySetSource,
        transport: Arc<Transport>,
        counters: Arc<Counters>,
    ) -> Arc<Self> {
        let config = transport.config();
        let single_flight =
            SingleFlight::new(config.spawner.clone(), config.clock.clone(), ABANDON_AFTER);
        Arc::new(Self {
            issuer,
            source,
            transport,
            current: ArcSwap::default(),
            single_flight,
            throttle: RefreshThrottle::default(),
            counters,
            kid_fetches: Counter::default(),
            cooldown_hits: Counter::default(),
        })
    }

    /// The key set while it is usable. Starts a refresh in the background when it is due. Takes no
    /// lock unless a refresh starts.
    pub(crate) fn current(self: &Arc<Self>, now: Instants) -> Option<CachedKeys> {
        let loaded = self.current.load();
        let age = loaded.age(now)?;
        if age >= self.hard_lifetime(&loaded) {
            return None;
        }
        if age >= loaded.refresh_after && self.throttle.claim(now, REFRESH_INTERVAL) {
            // The current key set is used in both cases.
            let _ = self.join_or_start(KeyFetchReason::RefreshAhead);
        }
        let is_stale = age >= loaded.soft_lifetime;
        Some(CachedKeys { loaded, is_stale })
    }

    /// Whether a missing key can be fetched now. `Ok(false)` if the server does not have it; `Err`
    /// if that is not known yet.
    pub(crate) fn may_ask_for_unknown_kid(&self, kid: &str) -> Result<bool> {
        let now = self.now();
        let answer = self.single_flight.with_state(|cooldown, under_way| {
            if let Some((error, wait)) = cooldown.backoff.current_error(now, Waiter::Callers) {
                return Err(self.unavailable(error, Some(wait)));
            }
            if under_way || cooldown.is_open(now) {
                return Ok(true);
            }
            if cooldown.is_absent(kid) { Ok(false) } else { Err(too_early(cooldown.wait(now))) }
        });
        if !matches!(answer, Ok(true)) {
            self.cooldown_hits.add();
        }
        answer
    }

    /// Fetches the key set, or waits for the running fetch, unless the missing key has arrived in
    /// the meantime.
    pub(crate) async fn fetch(self: &Arc<Self>, reason: KeyFetchReason<'_>) -> Result<()> {
        self.counters.misses.add();
        let KeyFetchReason::UnknownKid(kid) = reason else {
            return self.fetch_once(reason).await.map(drop);
        };
        self.kid_fetches.add();
        let lacks_key = |fetched: &Option<(Arc<Loaded>, bool)>| {
            fetched.as_ref().is_some_and(|(loaded, _)| !loaded.keys.has(kid))
        };
        let mut fetched = self.fetch_once(reason).await?;
        if lacks_key(&fetched) && matches!(fetched, Some((_, false))) {
            // That fetch had started earlier, and may have missed the key.
            fetched = self.fetch_once(reason).await?;
        }
        if lacks_key(&fetched) {
            self.single_flight.with_state(|cooldown, _| cooldown.set_absent(kid));
        }
        Ok(())
    }

    /// The result of the running fetch or of a new one, and whether it is new; `None` if no fetch
    /// is needed any more.
    async fn fetch_once(
        self: &Arc<Self>,
        reason: KeyFetchReason<'_>,
    ) -> Result<Option<(Arc<Loaded>, bool)>> {
        match self.single_flight.run(|| self.join_or_start(reason)).await {
            Ok(fetched) => Ok(Some(fetched)),
            Err(NoResult::Declined(NoKeyFetch::Unneeded)) => Ok(None),
            Err(NoResult::Declined(NoKeyFetch::BackingOff(error))) => Err(error),
            Err(NoResult::Failed(error)) if error.kind() == ErrorKind::InvalidConfig => Err(error),
            Err(NoResult::Failed(error)) => {
                let longest = Duration::from_secs_f64(MAX_DELAYS.retry_after_of_callers);
                let asked = error.details().retry_after.map(|wait| wait.min(longest));
                Err(self.unavailable(&error, asked.or_else(|| self.retry_after())))
            }
        }
    }

    /// Time until the next fetch is allowed while callers wait for one.
    fn retry_after(&self) -> Option<Duration> {
        let now = self.now();
        self.single_flight.with_state(|cooldown, _| {
            cooldown.backoff.current_error(now, Waiter::Callers).map(|(_, wait)| wait)
        })
    }

    /// Counts a verification that used this key set without waiting.
    pub(crate) fn count(&self, cached: &CachedKeys) {
        self.counters.hits.add();
        if cached.is_stale {
            self.counters.stale_served.add();
        }
    }

    /// Caches a key set that was fetched elsewhere, unless the current one is newer.
    pub(crate) fn seed(&self, jwks: &str, fetched_at: SystemTime) -> Result<(), BadKeySet> {
        let keys = KeySet::parse(jwks.as_bytes(), &self.source.rules)?;
        let now = self.now();
        let loaded = Loaded {
            keys: Arc::new(keys),
            text: jwks.as_bytes().into(),
            etag: None,
            url: None,
            fetched_at: Some(now.at_wall(unix_seconds(fetched_at).min(now.wall))),
            soft_lifetime: lifetime::ASSUMED,
            refresh_after: lifetime::ASSUMED * random::between(REFRESH_AT.0, REFRESH_AT.1),
        };
        // The lock keeps this apart from the end of a fetch.
        self.single_flight.with_state(|_, _| self.take_if_newer(&Arc::new(loaded), false));
        Ok(())
    }

    /// Replaces a key set that was fetched earlier; or at the same time, if `or_equal`.
    fn take_if_newer(&self, loaded: &Arc<Loaded>, or_equal: bool) {
        let now = self.now();
        let is_newer = match (loaded.age(now), self.current.load().age(now)) {
            (Some(age), Some(current)) => age < current || (or_equal && age <= current),
            (_, current) => current.is_none(),
        };
        if is_newer {
            self.current.store(Arc::clone(loaded));
        }
    }

    pub(crate) fn export(&self) -> Option<ExportedKeySet> {
        let loaded = self.current.load();
        let fetched_at = loaded.fetched_at?.wall;
        Some(ExportedKeySet {
            issuer: self.issuer.clone(),
            jwks: String::from_utf8_lossy(&loaded.text).into_owned(),
            fetched_at: system_time(fetched_at).unwrap_or(UNIX_EPOCH),
        })
    }

    pub(crate) fn health(&self) -> KeySetHealth {
        let now = self.now();
        let loaded = self.current.load_full();
        let age = loaded.age(now).map(|age| age.max(0.0));
        let state = match age {
            Some(age) if age >= self.hard_lifetime(&loaded) => KeySetState::Expired,
            Some(age) if age >= loaded.soft_lifetime => KeySetState::Stale,
            Some(_) => KeySetState::Fresh,
            None => KeySetState::Missing,
        };
        let (failures, last_failure, retry_after) = self.single_flight.with_state(|cooldown, _| {
            let backoff = &cooldown.backoff;
            let waiting = match state {
                KeySetState::Fresh | KeySetState::Stale => Waiter::Refresh,
                KeySetState::Expired | KeySetState::Missing => Waiter::Callers,
            };
            let retry_after = backoff.current_error(now, waiting).map(|(_, wait)| wait);
            (backoff.failures(), backoff.last().cloned(), retry_after)
        });
        KeySetHealth {
            issuer: self.issuer.clone(),
            state,
            keys: loaded.keys.usable(),
            skipped_keys: loaded.keys.skipped(),
            fetched_at: loaded.fetched_at.and_then(|at| system_time(at.wall)),
            age: age.and_then(|age| Duration::try_from_secs_f64(age).ok()),
            failures,
            last_failure: last_failure.as_ref().map(Error::kind),
            last_failure_message: last_failure.map(|error| error.details().message.clone()),
            retry_after,
            unknown_kids: self.kid_fetches.get() + self.cooldown_hits.get(),
            cooldown_hits: self.cooldown_hits.get(),
        }
    }

    fn join_or_start(
        self: &Arc<Self>,
        reason: KeyFetchReason<'_>,
    ) -> Result<Joined<Arc<Loaded>>, NoResult<NoKeyFetch>> {
        let (fetcher, recorder, reporter) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        let started = self.now();
        let kid = match reason {
            KeyFetchReason::UnknownKid(kid) => Some(kid.to_owned()),
            KeyFetchReason::NoKeys | KeyFetchReason::RefreshAhead => None,
        };
        let joined = self.single_flight.join_or_start(
            |cooldown| self.may_fetch(reason, cooldown),
            || async move { fetcher.load().await },
            move |cooldown, outcome, is_latest| {
                recorder.record(kid.as_deref(), cooldown, outcome, is_latest);
            },
            move |outcome| reporter.report(outcome, started),
        )?;
        if !joined.is_new {
            self.counters.flights_joined.add();
        }
        Ok(joined)
    }

    /// Whether a fetch can start. Called while none is running; one that has just ended may have
    /// found the missing key.
    fn may_fetch(
        &self,
        reason: KeyFetchReason<'_>,
        cooldown: &mut Cooldown<Error>,
    ) -> Result<(), NoKeyFetch> {
        let now = self.now();
        let current = self.current.load();
        let usable_age = current.age(now).filter(|age| *age < self.hard_lifetime(&current));
        let is_unneeded = usable_age.is_some_and(|age| match reason {
            KeyFetchReason::NoKeys => true,
            KeyFetchReason::UnknownKid(kid) => current.keys.has(kid),
            KeyFetchReason::RefreshAhead => age < current.refresh_after,
        });
        if is_unneeded {
            return Err(NoKeyFetch::Unneeded);
        }
        let (waiting, kid) = match reason {
            KeyFetchReason::RefreshAhead => (Waiter::Refresh, None),
            KeyFetchReason::NoKeys => (Waiter::Callers, None),
            KeyFetchReason::UnknownKid(kid) => (Waiter::Callers, Some(kid)),
        };
        if let Some((error, wait)) = cooldown.backoff.current_error(now, waiting) {
            return Err(NoKeyFetch::BackingOff(self.unavailable(error, Some(wait))));
        }
        match kid {
            Some(_) if cooldown.is_open(now) => Ok(()),
            Some(kid) if cooldown.is_absent(kid) => Err(NoKeyFetch::Unneeded),
            Some(_) => Err(NoKeyFetch::BackingOff(too_early(cooldown.wait(now)))),
            None => Ok(()),
        }
    }

    /// Updates the state at the end of a fetch. `kid` is the key id that it was started for.
    fn record(
        &self,
        kid: Option<&str>,
        cooldown: &mut Cooldown<Error>,
        outcome: &Result<Arc<Loaded>>,
        is_latest: bool,
    ) {
        let now = self.now();
        match outcome {
            Ok(loaded) => {
                self.counters.refreshes.add();
                self.take_if_newer(loaded, is_latest);
                if kid.is_some_and(|kid| !loaded.keys.has(kid)) {
                    cooldown.use_up(now);
                }
                cooldown.backoff.succeeded();
                self.throttle.succeeded();
            }
            Err(error) => {
                self.counters.failures.add();
                // An abandoned fetch says nothing about later ones.
                if is_latest {
                    let asked = error.details().retry_after.map(|wait| wait.as_secs_f64());
                    let delays =
                        cooldown.backoff.record_transient(error.clone(), now, asked, MAX_DELAYS);
                    self.throttle.failed(now, delays.refresh);
                }
            }
        }
    }

    /// Seconds after which a key set is no longer used.
    fn hard_lifetime(&self, loaded: &Loaded) -> f64 {
        self.transport.config().max_key_age.as_secs_f64().max(loaded.soft_lifetime)
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }

    /// The error of a verification after a failed fetch, which is not the token's fault.
    fn unavailable(&self, cause: &Error, retry_after: Option<Duration>) -> Error {
        let message =
            format!("the keys of {} are unavailable: {}", self.issuer, cause.details().message);
        Error::new(ErrorKind::KeysUnavailable, message)
            .with(|d| {
                d.status_code = cause.details().status_code;
                d.request_id = cause.details().request_id.clone();
                d.retry_after = retry_after;
            })
            .caused_by(cause.clone())
    }
}
