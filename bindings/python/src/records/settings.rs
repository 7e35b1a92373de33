//! Settings of the services as the core's.

use pyo3::prelude::*;
use stytch_m2m::internals::Spelling;
use stytch_m2m::{Secret, TransportConfig, plain};

use crate::hidden::Revealed;
use crate::runtime;
use crate::secret::SecretSource;

/// The items of the dictionary `TransportSettings`. `None` is the core's default.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Transport {
    connect_timeout_seconds: Option<f64>,
    attempt_timeout_seconds: Option<f64>,
    total_timeout_seconds: Option<f64>,
    extra_ca_pem: Revealed<Option<String>>,
    bundled_roots: Option<bool>,
    client_certificate_pem: Revealed<Option<SecretSource>>,
    proxy: Revealed<Option<String>>,
    max_key_age_seconds: Option<f64>,
}

pub(crate) fn transport(settings: Transport) -> TransportConfig {
    let plain = plain::TransportSettings {
        connect_timeout: settings.connect_timeout_seconds,
        attempt_timeout: settings.attempt_timeout_seconds,
        total_timeout: settings.total_timeout_seconds,
        extra_ca_pem: settings.extra_ca_pem.0,
        bundled_roots: settings.bundled_roots,
        client_certificate_pem: settings.client_certificate_pem.0.map(|source| source.0),
        proxy: settings.proxy.0.as_deref().map(plain::proxy),
        max_key_age: settings.max_key_age_seconds,
    };
    plain.config(runtime::spawner(), Spelling::SnakeWithUnits)
}

/// `token_store_url`, `token_store_key` and `token_store_allow_unencrypted`.
pub(crate) type TokenStore = (Revealed<Option<String>>, Revealed<Option<String>>, bool);

pub(crate) fn token_store(
    (url, key, allow_unencrypted): TokenStore,
) -> (Option<Secret>, Option<Secret>, bool) {
    (url.0.map(Secret::new), key.0.map(Secret::new), allow_unencrypted)
}
