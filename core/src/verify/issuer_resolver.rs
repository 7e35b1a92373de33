//! The setting that decides about issuers that are not listed.

use std::fmt;
use std::future::Future;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::entra;
use super::issuer::{IssuerConfig, KeySource};
use crate::callback::FunctionError;
use crate::error::{Error, Result};

/// An error of a [`ResolveIssuer`]. Users see its text, so it must not contain a secret.
pub type ResolverError = FunctionError;

/// The future that a [`ResolveIssuer`] returns.
pub type ResolverFuture<'a> =
    Pin<Box<dyn Future<Output = Result<Option<IssuerConfig>, ResolverError>> + Send + 'a>>;

const LIFETIMES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
/// The largest `max_issuers`.
const MAX_ISSUERS: usize = 1 << 16;

/// Decides about an issuer that is not listed.
pub trait ResolveIssuer: fmt::Debug + Send + Sync {
    /// Returns the settings of the issuer, or `None` if its tokens are not accepted. `issuer` is the
    /// `iss` of a token that is not verified yet: look it up among those that you know, and never
    /// make the address of its keys from an unknown one. The settings must name it among their
    /// `issuers`; they are used for it alone. An issuer that a customer runs can write any `org_id`
    /// into its tokens: then set [`organization_claim`](IssuerConfig::organization_claim) to `iss`.
    /// See [`IssuerResolver`] for when it is called.
    fn resolve(&self, issuer: String) -> ResolverFuture<'_>;
}

/// Decides which issuers are accepted beside the listed ones, such as the customers of a SaaS who
/// each have an issuer of their own.
///
/// The function is called with the `iss` of a token, at most 2,048 bytes, whose header was found
/// valid, and never for a listed issuer. Its answers are cached; one call serves all concurrent
/// verifications of an issuer, at most 16 calls run at once, and each may take as long as one attempt
/// of a request ([`TransportConfig::attempt_timeout`](crate::TransportConfig::attempt_timeout)).
///
/// While the function fails, tokens of issuers that are not cached are answered `keys_unavailable`
/// (503), and cached ones stay accepted for
/// [`TransportConfig::max_key_age`](crate::TransportConfig::max_key_age).
///
/// ```
/// use stytch_m2m::{IssuerConfig, IssuerResolver, TokenVerifier, TokenVerifierConfig};
///
/// # async fn is_customer(issuer: &str) -> std::io::Result<bool> { Ok(issuer.len() > 8) }
/// let resolver = IssuerResolver::function(|issuer: String| async move {
///     let audiences = ["https://api.example.com".to_owned()];
///     let known = is_customer(&issuer).await?;
///     Ok::<_, std::io::Error>(known.then(|| IssuerConfig::discover(&issuer, &audiences)))
/// });
/// let verifier = TokenVerifier::new(TokenVerifierConfig {
///     issuer_resolver: Some(resolver),
///     ..Default::default()
/// })?;
/// # Ok::<(), stytch_m2m::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct IssuerResolver {
    /// The function.
    pub resolve: Arc<dyn ResolveIssuer>,
    /// How long an issuer is accepted before the function is called again, from 1 second to 24
    /// hours. If the answer is then the same, the cached keys stay in use; if it is `None`, all
    /// tokens of the issuer are refused. Default: 10 minutes.
    pub lifetime: Duration,
    /// How long an issuer is refused before the function is called again, from 1 second to 24 hours.
    /// Default: 60 seconds.
    pub negative_lifetime: Duration,
    /// Maximum number of accepted issuers in the cache, and of refused ones, from 1 to 65,536; the
    /// least recently used leave first. Default: 1,000.
    pub max_issuers: usize,
}

impl IssuerResolver {
    /// A resolver with the default settings.
    #[must_use]
    pub fn new(resolve: Arc<dyn ResolveIssuer>) -> Self {
        Self {
            resolve,
            lifetime: Duration::from_secs(600),
            negative_lifetime: Duration::from_secs(60),
            max_issuers: 1000,
        }
    }

    /// A resolver by a function, with the default settings.
    #[must_use]
    pub fn function<F, R, E>(function: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Option<IssuerConfig>, E>> + Send,
        E: Into<ResolverError>,
    {
        Self::new(Arc::new(Function(function)))
    }

    /// A resolver of the tenants of Microsoft Entra ID that `is_accepted` accepts, by their ids, with
    /// the settings of [`IssuerConfig::entra_tenants`]. It is asked only about the `iss` of Entra's
    /// tokens of version 1.0 and 2.0.
    ///
    /// ```
    /// # use stytch_m2m::IssuerResolver;
    /// # async fn has_contract(tenant: &str) -> std::io::Result<bool> { Ok(tenant.len() == 36) }
    /// let resolver = IssuerResolver::entra("api://orders", |tenant: String| async move {
    ///     has_contract(&tenant).await
    /// });
    /// ```
    #[must_use]
    pub fn entra<F, R, E>(audience: &str, is_accepted: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = Result<bool, E>> + Send,
        E: Into<ResolverError>,
    {
        Self::new(Arc::new(Entra { audience: audience.to_owned(), is_accepted }))
    }

    pub(super) fn validate(&self) -> Result<()> {
        let bad = |field, what: &str| {
            let message = format!("{field} of issuer_resolver must be {what}");
            Err(Error::invalid_config(field, message))
        };
        if !LIFETIMES.contains(&self.lifetime) {
            return bad("lifetime", "from 1 second to 24 hours");
        }
        if !LIFETIMES.contains(&self.negative_lifetime) {
            return bad("negative_lifetime", "from 1 second to 24 hours");
        }
        match (1..=MAX_ISSUERS).contains(&self.max_issuers) {
            true => Ok(()),
            false => bad("max_issuers", "from 1 to 65536"),
        }
    }
}

struct Function<F>(F);

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("function")
    }
}

impl<F, R, E> ResolveIssuer for Function<F>
where
    F: Fn(String) -> R + Send + Sync,
    R: Future<Output = Result<Option<IssuerConfig>, E>> + Send,
    E: Into<ResolverError>,
{
    fn resolve(&self, issuer: String) -> ResolverFuture<'_> {
        Box::pin(async { (self.0)(issuer).await.map_err(Into::into) })
    }
}

struct Entra<F> {
    audience: String,
    is_accepted: F,
}

impl<F> fmt::Debug for Entra<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entra").field("audience", &self.audience).finish_non_exhaustive()
    }
}

impl<F, R, E> ResolveIssuer for Entra<F>
where
    F: Fn(String) -> R + Send + Sync,
    R: Future<Output = Result<bool, E>> + Send,
    E: Into<ResolverError>,
{
    fn resolve(&self, issuer: String) -> ResolverFuture<'_> {
        Box::pin(async move {
            let Some(tenant) = entra::tenant_as_issued(&issuer) else { return Ok(None) };
            if !(self.is_accepted)(tenant.to_owned()).await.map_err(Into::into)? {
                return Ok(None);
            }
            let settings = IssuerConfig::entra(tenant, &self.audience)?;
            // One key set for all of them, which is fetched once.
            Ok(Some(IssuerConfig { keys: KeySource::Url(entra::common_jwks_url()), ..settings }))
        })
    }
}
