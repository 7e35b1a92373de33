//! Settings of the services: twins of the core's, which uniffi cannot carry or whose numbers may be wrong.

use std::collections::HashMap;

use stytch_m2m::internals::{Clock, Spelling};
use stytch_m2m::plain;
use stytch_m2m::{
    Algorithm, ClientAuth, ClientConfig, IssuerConfig, OrganizationConfig, Proxy, Secret,
    TokenSourceConfig, TokenVerifierConfig, TransportConfig, Vertical,
};

use crate::resolver::ResolverSettings;
use crate::runtime::spawner;
use crate::secret::SecretSetting;

/// [`TransportConfig`], with `None` for its defaults and seconds for durations, which may be wrong.
#[derive(Clone, Debug, Default, uniffi::Record)]
pub struct TransportSettings {
    /// Maximum time to establish a connection, TLS included.
    pub connect_timeout_seconds: Option<f64>,
    /// Maximum time of one attempt, until its whole response has arrived.
    pub attempt_timeout_seconds: Option<f64>,
    /// Maximum time of a call, with all its attempts.
    pub total_timeout_seconds: Option<f64>,
    /// Certificates of authorities to trust, too.
    pub extra_ca_pem: Option<String>,
    /// Trust the roots built into this library.
    pub bundled_roots: bool,
    /// A certificate chain and its private key.
    pub client_certificate_pem: Option<SecretSetting>,
    /// The way out.
    pub proxy: Proxy,
    /// How old a key set may grow.
    pub max_key_age_seconds: Option<f64>,
    /// The Unix time at which the clock stands still. For tests of claims.
    pub clock_unix_seconds: Option<i64>,
}

impl From<TransportSettings> for TransportConfig {
    fn from(settings: TransportSettings) -> Self {
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
        let plain = plain::TransportSettings {
            connect_timeout: connect_timeout_seconds,
            attempt_timeout: attempt_timeout_seconds,
            total_timeout: total_timeout_seconds,
            extra_ca_pem,
            // Android's own verifier wants the app's context, which nobody gives us.
            bundled_roots: Some(bundled_roots || cfg!(target_os = "android")),
            client_certificate_pem: client_certificate_pem.map(Into::into),
            proxy: Some(proxy),
            max_key_age: max_key_age_seconds,
        };
        let clock = clock_unix_seconds.map(Clock::manual).unwrap_or_default();
        Self { clock, ..plain.config(spawner(), Spelling::Camel) }
    }
}

/// [`ClientConfig`]. What is `None` comes from the environment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ClientSettings {
    /// The project's id.
    pub project_id: Option<String>,
    /// The project's secret.
    pub secret: Option<SecretSetting>,
    /// The API's address.
    pub base_url: Option<String>,
    /// The product line.
    pub vertical: Vertical,
    /// The metadata's key with a client's organization.
    pub organization_key: Option<String>,
    /// Approximate number of verified tokens to cache.
    pub verified_token_cache_size: i64,
    /// Maximum number of grants whose access token is cached.
    pub token_cache_capacity: Option<i64>,
    /// A Redis or Valkey to share tokens through.
    pub token_store_url: Option<Secret>,
    /// What seals them there.
    pub token_store_key: Option<Secret>,
    /// Whether its password may be sent unencrypted.
    pub token_store_allow_unencrypted: bool,
    /// Timeouts, TLS and proxy.
    pub transport: TransportSettings,
}

impl From<ClientSettings> for ClientConfig {
    fn from(settings: ClientSettings) -> Self {
        let ClientSettings {
            project_id,
            secret,
            base_url,
            vertical,
            organization_key,
            verified_token_cache_size,
            token_cache_capacity,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            transport,
        } = settings;
        let config = Self {
            project_id: String::new(),
            secret: secret.map(Into::into),
            base_url,
            vertical,
            organization_key,
            verified_token_cache_size: plain::cache_size(verified_token_cache_size),
            token_cache_capacity: token_cache_capacity.map(plain::cache_size),
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: transport.into(),
        };
        plain::or_env(project_id, config)
    }
}

