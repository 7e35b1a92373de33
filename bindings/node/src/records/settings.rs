//! Settings as the core's.

use std::collections::HashMap;

use napi::bindgen_prelude::{FromNapiValue, Unknown};
use napi_derive::napi;
use stytch_m2m::internals::{Clock, Spelling};
use stytch_m2m::{self as m2m, Result, Secret, plain};

use super::arguments::vertical;
use super::issuer::IssuerConfig;
use super::resolver::IssuerResolver;
use super::secret_source::SecretSource;
use crate::runtime::spawner;

/// A service's settings and the transport's: both are members of one object.
pub(crate) fn with_transport<T: FromNapiValue>(
    settings: Unknown<'_>,
) -> napi::Result<(T, TransportSettings)> {
    Ok((T::from_unknown(settings)?, TransportSettings::from_unknown(settings)?))
}

/// Timeouts, TLS and proxy.
#[napi(object, object_to_js = false)]
pub struct TransportSettings {
    /// Maximum time to establish a connection, TLS included.
    #[napi(js_name = "connect_timeout_seconds")]
    pub connect_timeout_seconds: Option<f64>,
    /// Until one attempt has its answer.
    #[napi(js_name = "attempt_timeout_seconds")]
    pub attempt_timeout_seconds: Option<f64>,
    /// Until the call returns.
    #[napi(js_name = "total_timeout_seconds")]
    pub total_timeout_seconds: Option<f64>,
    /// Authorities to trust besides the platform's.
    #[napi(js_name = "extra_ca_pem")]
    pub extra_ca_pem: Option<String>,
    /// Trust the roots that are built in, not the platform's.
    #[napi(js_name = "bundled_roots")]
    pub bundled_roots: Option<bool>,
    /// The caller's own certificate and key.
    #[napi(js_name = "client_certificate_pem")]
    pub client_certificate_pem: Option<SecretSource>,
    /// `environment`, `off`, or a URL.
    pub proxy: Option<String>,
    /// How old a key set may grow while its server is down.
    #[napi(js_name = "max_key_age_seconds")]
    pub max_key_age_seconds: Option<f64>,
}

impl TransportSettings {
    pub(crate) fn config(self, clock: Clock) -> m2m::TransportConfig {
        let Self {
            connect_timeout_seconds,
            attempt_timeout_seconds,
            total_timeout_seconds,
            extra_ca_pem,
            bundled_roots,
            client_certificate_pem,
            proxy,
            max_key_age_seconds,
        } = self;
        let plain = plain::TransportSettings {
            connect_timeout: connect_timeout_seconds,
            attempt_timeout: attempt_timeout_seconds,
            total_timeout: total_timeout_seconds,
            extra_ca_pem,
            bundled_roots,
            client_certificate_pem: client_certificate_pem.map(Into::into),
            proxy: proxy.as_deref().map(plain::proxy),
            max_key_age: max_key_age_seconds,
        };
        m2m::TransportConfig { clock, ..plain.config(spawner(), Spelling::SnakeWithUnits) }
    }
}

/// Settings of a client.
#[napi(object, object_to_js = false)]
pub struct ClientSettings {
    /// The project's id.
    #[napi(js_name = "project_id")]
    pub project_id: Option<String>,
    /// Its secret.
    pub secret: Option<SecretSource>,
    /// The API's address.
    #[napi(js_name = "base_url")]
    pub base_url: Option<String>,
    /// `consumer` or `b2b`.
    pub vertical: Option<String>,
    /// The metadata's key with the organization.
    #[napi(js_name = "organization_key")]
    pub organization_key: Option<String>,
    /// How many verified tokens to remember.
    #[napi(js_name = "verified_token_cache_size")]
    pub verified_token_cache_size: Option<u32>,
    /// Maximum number of grants whose access token is cached.
    #[napi(js_name = "token_cache_capacity")]
    pub token_cache_capacity: Option<u32>,
    /// A Redis to share tokens through.
    #[napi(js_name = "token_store_url")]
    pub token_store_url: Option<String>,
    /// What seals them there.
    #[napi(js_name = "token_store_key")]
    pub token_store_key: Option<String>,
    /// Whether its password may be sent unencrypted.
    #[napi(js_name = "token_store_allow_unencrypted")]
    pub token_store_allow_unencrypted: Option<bool>,
}

impl ClientSettings {
    pub(crate) fn config(self, transport: TransportSettings) -> Result<m2m::ClientConfig> {
        let Self {
            project_id,
            secret,
            base_url,
            vertical: name,
            organization_key,
            verified_token_cache_size,
            token_cache_capacity,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
        } = self;
        Ok(m2m::ClientConfig {
            project_id: project_id.unwrap_or_default(),
            secret: secret.map(Into::into),
            base_url,
            vertical: vertical(name)?,
            organization_key,
            verified_token_cache_size: verified_token_cache_size.unwrap_or_default() as usize,
            token_cache_capacity: token_cache_capacity.map(|capacity| capacity as usize),
            token_store_url: token_store_url.map(Secret::new),
            token_store_key: token_store_key.map(Secret::new),
            token_store_allow_unencrypted: token_store_allow_unencrypted.unwrap_or_default(),
            token_store: None,
            transport: transport.config(Clock::default()),
        })
    }
}

