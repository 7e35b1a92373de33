//! What caches did, and how key sets are.

use std::time::Duration;

use pyo3::prelude::*;
use stytch_m2m::{self as m2m, ErrorKind};

use super::{Fields, Record};

impl Record for m2m::CacheStats {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { hits, misses, refreshes, failures, stale_served, flights_joined } = self;
        Fields::new(py)
            .set("hits", hits)?
            .set("misses", misses)?
            .set("refreshes", refreshes)?
            .set("failures", failures)?
            .set("stale_served", stale_served)?
            .set("flights_joined", flights_joined)?
            .make("CacheStats")
    }
}

impl Record for m2m::ClientStats {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { tokens, keys } = self;
        Fields::new(py)
            .set("tokens", tokens.into_python(py)?)?
            .set("keys", keys.into_python(py)?)?
            .make("ClientStats")
    }
}

impl Record for m2m::KeySetHealth {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self {
            issuer,
            state,
            keys,
            skipped_keys,
            fetched_at,
            age,
            failures,
            last_failure,
            last_failure_message,
            retry_after,
            unknown_kids,
            cooldown_hits,
        } = self;
        Fields::new(py)
            .set("issuer", issuer)?
            .set("state", state.code())?
            .set("keys", keys)?
            .set("skipped_keys", skipped_keys)?
            .set("fetched_at", fetched_at)?
            .set("age_seconds", age.as_ref().map(Duration::as_secs_f64))?
            .set("failures", failures)?
            .set("last_failure", last_failure.map(ErrorKind::code))?
            .set("last_failure_message", last_failure_message)?
            .set("retry_after_seconds", retry_after.as_ref().map(Duration::as_secs_f64))?
            .set("unknown_kids", unknown_kids)?
            .set("cooldown_hits", cooldown_hits)?
            .make("KeySetHealth")
    }
}

impl Record for m2m::ExportedKeySet {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { issuer, jwks, fetched_at } = self;
        Fields::new(py)
            .set("issuer", issuer)?
            .set("jwks", jwks)?
            .set("fetched_at", fetched_at)?
            .make("ExportedKeySet")
    }
}
