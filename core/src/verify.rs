//! Verification of access tokens: local, strict, and without waiting while a key set is cached.
//!
//! The payload is read only after the signature is verified. The checks run in this order: size,
//! split, header, algorithm, kind, key, signature, payload, claims, scopes.

pub(crate) mod algorithm;
pub(crate) mod base64url;
mod claim_path;
pub(crate) mod claims;
pub(crate) mod compact;
mod cooldown;
mod entra;
pub(crate) mod header;
pub(crate) mod health;
mod in_payload;
pub(crate) mod issuer;
mod issuer_resolver;
mod issuers;
pub(crate) mod jwks_cache;
mod key_request;
pub(crate) mod key_set;
mod key_token;
mod options;
mod organization;
mod payload;
pub(crate) mod policy;
mod prepared_issuer;
mod presets;
mod profile;
mod resolver;
mod roca;
mod scope_claims;
pub(crate) mod scopes;
pub(crate) mod subject;
mod subject_claims;
pub(crate) mod times;
mod verified;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;

use crate::clock::Instants;
use crate::config::{ClientConfig, TransportConfig};
use crate::error::{Error, InvalidTokenReason, Result};
use crate::http::Transport;
use crate::secret::Secret;
use crate::stats::CacheStats;
pub use algorithm::Algorithm;
pub use claims::{CustomClaims, TokenClaims};
use compact::Compact;
use health::{ExportedKeySet, KeySetHealth};
pub use issuer::{IssuerConfig, KeySource};
pub use issuer_resolver::{IssuerResolver, ResolveIssuer, ResolverError, ResolverFuture};
use issuers::Issuers;
use jwks_cache::KeyFetchReason;
pub(crate) use key_request::Stop;
pub use options::{AuthenticateOptions, Authorize, RequiredOrganization};
use prepared_issuer::{CurrentKeys, Issuer, unusable};
pub use profile::TokenProfile;
#[cfg(feature = "internals")]
pub(crate) use times::check_tolerance;
use verified::{Verified, VerifiedIssuer, VerifiedTokens};

/// Settings of a [`TokenVerifier`].
///
/// ```
/// use stytch_m2m::{IssuerConfig, TokenVerifier, TokenVerifierConfig, Vertical};
///
/// let verifier = TokenVerifier::new(TokenVerifierConfig {
///     issuers: vec![
///         IssuerConfig::stytch("project-live-11111111", None, Vertical::Consumer)?,
///         IssuerConfig::auth0("example.eu.auth0.com", "https://api.example.com")?,
///     ],
///     verified_token_cache_size: 10_000,
///     ..Default::default()
/// })?;
/// # Ok::<(), stytch_m2m::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TokenVerifierConfig {
    /// The issuers whose tokens are accepted. At least one, unless there is a resolver.
    pub issuers: Vec<IssuerConfig>,
    /// Decides about the issuers that are not listed. Default: none of them is accepted.
    pub issuer_resolver: Option<IssuerResolver>,
    /// Approximate number of verified tokens to cache, so that a repeated token costs no signature
    /// check; its key, times and scopes are checked each time. At most 1,048,576. Default 0: no
    /// cache.
    pub verified_token_cache_size: usize,
    /// Timeouts, TLS and proxy of key set requests.
    pub transport: TransportConfig,
}

impl TokenVerifierConfig {
    /// Settings to verify the tokens of one project. Its secret and token store are not used.
    ///
    /// ```
    /// # use stytch_m2m::{ClientConfig, TokenVerifier, TokenVerifierConfig};
    /// # let environment = ClientConfig::new("project-test-11111111", "");
    /// // let environment = ClientConfig::from_env(); // STYTCH_PROJECT_ID, STYTCH_BASE_URL
    /// let verifier = TokenVerifier::new(TokenVerifierConfig::for_project(environment)?)?;
    /// # Ok::<(), stytch_m2m::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn for_project(project: ClientConfig) -> Result<Self> {
        let issuer = IssuerConfig::stytch(
            &project.project_id,
            project.base_url.as_deref(),
            project.vertical,
        )?;
        Ok(Self {
            issuers: vec![issuer],
            issuer_resolver: None,
            verified_token_cache_size: project.verified_token_cache_size,
            transport: project.transport,
        })
    }
}

/// Verifies access tokens of one or several issuers. It needs no secret.
///
/// ```no_run
/// use stytch_m2m::{
///     AuthenticateOptions, ClientConfig, TokenVerifier, TokenVerifierConfig,
///     token_from_authorization_header,
/// };
///
/// # async fn run(authorization: Option<&str>) -> stytch_m2m::Result<()> {
/// let project = ClientConfig::from_env(); // STYTCH_PROJECT_ID, STYTCH_BASE_URL
/// let verifier = TokenVerifier::new(TokenVerifierConfig::for_project(project)?)?;
/// verifier.warm_up().await?;
///
/// let token = token_from_authorization_header(authorization)?;
/// let options = AuthenticateOptions::scopes(["read:users"]);
/// match verifier.authenticate_token(token, &options).await {
///     Ok(claims) => println!("from {}", claims.client_id),
///     Err(error) => println!("answer {:?}", error.refusal()), // 401, 403 or 503
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenVerifier {
    issuers: Arc<Issuers>,
    verified: Option<Arc<VerifiedTokens>>,
    transport: Arc<Transport>,
}

