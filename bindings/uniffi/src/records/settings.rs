//! Settings of the services: twins of the core's, which uniffi cannot carry or whose numbers may be wrong.

use std::collections::HashMap;
use std::time::Duration;

use stytch_m2m::{
    ClientConfig, Clock, Error, IssuerConfig, OrganizationConfig, Proxy, Secret, Spelling,
    TokenSourceConfig, TokenVerifierConfig, TransportConfig, Vertical,
};

use super::arguments::number;
use crate::runtime::spawner;

/// [`TransportConfig`], with `None` for its defaults and seconds for durations, which may be wrong.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct TransportSettings {
    /// Until a connection stands.
    pub connect_timeout_seconds: Option<f64>,
    /// Until one attempt has its whole answer.
    pub attempt_timeout_seconds: Option<f64>,
    /// Until the call returns, with all its attempts.
    pub total_timeout_seconds: Option<f64>,
    /// Certificates of authorities to trust, too.
    pub extra_ca_pem: Option<String>,
    /// Trust the roots built into this library.
    pub bundled_roots: bool,
    /// A certificate chain and its private key.
    pub client_certificate_pem: Option<Secret>,
    /// The way out.
    pub proxy: Proxy,
    /// How old a key set may grow.
    pub max_key_age_seconds: Option<f64>,
    /// The Unix time at which the clock stands still. For tests of claims.
    pub clock_unix_seconds: Option<i64>,
}

impl TryFrom<TransportSettings> for TransportConfig {
    type Error = Error;

    fn try_from(settings: TransportSettings) -> Result<Self, Error> {
        let TransportSettings {
            connect_timeout_seconds,
            attempt_timeout_seconds,
            total_timeout_seconds,
            extra_ca_pem,
            bundled_roots,
            client_certificate_pem,
            proxy,
            max_key_age_seconds,
            clock_unix_seconds,
        } = settings;
        let default = Self::default();
        let (connect, attempt) = (default.connect_timeout, default.attempt_timeout);
        Ok(Self {
            connect_timeout: duration("connect_timeout", connect_timeout_seconds, connect)?,
            attempt_timeout: duration("attempt_timeout", attempt_timeout_seconds, attempt)?,
            total_timeout: duration("total_timeout", total_timeout_seconds, default.total_timeout)?,
            extra_ca_pem,
            // Android's own verifier wants the app's context, which nobody gives us.
            bundled_roots: bundled_roots || cfg!(target_os = "android"),
            client_certificate_pem,
            proxy,
            max_key_age: duration("max_key_age", max_key_age_seconds, default.max_key_age)?,
            spawner: spawner(),
            clock: clock_unix_seconds.map_or(default.clock, Clock::manual),
            spelling: Spelling::Camel,
        })
    }
}

fn duration(field: &str, seconds: Option<f64>, default: Duration) -> Result<Duration, Error> {
    let checked = seconds.map(Duration::try_from_secs_f64).transpose();
    let message = || format!("{field} must not be below zero, and not so large");
    let duration = checked.map_err(|_| Error::invalid_config(field, message()))?;
    Ok(duration.unwrap_or(default))
}

/// [`ClientConfig`]. What is `None` comes from the environment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ClientSettings {
    /// The project's id.
    pub project_id: Option<String>,
    /// The project's secret.
    pub secret: Option<Secret>,
    /// Where the API is.
    pub base_url: Option<String>,
    /// The product line.
    pub vertical: Vertical,
    /// About how many verified tokens to remember.
    pub verified_token_cache_size: i64,
    /// A Redis or Valkey to share tokens through.
    pub token_store_url: Option<Secret>,
    /// What seals them there.
    pub token_store_key: Option<Secret>,
    /// Whether its password may be sent unencrypted.
    pub token_store_allow_unencrypted: bool,
    /// How requests are sent.
    pub transport: TransportSettings,
}

impl TryFrom<ClientSettings> for ClientConfig {
    type Error = Error;

    fn try_from(settings: ClientSettings) -> Result<Self, Error> {
        let ClientSettings {
            project_id,
            secret,
            base_url,
            vertical,
            verified_token_cache_size,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            transport,
        } = settings;
        let config = Self {
            project_id,
            secret,
            base_url,
            vertical,
            verified_token_cache_size: cache_size(verified_token_cache_size)?,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: transport.try_into()?,
        };
        Ok(config.or_env())
    }
}

/// [`TokenVerifierConfig`].
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifierSettings {
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<IssuerConfig>,
    /// About how many verified tokens to remember.
    pub verified_token_cache_size: i64,
    /// How key sets are fetched.
    pub transport: TransportSettings,
}

impl TryFrom<VerifierSettings> for TokenVerifierConfig {
    type Error = Error;

    fn try_from(settings: VerifierSettings) -> Result<Self, Error> {
        let VerifierSettings { issuers, verified_token_cache_size, transport } = settings;
        Ok(Self {
            issuers,
            verified_token_cache_size: cache_size(verified_token_cache_size)?,
            transport: transport.try_into()?,
        })
    }
}

fn cache_size(size: i64) -> Result<usize, Error> {
    number("verified_token_cache_size", size)
}

/// [`TokenSourceConfig`]. A project that is `None` comes from the environment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TokenSourceSettings {
    /// The project whose token endpoint is asked.
    pub project_id: Option<String>,
    /// Where the API is.
    pub base_url: Option<String>,
    /// Another server's token endpoint.
    pub token_url: Option<String>,
    /// The M2M client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// Further parameters.
    pub extra: HashMap<String, String>,
    /// A Redis or Valkey to share tokens through.
    pub token_store_url: Option<Secret>,
    /// What seals them there.
    pub token_store_key: Option<Secret>,
    /// Whether its password may be sent unencrypted.
    pub token_store_allow_unencrypted: bool,
    /// How requests are sent.
    pub transport: TransportSettings,
}

impl TryFrom<TokenSourceSettings> for TokenSourceConfig {
    type Error = Error;

    fn try_from(settings: TokenSourceSettings) -> Result<Self, Error> {
        let TokenSourceSettings {
            project_id,
            base_url,
            token_url,
            client_id,
            client_secret,
            scopes,
            extra,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            transport,
        } = settings;
        let config = Self {
            project_id,
            base_url,
            token_url,
            client_id,
            client_secret,
            scopes,
            extra: extra.into_iter().collect(),
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: transport.try_into()?,
        };
        Ok(config.or_env())
    }
}

/// [`OrganizationConfig`].
#[derive(Clone, Debug, uniffi::Record)]
pub struct OrganizationSettings {
    /// Where the API is.
    pub base_url: String,
    /// The whole value of the `Authorization` header.
    pub authorization: Secret,
    /// How requests are sent.
    pub transport: TransportSettings,
}

impl TryFrom<OrganizationSettings> for OrganizationConfig {
    type Error = Error;

    fn try_from(settings: OrganizationSettings) -> Result<Self, Error> {
        let OrganizationSettings { base_url, authorization, transport } = settings;
        Ok(Self { base_url, authorization, transport: transport.try_into()? })
    }
}

#[uniffi::remote(Enum)]
pub enum Vertical {
    Consumer,
    B2b,
}

#[uniffi::remote(Enum)]
pub enum Proxy {
    Environment,
    Url(Secret),
    Off,
}
