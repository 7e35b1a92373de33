//! Verification of access tokens: local, strict, and without waiting while keys are at hand.
//!
//! The checks run in this order, and the payload is not read before the signature holds: size,
//! split, header, algorithm, kind, key, signature, payload, claims, scopes.

pub(crate) mod algorithm;
pub(crate) mod base64url;
pub(crate) mod claims;
pub(crate) mod compact;
mod cooldown;
pub(crate) mod header;
pub(crate) mod health;
pub(crate) mod issuer;
pub(crate) mod jwks_cache;
pub(crate) mod key_set;
mod roca;
pub(crate) mod scopes;
mod signer;
mod subject;
mod verified;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::Guard;
use futures_util::future::join_all;

use crate::clock::Instants;
use crate::config::TransportConfig;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::http::Transport;
use crate::secret::Secret;
use crate::stats::CacheStats;
pub use algorithm::Algorithm;
pub use claims::{CustomClaims, TokenClaims};
use compact::Compact;
use health::{ExportedKeySet, KeySetHealth};
use issuer::{Issuer, unusable};
pub use issuer::{IssuerConfig, KeySource, TokenProfile};
use jwks_cache::KeyFetchReason;
use signer::{KeyRequest, key_error};
use verified::{Verified, VerifiedTokens};

/// The largest `clock_tolerance`.
const MAX_CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// Decides in place of the scope comparison: given the claims and the required scopes.
pub type Authorize = Arc<dyn Fn(&TokenClaims, &[String]) -> bool + Send + Sync>;

/// What one verification asks for.
#[derive(Clone, Default)]
pub struct AuthenticateOptions {
    /// Scopes that the token must grant, all of them.
    pub required_scopes: Vec<String>,
    /// Refuses tokens this old or older, by `iat`. Zero refuses every token; `None` none.
    pub max_token_age: Option<Duration>,
    /// How far clocks may differ when `exp`, `nbf` and `iat` are compared, up to 300 seconds.
    /// Default 0. `nbf` and `iat` may always lie up to 5 seconds in the future.
    pub clock_tolerance: Duration,
    /// Replaces the scope comparison.
    pub authorize: Option<Authorize>,
}

impl fmt::Debug for AuthenticateOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticateOptions")
            .field("required_scopes", &self.required_scopes)
            .field("max_token_age", &self.max_token_age)
            .field("clock_tolerance", &self.clock_tolerance)
            .field("authorize", &self.authorize.is_some())
            .finish()
    }
}

impl AuthenticateOptions {
    /// Requires these scopes, and is otherwise the default.
    pub fn scopes<S: Into<String>>(required: impl IntoIterator<Item = S>) -> Self {
        let required_scopes = required.into_iter().map(Into::into).collect();
        Self { required_scopes, ..Self::default() }
    }

    /// What every verification checks first, for guards that check their settings when they are made.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    #[doc(hidden)]
    pub fn validate(&self) -> Result<()> {
        check_tolerance("clock_tolerance", self.clock_tolerance)?;
        scopes::check_names("required_scopes", &self.required_scopes)
    }
}

/// Checks the setting called `field`.
pub(crate) fn check_tolerance(field: &str, tolerance: Duration) -> Result<()> {
    if tolerance <= MAX_CLOCK_TOLERANCE {
        return Ok(());
    }
    let message =
        format!("{field} must be from 0 to 300 seconds: for larger differences, fix the clock");
    Err(Error::invalid_config(field, message))
}

/// Settings of a [`TokenVerifier`].
#[derive(Clone, Debug, Default)]
pub struct TokenVerifierConfig {
    /// The issuers whose tokens are accepted. At least one.
    pub issuers: Vec<IssuerConfig>,
    /// About how many verified tokens to remember, so that one that comes again costs no signature
    /// check; its key, times and scopes are checked each time. At most 1,048,576. Default 0: none.
    pub verified_token_cache_size: usize,
    /// How key sets are fetched.
    pub transport: TransportConfig,
}

