//! The issuers that the resolver's function accepted or refused: cached, bounded, and asked for by
//! single flight.
//!
//! Accepted issuers are in a persistent map behind an `ArcSwap`: a verification takes no lock, and a
//! forked child keeps them. Refused ones, and the calls, are behind a lock that a child forgets.

mod call;
mod issuer;
mod others;

use std::collections::hash_map::RandomState;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rpds::HashTrieMapSync;

pub(crate) use self::issuer::AcceptedIssuer;
use self::issuer::Candidate;
use self::others::Others;
use super::header::LastHeader;
use super::health::{ExportedKeySet, KeySetHealth};
use super::issuer_resolver::IssuerResolver;
use super::jwks_cache::JwksCache;
use crate::backoff::{RefreshThrottle, Waiter};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::fork::ForkLock;
use crate::http::Transport;
use crate::single_flight::NoResult;
use crate::stats::{CacheStats, Counters};

/// Maximum length of an `iss` that the function is asked about.
const MAX_ISSUER: usize = 2048;
/// Seconds between two calls ahead of an issuer's expiry.
const REFRESH_INTERVAL: f64 = 1.0;

/// The function's answers.
pub(crate) struct Resolver {
    settings: IssuerResolver,
    transport: Arc<Transport>,
    accepted: ArcSwap<Accepted>,
    others: ForkLock<Others>,
    /// Key sets of issuers that were not asked about yet.
    seeds: ArcSwap<Seeds>,
    counters: Arc<Counters>,
    /// Limits warnings about a function that fails.
    warnings: RefreshThrottle,
    pub(super) last_header: LastHeader,
}

type Accepted = HashTrieMapSync<Arc<str>, Arc<AcceptedIssuer>, RandomState>;
type Seeds = HashTrieMapSync<String, Arc<(String, SystemTime)>, RandomState>;

/// What is known about an issuer.
pub(super) enum Lookup {
    Accepted(Arc<AcceptedIssuer>),
    Refused,
    /// The function must be called first.
    Unknown(IssuerRequest),
}

/// Why the function is not called.
enum NoCall {
    /// There is an answer.
    Unneeded,
    /// The last call failed, and the next is not due yet.
    BackingOff(Error),
}

/// A request to call the function about an issuer.
pub(crate) struct IssuerRequest {
    resolver: Arc<Resolver>,
    issuer: String,
}

impl Resolver {
    pub(super) fn new(settings: IssuerResolver, transport: &Arc<Transport>) -> Result<Arc<Self>> {
        settings.validate()?;
        Ok(Arc::new(Self {
            settings,
            transport: Arc::clone(transport),
            accepted: ArcSwap::default(),
            others: ForkLock::default(),
            seeds: ArcSwap::default(),
            counters: Arc::default(),
            warnings: RefreshThrottle::default(),
            last_header: LastHeader::default(),
        }))
    }

    /// What is known about the issuer of a token.
    pub(super) fn look_up(self: &Arc<Self>, issuer: &str, now: Instants) -> Lookup {
        if issuer.is_empty() || issuer.len() > MAX_ISSUER {
            return Lookup::Refused;
        }
        match self.accepted(issuer) {
            Some(accepted) if self.is_usable(&accepted, now) => return Lookup::Accepted(accepted),
            None if self.is_refused(issuer, now) => return Lookup::Refused,
            _ => {}
        }
        Lookup::Unknown(IssuerRequest { resolver: Arc::clone(self), issuer: issuer.to_owned() })
    }

    /// Whether the issuer is still accepted. Starts a call in the background when it is due. Takes
    /// no lock unless a call starts.
    pub(super) fn is_usable(self: &Arc<Self>, accepted: &AcceptedIssuer, now: Instants) -> bool {
        if accepted.is_dropped() {
            return false;
        }
        accepted.touch(now);
        let age = accepted.age(now);
        if age < accepted.refresh_after {
            return true;
        }
        let candidate = &accepted.candidate;
        let is_over = age >= self.settings.lifetime.as_secs_f64();
        if age >= self.hard_lifetime() || is_over && !candidate.throttle.is_failing() {
            return false;
        }
        if candidate.throttle.claim(now, REFRESH_INTERVAL) {
            // The issuer stays in use in both cases.
            let _ = self.join_or_start(candidate, Waiter::Refresh);
        }
        true
    }

    fn is_refused(&self, issuer: &str, now: Instants) -> bool {
        let other = self.others.with(|others| others.get(issuer));
        other.is_some_and(|other| {
            other.calls.with_state(|asked, _| self.is_refusal_fresh(asked.refused_at, now))
        })
    }

    fn is_refusal_fresh(&self, refused_at: Option<Instants>, now: Instants) -> bool {
        let lifetime = self.settings.negative_lifetime.as_secs_f64();
        refused_at.is_some_and(|at| now.since(at) < lifetime)
    }

    fn accepted(&self, issuer: &str) -> Option<Arc<AcceptedIssuer>> {
        self.accepted.load().get(issuer).cloned()
    }