impl fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.issuers.iter().map(|issuer| &issuer.config)).finish()
    }
}

impl TokenVerifier {
    /// Makes a verifier for `config`'s issuers. No I/O; no runtime needed.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: TokenVerifierConfig) -> Result<Self> {
        let TokenVerifierConfig { issuers, issuer_resolver, verified_token_cache_size, transport } =
            config;
        let transport = Arc::new(Transport::new(transport)?);
        Self::with_transport(issuers, issuer_resolver, verified_token_cache_size, transport)
    }

    pub(crate) fn with_transport(
        issuers: Vec<IssuerConfig>,
        resolver: Option<IssuerResolver>,
        verified_token_cache_size: usize,
        transport: Arc<Transport>,
    ) -> Result<Self> {
        let issuers = Arc::new(Issuers::new(issuers, resolver, &transport)?);
        let verified = VerifiedTokens::new(verified_token_cache_size)?.map(Arc::new);
        Ok(Self { issuers, verified, transport })
    }

    /// Verifies `access_token` and returns its claims. Waits only when a key set must be fetched, or
    /// the issuer resolver called.
    ///
    /// # Errors
    /// `invalid_token` with a reason, `insufficient_scope`, `keys_unavailable`, or `invalid_config`
    /// for wrong options.
    pub async fn authenticate_token(
        &self,
        access_token: &str,
        options: &AuthenticateOptions,
    ) -> Result<Arc<TokenClaims>> {
        let mut outcome = self.verify_now(access_token, options);
        if let Err(Stop::NeedsIssuer(request)) = outcome {
            request.resolve().await?;
            outcome = self.verify_now(access_token, options);
        }
        match outcome {
            Ok(claims) => Ok(claims),
            Err(Stop::NeedsKeys(request)) => {
                request.fetch().await?;
                // `verify_now` has counted it already.
                self.verify(access_token, options, |_, _| {}).map_err(Stop::without_fetch)
            }
            Err(stop) => Err(stop.without_fetch()),
        }
    }

    /// Verifies `access_token` without waiting. `None` when a key set must be fetched, or the issuer
    /// resolver called: then await [`authenticate_token`](Self::authenticate_token).
    #[must_use = "the token is not verified until the result is read"]
    pub fn authenticate_token_now(
        &self,
        access_token: &str,
        options: &AuthenticateOptions,
    ) -> Option<Result<Arc<TokenClaims>>> {
        match self.verify_now(access_token, options) {
            Ok(claims) => Some(Ok(claims)),
            Err(Stop::Refused(error)) => Some(Err(error)),
            Err(Stop::NeedsKeys(_) | Stop::NeedsIssuer(_)) => None,
        }
    }

    /// Fetches every key set that is not cached, so that the first verification does not wait: those
    /// of the listed issuers, and of the others that the resolver has accepted so far.
    ///
    /// # Errors
    /// `keys_unavailable` if a key set could not be fetched; the others are fetched anyway.
    pub async fn warm_up(&self) -> Result<()> {
        let now = self.now();
        let cold = self.issuers.iter().filter(|issuer| issuer.current_keys(now).is_none());
        let mut caches: Vec<_> = cold.filter_map(Issuer::cache).cloned().collect();
        if let Some(resolver) = &self.issuers.resolver {
            caches.extend(resolver.cold_caches(now));
        }
        join_all(caches.iter().map(|cache| cache.fetch(KeyFetchReason::NoKeys)))
            .await
            .into_iter()
            .collect()
    }

    /// Caches the text of a JWK Set that was fetched elsewhere at `fetched_at`, unless the cached
    /// one is newer: for cold starts without network. It ages as if this verifier had fetched it.
    /// `issuer` is one of the issuer's names; it may be `None` if there is only one listed issuer. The
    /// key set of an issuer that is not listed is kept until the resolver accepts the issuer.
    ///
    /// # Errors
    /// `invalid_config` if the set is unusable, or if `issuer` does not name an issuer whose keys
    /// are fetched.
    pub fn seed_jwks(
        &self,
        issuer: Option<&str>,
        jwks: &str,
        fetched_at: SystemTime,
    ) -> Result<()> {
        if let (Some(resolver), Some(name)) = (&self.issuers.resolver, issuer)
            && !self.issuers.iter().any(|listed| listed.config.has_name(name))
        {
            return resolver.seed(name, jwks, fetched_at);
        }
        let is_named = |one: &&Issuer| issuer.is_none_or(|name| one.config.has_name(name));
        let mut named = self.issuers.iter().filter(is_named);
        let (Some(cache), None) = (named.next().and_then(Issuer::cache), named.next()) else {
            return Err(Error::invalid_config(
                "issuer",
                "issuer must name one of the issuers whose keys are fetched",
            ));
        };
        cache.seed(jwks, fetched_at).map_err(unusable)
    }

    /// The cached key sets, for [`seed_jwks`](Self::seed_jwks).
    #[must_use]
    pub fn export_jwks(&self) -> Vec<ExportedKeySet> {
        let caches = self.issuers.iter().filter_map(Issuer::cache);
        let mut exported: Vec<_> = caches.filter_map(|cache| cache.export()).collect();
        exported.extend(self.issuers.resolver.iter().flat_map(|resolver| resolver.export()));
        exported
    }

    /// The state of each issuer's key set: of the listed issuers, and then of those that the resolver
    /// has accepted, whose failure may also be the resolver's. Fetches nothing.
    #[must_use]
    pub fn health(&self) -> Vec<KeySetHealth> {
        let mut health: Vec<_> = self.issuers.iter().map(Issuer::health).collect();
        health.extend(self.issuers.resolver.iter().flat_map(|resolver| resolver.health()));
        health
    }

    /// Counters of the key set caches, all issuers together.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        let caches = self.issuers.iter().filter_map(Issuer::cache);
        let resolved = self.issuers.resolver.iter().map(|resolver| resolver.stats());
        caches.map(|cache| cache.counters.snapshot()).chain(resolved).sum()
    }

    /// Verifies with what is cached, or returns the request for what must be fetched first.
    fn verify_now(
        &self,
        token: &str,
        options: &AuthenticateOptions,
    ) -> Result<Arc<TokenClaims>, Stop> {
        let outcome = self.verify(token, options, Issuer::count);
        if let Err(stop) = &outcome {
            stop.check_allowed()?;
        }
        outcome
    }

    /// Runs the checks in their order. `count` is called with the keys that are used.
    fn verify(
        &self,
        token: &str,
        options: &AuthenticateOptions,
        count: impl FnOnce(&Issuer, &CurrentKeys<'_>),
    ) -> Result<Arc<TokenClaims>, Stop> {
        options.validate()?;
        // Read once: reading the clocks is a good part of the cost of a cached token.
        let now = self.now();
        if let Some(tokens) = &self.verified
            && let Some(guard) = tokens.find(token)
            && let Some(verified) = guard.as_ref()
            && let Some((issuer, keys)) = self.current_keys_of(verified, now)
        {
            count(issuer, &keys);
            verified.times.check(options.time_limits(issuer.config.clock_tolerance), now.wall)?;
            options.check_authorization(&verified.claims)?;
            return Ok(Arc::clone(&verified.claims));
        }
        let compact = Compact::parse(token)?;
        let signer = self.issuers.signing_issuer(&compact, now, count)?;
        let Issuer { config, policy, organization, .. } = signer.issuer.issuer();
        let limits = options.time_limits(config.clock_tolerance);
        let (claims, times) = claims::check(
            compact.payload,
            compact.header,
            config,
            policy.as_ref(),
            organization.as_ref(),
            limits,
            now.wall,
        )?;
        signer.check_tenant(&claims.issuer)?;
        let claims = Arc::new(claims);
        if let Some(verified) = &self.verified {
            let (issuer, keys) = (signer.issuer.verified(), signer.keys.fetched().cloned());
            let (token, claims) = (Secret::from(token), Arc::clone(&claims));
            verified.put(Verified { token, issuer, keys, times, claims }, now.wall);
        }
        options.check_authorization(&claims)?;
        Ok(claims)
    }

    /// The issuer and the keys of a cached token, if the same keys are still current.
    #[inline]
    fn current_keys_of<'v>(
        &'v self,
        verified: &'v Verified,
        now: Instants,
    ) -> Option<(&'v Issuer, CurrentKeys<'v>)> {
        let issuer = match (&verified.issuer, &self.issuers.resolver) {
            (VerifiedIssuer::Listed(index), _) => self.issuers.get(*index)?,
            (VerifiedIssuer::Accepted(accepted), Some(resolver)) => {
                resolver.is_usable(accepted, now).then_some(&accepted.issuer)?
            }
            (VerifiedIssuer::Accepted(_), None) => return None,
        };
        let keys = issuer.current_keys(now)?;
        let same = match (keys.fetched(), &verified.keys) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        same.then_some((issuer, keys))
    }

    /// Runs every check except those of the payload.
    #[cfg(feature = "internals")]
    pub(crate) fn check_signature(&self, compact: &Compact<'_>) -> Result<(), Stop> {
        self.issuers.signing_issuer(compact, self.now(), Issuer::count).map(|_| ())
    }

    fn now(&self) -> Instants {
        self.transport.config().clock.now()
    }
}

/// The error of a token that no key verifies.
fn key_error(reason: InvalidTokenReason) -> Error {
    let what = match reason {
        InvalidTokenReason::AlgorithmNotAllowed => {
            "its `alg` is not allowed for the issuer, or does not fit the key"
        }
        InvalidTokenReason::KeyNotFound => "its issuer has no key with its `kid`",
        InvalidTokenReason::KeyAmbiguous => "several keys of its issuer fit",
        InvalidTokenReason::KeyUnusable => "its key is weak, invalid, or not for signatures",
        _ => "its signature is invalid",
    };
    Error::invalid_token(reason, format!("the token is refused: {what}"))
}