/// Settings of a verifier.
#[napi(object, object_to_js = false)]
pub struct TokenVerifierSettings {
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<IssuerConfig>,
    /// What decides about others.
    #[napi(js_name = "issuer_resolver")]
    pub issuer_resolver: Option<IssuerResolver>,
    /// How many verified tokens to remember.
    #[napi(js_name = "verified_token_cache_size")]
    pub verified_token_cache_size: Option<u32>,
}

impl TokenVerifierSettings {
    pub(crate) fn config(
        self,
        transport: TransportSettings,
        clock: Clock,
    ) -> Result<m2m::TokenVerifierConfig> {
        let Self { issuers, issuer_resolver, verified_token_cache_size } = self;
        Ok(m2m::TokenVerifierConfig {
            issuers: issuers.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            issuer_resolver: issuer_resolver.map(Into::into),
            verified_token_cache_size: verified_token_cache_size.unwrap_or_default() as usize,
            transport: transport.config(clock),
        })
    }
}

/// Settings of a token source.
#[napi(object, object_to_js = false)]
pub struct TokenSourceSettings {
    /// The project whose token endpoint is asked.
    #[napi(js_name = "project_id")]
    pub project_id: Option<String>,
    /// The API's address.
    #[napi(js_name = "base_url")]
    pub base_url: Option<String>,
    /// Another server's token endpoint.
    #[napi(js_name = "token_url")]
    pub token_url: Option<String>,
    /// Another server's issuer.
    pub issuer: Option<String>,
    /// The client's id.
    #[napi(js_name = "client_id")]
    pub client_id: Option<String>,
    /// The name of a method.
    #[napi(js_name = "client_auth")]
    pub client_auth: Option<String>,
    /// The client's secret.
    #[napi(js_name = "client_secret")]
    pub client_secret: Option<SecretSource>,
    /// Its other secret during a rotation.
    #[napi(js_name = "next_client_secret")]
    pub next_client_secret: Option<SecretSource>,
    /// What signs assertions.
    #[napi(js_name = "private_key")]
    pub private_key: Option<SecretSource>,
    /// Their `kid`.
    #[napi(js_name = "key_id")]
    pub key_id: Option<String>,
    /// Their algorithm.
    #[napi(js_name = "signing_algorithm")]
    pub signing_algorithm: Option<String>,
    /// Their `aud`.
    #[napi(js_name = "assertion_audience")]
    pub assertion_audience: Option<String>,
    /// An assertion from elsewhere.
    #[napi(js_name = "client_assertion")]
    pub client_assertion: Option<SecretSource>,
    /// An assertion to exchange.
    pub assertion: Option<SecretSource>,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// The resources that the token is for.
    pub resource: Option<Vec<String>>,
    /// The audience that it is for.
    pub audience: Option<String>,
    /// Further parameters.
    pub extra: Option<HashMap<String, String>>,
    /// A Redis to share tokens through.
    #[napi(js_name = "token_store_url")]
    pub token_store_url: Option<String>,
    /// What seals them there.
    #[napi(js_name = "token_store_key")]
    pub token_store_key: Option<String>,
    /// Whether its password may be sent unencrypted.
    #[napi(js_name = "token_store_allow_unencrypted")]
    pub token_store_allow_unencrypted: Option<bool>,
}

impl TokenSourceSettings {
    pub(crate) fn config(self, transport: TransportSettings) -> Result<m2m::TokenSourceConfig> {
        let Self {
            project_id,
            base_url,
            token_url,
            issuer,
            client_id,
            client_auth,
            client_secret,
            next_client_secret,
            private_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion,
            assertion,
            scopes,
            resource,
            audience,
            extra,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
        } = self;
        Ok(m2m::TokenSourceConfig {
            project_id,
            base_url,
            token_url,
            client_id: client_id.unwrap_or_default(),
            client_auth: client_auth.as_deref().map(str::parse).transpose()?,
            client_secret: client_secret.map(Into::into),
            next_client_secret: next_client_secret.map(Into::into),
            private_key: private_key.map(Into::into),
            key_id,
            signing_algorithm: signing_algorithm.as_deref().map(str::parse).transpose()?,
            assertion_audience,
            client_assertion: client_assertion.map(Into::into),
            assertion: assertion.map(Into::into),
            scopes: scopes.unwrap_or_default(),
            issuer,
            resource: resource.unwrap_or_default(),
            audience,
            extra: extra.unwrap_or_default().into_iter().collect(),
            token_store_url: token_store_url.map(Secret::new),
            token_store_key: token_store_key.map(Secret::new),
            token_store_allow_unencrypted: token_store_allow_unencrypted.unwrap_or_default(),
            token_store: None,
            transport: transport.config(Clock::default()),
        })
    }
}

/// Settings of an organization's client.
#[napi(object, object_to_js = false)]
pub struct OrganizationSettings {
    /// The API's address.
    #[napi(js_name = "base_url")]
    pub base_url: String,
    /// The `Authorization` header's value.
    pub authorization: String,
}

impl OrganizationSettings {
    pub(crate) fn config(self, transport: TransportSettings) -> m2m::OrganizationConfig {
        let Self { base_url, authorization } = self;
        m2m::OrganizationConfig {
            base_url,
            authorization: Secret::new(authorization),
            transport: transport.config(Clock::default()),
        }
    }
}
