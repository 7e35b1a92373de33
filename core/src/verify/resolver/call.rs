//! A call of the resolver's function.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::timeout;

use super::issuer::{AcceptedIssuer, Answer, Asked, Candidate};
use super::{Accepted, NoCall, Resolver};
use crate::backoff::{MaxDelays, Waiter};
use crate::callback;
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::random;
use crate::single_flight::{Joined, NoResult};
use crate::text::visible;
use crate::verify::issuer::IssuerConfig;
use crate::verify::prepared_issuer::Issuer;

const SETTING: &str = "issuer_resolver";
/// The share of the lifetime after which the next verification starts a call in the background, and
/// its jitter.
const REFRESH_AT: (f64, f64) = (0.72, 0.88);
/// The longest backoff after a failed call.
const MAX_DELAYS: MaxDelays =
    MaxDelays { refresh: 30.0, retry_after: 300.0, retry_after_of_callers: 5.0 };
/// Seconds between two warnings about a function that fails.
const WARNING_INTERVAL: f64 = 1.0;
/// Maximum characters of an unverified `iss` in the log.
const LONGEST_ISSUER: usize = 200;

impl Resolver {
    pub(super) fn join_or_start(
        self: &Arc<Self>,
        candidate: &Arc<Candidate>,
        waiting: Waiter,
    ) -> Result<Joined<Answer>, NoResult<NoCall>> {
        let (asker, recorder, reporter) = (Arc::clone(self), Arc::clone(self), Arc::clone(self));
        let (asked, recorded, reported) =
            (Arc::clone(candidate), Arc::clone(candidate), Arc::clone(candidate));
        candidate.calls.join_or_start(
            |state| self.may_call(candidate, waiting, state),
            || async move { asker.ask(&asked).await },
            move |state, outcome, is_latest| {
                // An abandoned call says nothing about the present.
                if is_latest {
                    recorder.record(&recorded, state, outcome);
                }
            },
            move |outcome| reporter.report(&reported, outcome),
        )
    }

    /// Whether a call can start. Called while none is running for this issuer.
    fn may_call(
        &self,
        candidate: &Candidate,
        waiting: Waiter,
        asked: &mut Asked,
    ) -> Result<(), NoCall> {
        let now = self.now();
        let accepted = self.accepted(&candidate.issuer).filter(|one| !one.is_dropped());
        let is_fresh = accepted.is_some_and(|accepted| {
            accepted.age(now)
                < match waiting {
                    Waiter::Refresh => accepted.refresh_after,
                    Waiter::Callers => self.settings.lifetime.as_secs_f64(),
                }
        });
        if is_fresh || self.is_refusal_fresh(asked.refused_at, now) {
            return Err(NoCall::Unneeded);
        }
        match asked.backoff.current_error(now, waiting) {
            Some((error, wait)) => Err(NoCall::BackingOff(self.unavailable(error, Some(wait)))),
            None => Ok(()),
        }
    }

    async fn ask(&self, candidate: &Arc<Candidate>) -> Result<Answer> {
        let limit = self.transport.config().attempt_timeout;
        let known = self.accepted(&candidate.issuer);
        let turns = self.others.with(|others| match known {
            Some(_) => Arc::clone(&others.refreshes),
            None => Arc::clone(&others.calls),
        });
        let Ok(Ok(turn)) = timeout(limit, turns.acquire_owned()).await else {
            let message = format!("{SETTING}: too many calls of its function are running");
            return Err(Error::new(ErrorKind::Timeout, message));
        };
        let asked_at = self.now();
        let (resolve, issuer) = (&self.settings.resolve, candidate.issuer.to_string());
        let answer = callback::call(SETTING, limit, async { resolve.resolve(issuer).await }).await;
        drop(turn);
        let answer = answer?;
        let asked_at = self.counted_from(asked_at, answer.is_some());
        let accepted = match answer {
            Some(settings) => Some(self.prepare(candidate, known, settings, asked_at)?),
            None => None,
        };
        Ok(Answer { accepted, asked_at })
    }

    /// The time from which an answer counts: that of the question, unless the function took so long
    /// that its answer would count for nobody.
    fn counted_from(&self, asked_at: Instants, is_accepted: bool) -> Instants {
        let (now, settings) = (self.now(), &self.settings);
        let lifetime = if is_accepted { settings.lifetime } else { settings.negative_lifetime };
        if now.since(asked_at) < lifetime.as_secs_f64() { asked_at } else { now }
    }

