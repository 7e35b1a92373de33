//! Settings of the services as the core's.

use std::time::Duration;

use pyo3::prelude::*;
use stytch_m2m::{Proxy, Secret, TransportConfig};

use super::arguments::count;
use crate::error::invalid_config;
use crate::hidden::Revealed;
use crate::runtime;

/// The items of the dictionary `TransportSettings`. `None` is the core's default.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Transport {
    connect_timeout_seconds: Option<f64>,
    attempt_timeout_seconds: Option<f64>,
    total_timeout_seconds: Option<f64>,
    extra_ca_pem: Revealed<Option<String>>,
    bundled_roots: Option<bool>,
    client_certificate_pem: Revealed<Option<String>>,
    proxy: Revealed<Option<String>>,
    max_key_age_seconds: Option<f64>,
}

pub(crate) fn transport(py: Python<'_>, settings: Transport) -> PyResult<TransportConfig> {
    let timeout = |field: &str, seconds: Option<f64>, default: Duration| {
        let given = seconds.map_or(Some(default), |s| Duration::try_from_secs_f64(s).ok());
        given.filter(|timeout| !timeout.is_zero()).ok_or_else(|| {
            invalid_config(py, field, &format!("{field} must be a number of seconds above zero"))
        })
    };
    let default = TransportConfig::default();
    let (connect, attempt) = (settings.connect_timeout_seconds, settings.attempt_timeout_seconds);
    let total = settings.total_timeout_seconds;
    let proxy = settings.proxy.0.as_deref();
    Ok(TransportConfig {
        connect_timeout: timeout("connect_timeout_seconds", connect, default.connect_timeout)?,
        attempt_timeout: timeout("attempt_timeout_seconds", attempt, default.attempt_timeout)?,
        total_timeout: timeout("total_timeout_seconds", total, default.total_timeout)?,
        extra_ca_pem: settings.extra_ca_pem.0,
        bundled_roots: settings.bundled_roots.unwrap_or(default.bundled_roots),
        client_certificate_pem: settings.client_certificate_pem.0.map(Secret::new),
        proxy: proxy.map_or(default.proxy, Proxy::from_setting),
        max_key_age: max_key_age(py, settings.max_key_age_seconds, default.max_key_age)?,
        spawner: runtime::spawner(),
        clock: default.clock,
        spelling: default.spelling,
    })
}

/// Zero is a value like any other here, and the core knows the limit.
fn max_key_age(py: Python<'_>, seconds: Option<f64>, default: Duration) -> PyResult<Duration> {
    let field = "max_key_age_seconds";
    let wrong = |_| invalid_config(py, field, &format!("{field} must be a number of seconds"));
    seconds.map_or(Ok(default), |s| Duration::try_from_secs_f64(s).map_err(wrong))
}

/// `token_store_url`, `token_store_key` and `token_store_allow_unencrypted`.
pub(crate) type TokenStore = (Revealed<Option<String>>, Revealed<Option<String>>, bool);

pub(crate) fn token_store(
    (url, key, allow_unencrypted): TokenStore,
) -> (Option<Secret>, Option<Secret>, bool) {
    (url.0.map(Secret::new), key.0.map(Secret::new), allow_unencrypted)
}

pub(crate) fn cache_size(py: Python<'_>, number: i64) -> PyResult<usize> {
    count(py, "verified_token_cache_size", number)
}