/// [`TokenVerifierConfig`].
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifierSettings {
    /// The issuers whose tokens are accepted.
    pub issuers: Vec<IssuerConfig>,
    /// What decides about others.
    pub issuer_resolver: Option<ResolverSettings>,
    /// Approximate number of verified tokens to cache.
    pub verified_token_cache_size: i64,
    /// Timeouts, TLS and proxy of key set requests.
    pub transport: TransportSettings,
}

impl From<VerifierSettings> for TokenVerifierConfig {
    fn from(settings: VerifierSettings) -> Self {
        let VerifierSettings { issuers, issuer_resolver, verified_token_cache_size, transport } =
            settings;
        Self {
            issuers,
            issuer_resolver: issuer_resolver.map(Into::into),
            verified_token_cache_size: plain::cache_size(verified_token_cache_size),
            transport: transport.into(),
        }
    }
}

/// [`TokenSourceConfig`]. A server, an id and a secret that are `None` come from the environment.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TokenSourceSettings {
    /// The project whose token endpoint is asked.
    pub project_id: Option<String>,
    /// The API's address.
    pub base_url: Option<String>,
    /// Another server's token endpoint.
    pub token_url: Option<String>,
    /// Another server's issuer.
    pub issuer: Option<String>,
    /// The M2M client's id.
    pub client_id: Option<String>,
    /// How the client authenticates.
    pub client_auth: Option<ClientAuth>,
    /// Its secret.
    pub client_secret: Option<SecretSetting>,
    /// Its other secret during a rotation.
    pub next_client_secret: Option<SecretSetting>,
    /// What signs its assertions.
    pub private_key: Option<SecretSetting>,
    /// The `kid` of the assertions.
    pub key_id: Option<String>,
    /// The algorithm of the assertions' signatures.
    pub signing_algorithm: Option<Algorithm>,
    /// The `aud` of the assertions.
    pub assertion_audience: Option<String>,
    /// An assertion that the client's platform issued to it.
    pub client_assertion: Option<SecretSetting>,
    /// An assertion to exchange for a token.
    pub assertion: Option<SecretSetting>,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The resources to ask for.
    pub resource: Vec<String>,
    /// The audience to ask for.
    pub audience: Option<String>,
    /// Further parameters.
    pub extra: HashMap<String, String>,
    /// A Redis or Valkey to share tokens through.
    pub token_store_url: Option<Secret>,
    /// What seals them there.
    pub token_store_key: Option<Secret>,
    /// Whether its password may be sent unencrypted.
    pub token_store_allow_unencrypted: bool,
    /// Timeouts, TLS and proxy.
    pub transport: TransportSettings,
}

impl From<TokenSourceSettings> for TokenSourceConfig {
    fn from(settings: TokenSourceSettings) -> Self {
        let TokenSourceSettings {
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
            transport,
        } = settings;
        let config = Self {
            project_id,
            base_url,
            token_url,
            issuer,
            client_id: client_id.unwrap_or_default(),
            client_auth,
            client_secret: client_secret.map(Into::into),
            next_client_secret: next_client_secret.map(Into::into),
            private_key: private_key.map(Into::into),
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion: client_assertion.map(Into::into),
            assertion: assertion.map(Into::into),
            scopes,
            resource,
            audience,
            extra: extra.into_iter().collect(),
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store: None,
            transport: transport.into(),
        };
        config.or_env()
    }
}

/// [`OrganizationConfig`].
#[derive(Clone, Debug, uniffi::Record)]
pub struct OrganizationSettings {
    /// The API's address.
    pub base_url: String,
    /// The whole value of the `Authorization` header.
    pub authorization: Secret,
    /// Timeouts, TLS and proxy.
    pub transport: TransportSettings,
}

impl From<OrganizationSettings> for OrganizationConfig {
    fn from(settings: OrganizationSettings) -> Self {
        let OrganizationSettings { base_url, authorization, transport } = settings;
        Self { base_url, authorization, transport: transport.into() }
    }
}

#[uniffi::remote(Enum)]
pub enum Vertical {
    Consumer,
    B2b,
}

#[uniffi::remote(Enum)]
pub enum ClientAuth {
    ClientSecretPost,
    ClientSecretBasic,
    PrivateKeyJwt,
    TlsClientAuth,
    None,
}

#[uniffi::remote(Enum)]
pub enum Proxy {
    Environment,
    Url(Secret),
    Off,
}