    /// The issuer of the function's settings; `known` if they have not changed.
    fn prepare(
        &self,
        candidate: &Arc<Candidate>,
        known: Option<Arc<AcceptedIssuer>>,
        settings: IssuerConfig,
        asked_at: Instants,
    ) -> Result<Arc<AcceptedIssuer>> {
        let bad = |what: &str| {
            Error::invalid_config(SETTING, format!("{SETTING} returned settings {what}"))
        };
        let issuer = &*candidate.issuer;
        if !settings.has_name(issuer) {
            return Err(bad("whose issuers do not contain the `iss` that it was asked about"));
        }
        if !settings.has_usual_typ() {
            return Err(bad("whose require_typ is neither JWT nor at+jwt: list such an issuer"));
        }
        if let Some(known) = known.filter(|known| known.answer == settings) {
            return Ok(known);
        }
        // For this issuer alone: a name beside it is asked about when a token has it.
        let config = IssuerConfig { issuers: vec![issuer.to_owned()], ..settings.clone() };
        let prepared = self
            .prepare_issuer(config)
            .map_err(|error| bad(&format!("that are invalid: {}", error.details().message)))?;
        if let (Some(cache), Some(seed)) = (prepared.cache(), self.take_seed(issuer)) {
            // The text came from another process; unusable, it is fetched as if there were none.
            let _ = cache.seed(&seed.0, seed.1);
        }
        let lifetime = self.settings.lifetime.as_secs_f64();
        let refresh_after = lifetime * random::between(REFRESH_AT.0, REFRESH_AT.1);
        let candidate = Arc::clone(candidate);
        let accepted = AcceptedIssuer::new(prepared, settings, candidate, refresh_after, asked_at);
        Ok(Arc::new(accepted))
    }

    /// The issuer with the keys of another one that has the same key set.
    fn prepare_issuer(&self, config: IssuerConfig) -> Result<Issuer> {
        let accepted = self.accepted.load();
        let twin = accepted.values().find(|one| one.issuer.has_keys_of(&config));
        match twin {
            Some(twin) => Issuer::with_keys_of(&twin.issuer, config),
            None => Issuer::new(config, &self.transport, Arc::clone(&self.counters)),
        }
    }

    fn take_seed(&self, issuer: &str) -> Option<Arc<(String, SystemTime)>> {
        let seed = self.seeds.load().get(issuer).cloned()?;
        self.seeds.rcu(|seeds| seeds.remove(issuer));
        Some(seed)
    }

    /// Updates the state at the end of the latest call about an issuer.
    fn record(&self, candidate: &Arc<Candidate>, asked: &mut Asked, outcome: &Result<Answer>) {
        match outcome {
            Ok(answer) => {
                asked.backoff.succeeded();
                candidate.throttle.succeeded();
                match &answer.accepted {
                    Some(accepted) => {
                        asked.refused_at = None;
                        accepted.renew(answer.asked_at);
                        self.accept(accepted);
                    }
                    None => {
                        asked.refused_at = Some(answer.asked_at);
                        self.refuse(candidate);
                    }
                }
            }
            Err(error) => {
                let now = self.now();
                let delays = asked.backoff.record_transient(error.clone(), now, None, MAX_DELAYS);
                candidate.throttle.failed(now, delays.refresh);
            }
        }
    }

    fn accept(&self, accepted: &Arc<AcceptedIssuer>) {
        let issuer = &accepted.candidate.issuer;
        accepted.set_dropped(false);
        let mut evicted = None;
        let before = self.accepted.rcu(|all| {
            evicted = self.least_used(all, issuer);
            let mut all = evicted.as_ref().map_or_else(
                || Accepted::clone(all),
                |least: &Arc<AcceptedIssuer>| all.remove(&least.candidate.issuer),
            );
            all.insert_mut(Arc::clone(issuer), Arc::clone(accepted));
            all
        });
        let replaced = before.get(issuer).filter(|before| !Arc::ptr_eq(before, accepted));
        for gone in evicted.iter().chain(replaced) {
            gone.set_dropped(true);
        }
        self.others.with(|others| others.remove(issuer));
    }

    /// The issuer that must leave to make room for a new one.
    fn least_used(&self, all: &Accepted, new: &Arc<str>) -> Option<Arc<AcceptedIssuer>> {
        if all.size() < self.settings.max_issuers || all.contains_key(new) {
            return None;
        }
        let least = all.values().min_by(|a, b| a.last_used().total_cmp(&b.last_used()));
        least.cloned()
    }

    fn refuse(&self, candidate: &Arc<Candidate>) {
        let issuer = &candidate.issuer;
        if let Some(dropped) = self.accepted(issuer) {
            self.accepted.rcu(|all| all.remove(issuer));
            dropped.set_dropped(true);
        }
        // Without room it is asked about again.
        let most = self.settings.max_issuers;
        self.others.with(|others| others.get(issuer).is_some() || others.insert(candidate, most));
    }

    fn report(&self, candidate: &Candidate, outcome: &Result<Answer>) {
        let issuer: String = candidate.issuer.chars().take(LONGEST_ISSUER).collect();
        let issuer = visible(&issuer);
        match outcome {
            Ok(answer) => {
                let accepted = answer.accepted.is_some();
                tracing::debug!(issuer, accepted, "issuer looked up");
            }
            Err(error) if self.warnings.claim(self.now(), WARNING_INTERVAL) => {
                let (code, reason) = (error.code(), &error.details().message);
                tracing::warn!(issuer, code, reason, "cannot look up an issuer");
            }
            Err(_) => {}
        }
    }
}
