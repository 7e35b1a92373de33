//! How an entry gets a token: from the shared store, or from the token endpoint, with each secret
//! that the credential has, and again if no response comes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use super::{TokenEntry, TokenFetchReason};
use crate::credential::evidence::Evidence;
use crate::error::Result;
use crate::http::Repeat;
use crate::token::cached_token::CachedToken;
use crate::token::store::shared::{Acquired, Disposition, SharedTokens, StoreKeys};

/// Time without a response after which another request is sent in parallel, and the maximum number
/// of parallel requests.
const HEDGE_AFTER: Duration = Duration::from_secs(2);
const MAX_PARALLEL_REQUESTS: usize = 5;

impl TokenEntry {
    /// Gets a token from the store, or fetches one for all processes that share the store.
    pub(super) async fn obtain(&self, reason: TokenFetchReason) -> Result<Arc<CachedToken>> {
        let credential = self.grant.credential();
        let evidence = credential.evidence().await?;
        let Some(shared) = &self.fetcher.shared else {
            return self.ask(reason, evidence).await.0;
        };
        // A token of any secret that this process knows will do.
        let known = credential.known();
        let store_keys = self.store_keys(shared, std::iter::once(&evidence).chain(&known));
        let acquired = match reason {
            TokenFetchReason::Forced => Acquired::Fetch(None),
            TokenFetchReason::NoToken | TokenFetchReason::RefreshAhead => {
                shared.acquire(&store_keys, |found| self.judge(found, reason)).await
            }
        };
        match acquired {
            Acquired::Token(cached) => Ok(Arc::new(cached)),
            Acquired::StoreUnavailable => self.ask(reason, evidence).await.0,
            Acquired::Fetch(lock) => {
                let (outcome, evidence) = self.ask(reason, evidence).await;
                // No other process needs a token that was refused here.
                let good = outcome.as_deref().ok().filter(|cached| !self.was_refused(cached));
                // It is for the processes that know the secret that was accepted.
                let accepted = self.store_keys(shared, std::iter::once(&evidence));
                shared.release(&store_keys, lock, good.map(|good| (&accepted, good))).await;
                outcome
            }
        }
    }

    /// The places in the store of the tokens that `known` can get.
    pub(super) fn store_keys<'e>(
        &self,
        shared: &SharedTokens,
        known: impl Iterator<Item = &'e Evidence>,
    ) -> StoreKeys {
        let mut keys = Vec::new();
        for evidence in known {
            let key = self.grant.cache_key(evidence);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        shared.store_keys(&keys, self.grant.endpoint().name())
    }

    /// Requests a token with `evidence`, and with what else the credential has after a refusal.
    /// Also returns what was sent last.
    async fn ask(
        &self,
        reason: TokenFetchReason,
        mut evidence: Evidence,
    ) -> (Result<Arc<CachedToken>>, Evidence) {
        let credential = self.grant.credential();
        let mut tried = Vec::new();
        loop {
            let outcome = self.ask_as(&evidence, reason).await;
            match &outcome {
                Ok(_) => credential.accept(&evidence),
                Err(error) if credential.is_refused_by(error) => {
                    tried.push(evidence.clone());
                    if let Some(other) = credential.after_refusal(&tried).await {
                        let host = self.grant.endpoint().authority();
                        tracing::info!(host, "the credential was refused; trying another one");
                        evidence = other;
                        continue;
                    }
                }
                Err(_) => {}
            }
            return (outcome, evidence);
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

    /// Requests a token, and again every few seconds without a response, so that a lost request
    /// does not delay callers while the server answers others.
    async fn ask_as(
        &self,
        evidence: &Evidence,
        reason: TokenFetchReason,
    ) -> Result<Arc<CachedToken>> {
        let can_hedge = self.fetcher.transport.config().attempt_timeout > HEDGE_AFTER;
        let most = if can_hedge { MAX_PARALLEL_REQUESTS } else { 1 };
        let mut asked = FuturesUnordered::from_iter([self.ask_once(evidence, reason)]);
        loop {
            tokio::select! {
                biased;
                Some(outcome) = asked.next() => match outcome {
                    Err(error) if error.is_transient() && !asked.is_empty() => {}
                    outcome => return outcome,
                },
                () = sleep(HEDGE_AFTER), if asked.len() < most => asked.push(self.ask_once(evidence, reason)),
            }
        }
    }

    async fn ask_once(
        &self,
        evidence: &Evidence,
        reason: TokenFetchReason,
    ) -> Result<Arc<CachedToken>> {
        // In an outage only the backoff decides when to retry.
        let is_probe = self.single_flight.with_state(|failures, _| failures.backoff.failures() > 0);
        let repeat = match is_probe && reason != TokenFetchReason::Forced {
            true => Repeat::Never,
            false => Repeat::Safe,
        };
        // Read before the request, so that the token never seems newer than it is.
        let asked_at = self.now();
        let granted = self.grant.fetch_with(evidence, &self.fetcher.transport, repeat).await?;
        Ok(Arc::new(CachedToken::new(&granted, asked_at)))
    }
}
