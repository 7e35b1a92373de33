//! Settings and arguments of the packages for other languages, whose numbers may be out of range.
//!
//! The core checks numbers in the same place as for Rust. A number that does not fit the core's
//! type becomes one that the check refuses.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::clock::Clock;
use crate::config::{ClientConfig, Proxy, Spelling, TransportConfig, Vertical};
use crate::credential::source::SecretSource;
use crate::error::{Error, Result};
use crate::runtime::Spawner;
use crate::token::source::TokenSourceConfig;
use crate::verify::{
    AuthenticateOptions, Authorize, IssuerConfig, IssuerResolver, KeySource, RequiredOrganization,
    TokenProfile, check_tolerance,
};

/// Settings of a [`TransportConfig`]. `None` is the default.
#[derive(Clone, Debug, Default)]
pub struct TransportSettings {
    /// In seconds.
    pub connect_timeout: Option<f64>,
    /// In seconds.
    pub attempt_timeout: Option<f64>,
    /// In seconds.
    pub total_timeout: Option<f64>,
    /// As in the core.
    pub extra_ca_pem: Option<String>,
    /// As in the core.
    pub bundled_roots: Option<bool>,
    /// As in the core.
    pub client_certificate_pem: Option<SecretSource>,
    /// As in the core.
    pub proxy: Option<Proxy>,
    /// In seconds.
    pub max_key_age: Option<f64>,
}

impl TransportSettings {
    /// Converts to the core's settings with the package's `spawner` and `spelling`.
    pub fn config(self, spawner: Spawner, spelling: Spelling) -> TransportConfig {
        let Self {
            connect_timeout,
            attempt_timeout,
            total_timeout,
            extra_ca_pem,
            bundled_roots,
            client_certificate_pem,
            proxy,
            max_key_age,
        } = self;
        let default = TransportConfig::default();
        let timeout = |given: Option<f64>, default| given.map_or(default, timeout);
        TransportConfig {
            connect_timeout: timeout(connect_timeout, default.connect_timeout),
            attempt_timeout: timeout(attempt_timeout, default.attempt_timeout),
            total_timeout: timeout(total_timeout, default.total_timeout),
            extra_ca_pem,
            bundled_roots: bundled_roots.unwrap_or(default.bundled_roots),
            client_certificate_pem,
            proxy: proxy.unwrap_or(default.proxy),
            max_key_age: max_key_age.map_or(default.max_key_age, age),
            spawner,
            clock: Clock::default(),
            spelling,
        }
    }
}

/// Converts seconds. An invalid or negative number becomes zero, which is refused; a too large one
/// becomes the maximum.
fn timeout(seconds: f64) -> Duration {
    match seconds > 0.0 {
        true => Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
        false => Duration::ZERO,
    }
}