/// Verifies access tokens of one or several issuers. Needs no secret.
#[derive(Clone)]
pub struct TokenVerifier {
    issuers: Arc<[Issuer]>,
    verified: Option<Arc<VerifiedTokens>>,
    transport: Arc<Transport>,
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.issuers.iter().map(|issuer| &issuer.config)).finish()
    }
}

/// Where a verification stands that does not wait.
enum Step<'v> {
    Decided(Result<Arc<TokenClaims>>),
    Fetch(KeyRequest<'v>),
}

impl TokenVerifier {
    /// A verifier for `config`'s issuers. No I/O, no runtime needed.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: TokenVerifierConfig) -> Result<Self> {
        let TokenVerifierConfig { issuers, verified_token_cache_size, transport } = config;
        let transport = Arc::new(Transport::new(transport)?);
        Self::with_transport(issuers, verified_token_cache_size, transport)
    }

    pub(crate) fn with_transport(
        issuers: Vec<IssuerConfig>,
        verified_token_cache_size: usize,
        transport: Arc<Transport>,
    ) -> Result<Self> {
        if issuers.is_empty() {
            return Err(Error::invalid_config("issuers", "issuers must name at least one"));
        }
        let issuers = issuers
            .into_iter()
            .map(|config| Issuer::new(config, &transport))
            .collect::<Result<Vec<_>>>()?;
        let mut names: Vec<_> = issuers.iter().flat_map(|issuer| &issuer.config.issuers).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err(Error::invalid_config("issuers", "issuers must not name one twice"));
        }
        let verified = VerifiedTokens::new(verified_token_cache_size)?.map(Arc::new);
        Ok(Self { issuers: issuers.into(), verified, transport })
    }

    /// Verifies `access_token`. Waits only while a key set must be fetched.
    ///
    /// # Errors
    /// `invalid_token` with a reason, `insufficient_scope`, `keys_unavailable`, or `invalid_config`
    /// for wrong options.
    pub async fn authenticate_token(
        &self,
        access_token: &str,
        options: &AuthenticateOptions,
    ) -> Result<Arc<TokenClaims>> {
        let missing = match self.step(access_token, options, false) {
            Step::Decided(outcome) => return outcome,
            Step::Fetch(missing) => missing,
        };
        missing.fetch().await?;
        match self.step(access_token, options, true) {
            Step::Decided(outcome) => outcome,
            Step::Fetch(_) => Err(key_error(InvalidTokenReason::KeyNotFound)),
        }
    }

    /// Verifies `access_token` if that needs no waiting; `None` when
    /// [`authenticate_token`](Self::authenticate_token) must be awaited, for keys are to be fetched.
    pub fn authenticate_token_now(
        &self,
        access_token: &str,
        options: &AuthenticateOptions,
    ) -> Option<Result<Arc<TokenClaims>>> {
        match self.step(access_token, options, false) {
            Step::Decided(outcome) => Some(outcome),
            Step::Fetch(_) => None,
        }
    }

    /// Fetches every key set that is not at hand, so that the first token need not wait.
    ///
    /// # Errors
    /// `keys_unavailable` if one could not be had; the others were fetched all the same.
    pub async fn warm_up(&self) -> Result<()> {
        let now = self.now();
        let cold = self.issuers.iter().filter(|issuer| issuer.current_keys(now).is_none());
        let fetches =
            cold.filter_map(Issuer::cache).map(|cache| cache.fetch(KeyFetchReason::NoKeys));
        join_all(fetches).await.into_iter().collect()
    }

    /// Takes the text of a JWK Set that was fetched elsewhere at `fetched_at`, unless the one at
    /// hand is newer: for cold starts without network. It ages as if fetched by this verifier.
    /// `issuer` is one of the issuer's names; `None` will do where there is one issuer.
    ///
    /// # Errors
    /// `invalid_config` if the set is not usable, or if no fetched key set is the issuer's.
    pub fn seed_jwks(
        &self,
        issuer: Option<&str>,
        jwks: &str,
        fetched_at: SystemTime,
    ) -> Result<()> {
        let mut named = self.issuers.iter().filter(|candidate| {
            issuer.is_none_or(|name| candidate.config.issuers.iter().any(|own| own == name))
        });
        let (Some(cache), None) = (named.next().and_then(Issuer::cache), named.next()) else {
            return Err(Error::invalid_config(
                "issuer",
                "issuer must name one of the issuers whose keys are fetched",
            ));
        };
        cache.seed(jwks, fetched_at).map_err(unusable)
    }

    /// The key sets at hand that were fetched, for [`seed_jwks`](Self::seed_jwks).
    pub fn export_jwks(&self) -> Vec<ExportedKeySet> {
        self.issuers.iter().filter_map(Issuer::cache).filter_map(|cache| cache.export()).collect()
    }

    /// The state of each issuer's key set. Fetches nothing.
    pub fn health(&self) -> Vec<KeySetHealth> {
        self.issuers.iter().map(Issuer::health).collect()
    }

    /// What the key-set caches did so far, all issuers together.
    pub fn stats(&self) -> CacheStats {
        let caches = self.issuers.iter().filter_map(Issuer::cache);
        caches.map(|cache| cache.counters.snapshot()).sum()
    }

    fn step(&self, token: &str, options: &AuthenticateOptions, fetched: bool) -> Step<'_> {
        match self.attempt(token, options, fetched) {
            Ok(Ok(claims)) => Step::Decided(Ok(claims)),
            Ok(Err(missing)) => Step::Fetch(missing),
            Err(error) => Step::Decided(Err(error)),
        }
    }

    /// The checks, in their order. The inner `Err` is the keys to fetch first.
    fn attempt(
        &self,
        token: &str,
        options: &AuthenticateOptions,
        fetched: bool,
    ) -> Result<Result<Arc<TokenClaims>, KeyRequest<'_>>> {
        options.validate()?;
        // Asked once: reading the clocks is a good part of what a remembered token costs.
        let now = self.now();
        if let Some(known) = self.known(token, now)
            && let Some(known) = known.as_ref()
        {
            known.times.check(options, now.wall)?;
            authorize(&known.claims, options)?;
            return Ok(Ok(Arc::clone(&known.claims)));
        }
        let compact = Compact::parse(token)?;
        let (issuer, keys) = match self.signer(&compact, now, fetched)? {
            Ok(signer) => signer,
            Err(missing) => return Ok(Err(missing)),
        };
        let (claims, times) = claims::check(compact.payload, &issuer.config, options, now.wall)?;
        let claims = Arc::new(claims);
        if let Some(verified) = &self.verified
            && let Some(issuer) = self.issuers.iter().position(|one| std::ptr::eq(one, issuer))
        {
            let (token, keys) = (Secret::from(token), keys.fetched().cloned());
            verified.put(Verified { token, issuer, keys, times, claims: claims.clone() }, now.wall);
        }
        authorize(&claims, options)?;
        Ok(Ok(claims))
    }

    /// What is known of a token whose key is still its issuer's.
    fn known(&self, token: &str, now: Instants) -> Option<Guard<Option<Arc<Verified>>>> {
        let known = self.verified.as_ref()?.find(token)?;
        let verified = known.as_ref()?;
        let issuer = self.issuers.get(verified.issuer)?;
        let keys = issuer.current_keys(now)?;
        let same = match (keys.fetched(), &verified.keys) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        same.then(|| {
            issuer.count(&keys);
            known
        })
    }

    pub(crate) fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }
}

fn authorize(claims: &TokenClaims, options: &AuthenticateOptions) -> Result<()> {
    let required = &options.required_scopes;
    match &options.authorize {
        Some(authorize) if authorize(claims, required) => Ok(()),
        Some(_) => Err(Error::insufficient_scope(claims.missing_scopes(required))),
        None => match claims.missing_scopes(required) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(Error::insufficient_scope(missing)),
        },
    }
}