    /// The state of calls about an issuer.
    fn candidate(&self, issuer: &str) -> Result<Arc<Candidate>> {
        if let Some(accepted) = self.accepted(issuer) {
            return Ok(Arc::clone(&accepted.candidate));
        }
        let (config, now) = (self.transport.config(), self.now());
        let most = self.settings.max_issuers;
        let found = self.others.with(|others| {
            others.get_or_insert(issuer, most, now, || Candidate::new(issuer, config))
        });
        found.ok_or_else(|| {
            let message = "issuer_resolver: too many issuers are asked about at this moment";
            let error = Error::new(ErrorKind::Timeout, message);
            self.unavailable(&error, Some(Duration::from_secs(1)))
        })
    }

    /// Seconds after which an issuer is no longer accepted, although the function fails.
    fn hard_lifetime(&self) -> f64 {
        self.transport.config().max_key_age.max(self.settings.lifetime).as_secs_f64()
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }

    /// The error of a verification after a failed call, which is not the token's fault.
    fn unavailable(&self, cause: &Error, retry_after: Option<Duration>) -> Error {
        let message =
            format!("the issuer of the token cannot be looked up: {}", cause.details().message);
        Error::new(ErrorKind::KeysUnavailable, message)
            .with(|d| d.retry_after = retry_after)
            .caused_by(cause.clone())
    }

    /// The accepted issuers, by name.
    fn all(&self) -> Vec<Arc<AcceptedIssuer>> {
        let mut all: Vec<_> = self.accepted.load().values().cloned().collect();
        all.sort_unstable_by(|a, b| a.candidate.issuer.cmp(&b.candidate.issuer));
        all
    }

    /// The key set caches that are empty.
    pub(super) fn cold_caches(&self, now: Instants) -> Vec<Arc<JwksCache>> {
        let all = self.all();
        let cold = all.iter().filter(|one| one.issuer.current_keys(now).is_none());
        cold.filter_map(|one| one.issuer.cache().cloned()).collect()
    }

    /// Caches a key set of an issuer that is or will be accepted.
    pub(super) fn seed(&self, issuer: &str, jwks: &str, at: SystemTime) -> Result<()> {
        let wrong = |what: &str| Err(Error::invalid_config("issuer", format!("issuer {what}")));
        match self.accepted(issuer) {
            Some(accepted) => match accepted.issuer.cache() {
                Some(cache) => cache.seed(jwks, at).map_err(super::prepared_issuer::unusable),
                None => wrong("must name one of the issuers whose keys are fetched"),
            },
            None if self.seeds.load().size() >= self.settings.max_issuers => {
                wrong("must be listed, since max_issuers other key sets wait for their issuers")
            }
            None => {
                let seed = Arc::new((jwks.to_owned(), at));
                self.seeds.rcu(|seeds| seeds.insert(issuer.to_owned(), Arc::clone(&seed)));
                Ok(())
            }
        }
    }

    pub(super) fn export(&self) -> Vec<ExportedKeySet> {
        let of = |one: &Arc<AcceptedIssuer>| {
            let exported = one.issuer.cache()?.export()?;
            Some(ExportedKeySet { issuer: one.candidate.issuer.to_string(), ..exported })
        };
        self.all().iter().filter_map(of).collect()
    }

    pub(super) fn health(&self) -> Vec<KeySetHealth> {
        self.all().iter().map(|one| one.health(self.now())).collect()
    }

    pub(super) fn stats(&self) -> CacheStats {
        self.counters.snapshot()
    }
}

impl IssuerRequest {
    /// Checks whether a call is allowed now; otherwise returns the error of the last one.
    pub(super) fn check_call_allowed(&self) -> Result<()> {
        let Self { resolver, issuer } = self;
        let candidate = match resolver.accepted(issuer) {
            Some(accepted) => Some(Arc::clone(&accepted.candidate)),
            None => resolver.others.with(|others| others.get(issuer)),
        };
        let Some(candidate) = candidate else { return Ok(()) };
        candidate.calls.with_state(|asked, _| {
            match asked.backoff.current_error(resolver.now(), Waiter::Callers) {
                Some((error, wait)) => Err(resolver.unavailable(error, Some(wait))),
                None => Ok(()),
            }
        })
    }

    /// Calls the function, or waits for the running call.
    pub(super) async fn resolve(&self) -> Result<()> {
        let Self { resolver, issuer } = self;
        let candidate = resolver.candidate(issuer)?;
        let join_or_start = || resolver.join_or_start(&candidate, Waiter::Callers);
        let error = match candidate.calls.run(join_or_start).await {
            Ok(_) | Err(NoResult::Declined(NoCall::Unneeded)) => return Ok(()),
            Err(NoResult::Declined(NoCall::BackingOff(error))) => error,
            Err(NoResult::Failed(error)) => match error.details().field.as_deref() {
                Some("spawner") => error,
                _ => resolver.unavailable(&error, candidate.retry_after(resolver.now())),
            },
        };
        // An accepted issuer stays in use while the function fails.
        match resolver.accepted(issuer) {
            Some(accepted) if resolver.is_usable(&accepted, resolver.now()) => Ok(()),
            _ => Err(error),
        }
    }

    /// The error of a verification whose issuer has been answered for and is unknown again.
    pub(super) fn lost(&self) -> Error {
        let message = "issuer_resolver: max_issuers is too small for the issuers in use";
        let error = Error::new(ErrorKind::Timeout, message);
        self.resolver.unavailable(&error, Some(Duration::from_secs(1)))
    }
}