/// Converts seconds. An invalid number becomes a duration that is refused as too long.
fn age(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// [`AuthenticateOptions`].
#[derive(Clone, Debug, Default)]
pub struct AuthenticateSettings {
    /// As in the core.
    pub required_scopes: Vec<String>,
    /// The only organization to accept.
    pub organization: Option<String>,
    /// Whether the token must belong to an organization, whichever it is.
    pub require_organization: bool,
    /// In seconds.
    pub max_token_age_seconds: Option<i64>,
    /// In seconds.
    pub clock_tolerance_seconds: i64,
    /// Whether the user's own function replaces the scope comparison.
    pub decides_itself: bool,
}

impl TryFrom<AuthenticateSettings> for AuthenticateOptions {
    type Error = Error;

    fn try_from(settings: AuthenticateSettings) -> Result<Self> {
        let AuthenticateSettings {
            required_scopes,
            organization,
            require_organization,
            max_token_age_seconds,
            clock_tolerance_seconds,
            decides_itself,
        } = settings;
        let clock_tolerance = whole_seconds(clock_tolerance_seconds).unwrap_or(Duration::MAX);
        check_tolerance("clock_tolerance_seconds", clock_tolerance)?;
        let max_token_age = max_token_age_seconds.map(|seconds| {
            whole_seconds(seconds).ok_or_else(|| {
                let field = "max_token_age_seconds";
                Error::invalid_config(field, format!("{field} must not be negative"))
            })
        });
        Ok(Self {
            required_scopes,
            organization: required_organization(organization, require_organization),
            max_token_age: max_token_age.transpose()?,
            clock_tolerance,
            authorize: decides_itself.then(|| -> Authorize { Arc::new(|_, _| true) }),
        })
    }
}

/// The organization that a token must belong to: this one, or any if one `is_required`.
pub fn required_organization(
    id: Option<String>,
    is_required: bool,
) -> Option<RequiredOrganization> {
    let any = || is_required.then_some(RequiredOrganization::Any);
    id.map(RequiredOrganization::Exactly).or_else(any)
}

fn whole_seconds(seconds: i64) -> Option<Duration> {
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// Parses a proxy setting: `environment`, `off`, or a URL, which is checked with the other
/// settings.
pub fn proxy(text: &str) -> Proxy {
    Proxy::from_setting(text)
}

/// Fills missing settings of `config` from the environment. A given `project_id` takes precedence,
/// even an empty one.
pub fn or_env(project_id: Option<String>, config: ClientConfig) -> ClientConfig {
    let config = config.or_env();
    ClientConfig { project_id: project_id.unwrap_or(config.project_id), ..config }
}

/// Fills missing settings of `config` from a thread's own environment, in place of the process's.
pub fn or_variables(
    config: TokenSourceConfig,
    read: impl Fn(&str) -> Option<String>,
) -> TokenSourceConfig {
    let read = |name: &str| read(name).filter(|value| !value.is_empty());
    config.or_variables(read, |name| SecretSource::value(read(name).unwrap_or_default()))
}

/// A `verified_token_cache_size` or `token_cache_capacity`. An invalid count becomes one that is
/// refused as too large.
pub fn cache_size(size: i64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// The `limit` of a search. An invalid count becomes one that is refused.
pub fn limit(limit: i64) -> u32 {
    u32::try_from(limit).unwrap_or(if limit < 0 { 0 } else { u32::MAX })
}

/// Limits of an [`IssuerResolver`]. `None` is the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResolverLimits {
    /// In seconds.
    pub lifetime_seconds: Option<i64>,
    /// In seconds.
    pub negative_lifetime_seconds: Option<i64>,
    /// As in the core.
    pub max_issuers: Option<i64>,
}

impl ResolverLimits {
    /// `resolver` with these limits; invalid ones become such as are refused.
    #[must_use]
    pub fn of(self, resolver: IssuerResolver) -> IssuerResolver {
        let Self { lifetime_seconds, negative_lifetime_seconds, max_issuers } = self;
        IssuerResolver {
            lifetime: lifetime_seconds.map_or(resolver.lifetime, lifetime),
            negative_lifetime: negative_lifetime_seconds
                .map_or(resolver.negative_lifetime, lifetime),
            max_issuers: max_issuers.map_or(resolver.max_issuers, cache_size),
            resolve: resolver.resolve,
        }
    }
}

/// The `max_token_lifetime` of an issuer. An invalid one becomes zero, which is refused.
pub fn lifetime(seconds: i64) -> Duration {
    whole_seconds(seconds).unwrap_or(Duration::ZERO)
}

/// The `clock_tolerance` of an issuer. An invalid one becomes one that is refused.
pub fn tolerance(seconds: i64) -> Duration {
    whole_seconds(seconds).unwrap_or(Duration::MAX)
}

/// The `allow_missing_kid` of an issuer that is given member by member.
pub fn allow_missing_kid(given: Option<bool>, profile: TokenProfile) -> bool {
    given.unwrap_or(profile == TokenProfile::OAuth)
}

/// The seconds of a duration.
pub fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The settings of a Stytch project, whose addresses are in either argument or in both.
///
/// # Errors
/// `invalid_config`, naming the argument.
pub fn project_issuer(
    project_id: &str,
    base_url: Option<&str>,
    base_urls: &[String],
    vertical: Vertical,
) -> Result<IssuerConfig> {
    let first = IssuerConfig::stytch(project_id, base_url, vertical)?;
    if base_urls.is_empty() {
        return Ok(first);
    }
    let all: Vec<_> = base_url.map(str::to_owned).iter().chain(base_urls).cloned().collect();
    IssuerConfig::stytch_at(project_id, &all, vertical)
}

/// The settings of a known provider, by the name of its constructor and the constructor's
/// arguments.
///
/// # Errors
/// `invalid_config`, naming the argument.
pub fn provider_issuer(
    provider: &str,
    arguments: &HashMap<String, String>,
    client_ids: &[String],
) -> Result<IssuerConfig> {
    let of = |name: &str| {
        let missing = || Error::invalid_config(name, format!("{name} is missing"));
        arguments.get(name).map(String::as_str).ok_or_else(missing)
    };
    let issuer = match provider {
        "cognito" => IssuerConfig::cognito(of("user_pool_id")?, client_ids),
        "entra" => IssuerConfig::entra(of("tenant")?, of("audience")?),
        "okta" => IssuerConfig::okta(of("issuer")?, of("audience")?),
        "keycloak" => IssuerConfig::keycloak(of("issuer")?, of("audience")?),
        "google" => IssuerConfig::google(of("audience")?, client_ids),
        "hydra" => IssuerConfig::hydra(of("issuer")?, of("audience")?),
        "zitadel" => IssuerConfig::zitadel(of("issuer")?, of("audience")?, client_ids),
        "duende" => IssuerConfig::duende(of("issuer")?, of("audience")?),
        "kubernetes" => IssuerConfig::kubernetes(of("issuer")?, of("audience")?),
        _ => Err(Error::invalid_config("provider", "provider is unknown")),
    };
    Ok(IssuerConfig { client_ids: client_ids.to_vec(), ..issuer? })
}

/// When a key set was fetched, in seconds since 1970.
///
/// # Errors
/// `invalid_config` if it is not such a time.
pub fn fetched_at(seconds: f64) -> Result<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok();
    since
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .ok_or_else(|| Error::invalid_config("fetched_at", "fetched_at must be a time after 1970"))
}

/// The source of an issuer's keys, from two arguments, exactly one of which must be set.
///
/// # Errors
/// `invalid_config`, naming `jwks_url`.
pub fn key_source(
    jwks_url: Option<String>,
    jwks: Option<String>,
    discovery: Option<String>,
) -> Result<KeySource> {
    match (jwks_url, jwks, discovery) {
        (Some(url), None, None) => Ok(KeySource::Url(url)),
        (None, Some(text), None) => Ok(KeySource::Jwks(text)),
        (None, None, Some(issuer)) => Ok(KeySource::Discovery(issuer)),
        _ => {
            let message = "set either jwks_url or jwks";
            Err(Error::invalid_config("jwks_url", message))
        }
    }
}

/// The three arguments of [`key_source`].
pub fn key_arguments(keys: KeySource) -> (Option<String>, Option<String>, Option<String>) {
    match keys {
        KeySource::Url(url) => (Some(url), None, None),
        KeySource::Jwks(text) => (None, Some(text), None),
        KeySource::Discovery(issuer) => (None, None, Some(issuer)),
    }
}
