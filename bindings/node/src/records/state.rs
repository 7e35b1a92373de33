//! What a service's monitoring reads: counts and the state of key sets.

use std::time::{Duration, UNIX_EPOCH};

use napi_derive::napi;
use stytch_m2m::{self as m2m, ErrorKind, Result};

use super::arguments::wrong;
use super::milliseconds;

/// What a cache did.
#[napi(object, object_from_js = false)]
pub struct CacheStats {
    /// Calls answered from the cache.
    pub hits: f64,
    /// Calls that had to wait, or failed.
    pub misses: f64,
    /// Requests that brought something new.
    pub refreshes: f64,
    /// Requests that failed.
    pub failures: f64,
    /// Calls that were answered with what is due for a refresh.
    #[napi(js_name = "stale_served")]
    pub stale_served: f64,
    /// Calls that shared a request.
    #[napi(js_name = "flights_joined")]
    pub flights_joined: f64,
}

impl From<m2m::CacheStats> for CacheStats {
    fn from(stats: m2m::CacheStats) -> Self {
        let m2m::CacheStats { hits, misses, refreshes, failures, stale_served, flights_joined } =
            stats;
        Self {
            hits: hits as f64,
            misses: misses as f64,
            refreshes: refreshes as f64,
            failures: failures as f64,
            stale_served: stale_served as f64,
            flights_joined: flights_joined as f64,
        }
    }
}

/// What a client's caches did.
#[napi(object, object_from_js = false)]
pub struct ClientStats {
    /// The tokens that it fetches.
    pub tokens: CacheStats,
    /// The cache of verification keys.
    pub keys: CacheStats,
}

impl From<m2m::ClientStats> for ClientStats {
    fn from(stats: m2m::ClientStats) -> Self {
        let m2m::ClientStats { tokens, keys } = stats;
        Self { tokens: tokens.into(), keys: keys.into() }
    }
}

/// The state of one issuer's key set.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct KeySetHealth {
    /// The first of the issuer's names.
    pub issuer: String,
    /// `fresh`, `stale`, `expired` or `missing`.
    pub state: &'static str,
    /// Number of keys that can verify tokens.
    pub keys: u32,
    /// The other keys, each with the reason.
    #[napi(js_name = "skipped_keys")]
    pub skipped_keys: Vec<String>,
    /// When it was got.
    #[napi(js_name = "fetched_at")]
    pub fetched_at: Option<f64>,
    /// Time since then.
    #[napi(js_name = "age_seconds")]
    pub age_seconds: Option<f64>,
    /// Consecutive failed fetches.
    pub failures: u32,
    /// The code of the last failure.
    #[napi(js_name = "last_failure")]
    pub last_failure: Option<&'static str>,
    /// The message of the last failure.
    #[napi(js_name = "last_failure_message")]
    pub last_failure_message: Option<String>,
    /// Time until the next fetch is allowed after a failure.
    #[napi(js_name = "retry_after_seconds")]
    pub retry_after_seconds: Option<f64>,
    /// Verifications of tokens with an unknown `kid`.
    #[napi(js_name = "unknown_kids")]
    pub unknown_kids: f64,
    /// Those that caused no fetch.
    #[napi(js_name = "cooldown_hits")]
    pub cooldown_hits: f64,
}

impl From<m2m::KeySetHealth> for KeySetHealth {
    fn from(health: m2m::KeySetHealth) -> Self {
        let m2m::KeySetHealth {
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
        } = health;
        Self {
            issuer,
            state: state.code(),
            keys: u32::try_from(keys).unwrap_or(u32::MAX),
            skipped_keys,
            fetched_at: fetched_at.map(milliseconds),
            age_seconds: age.map(|age| age.as_secs_f64()),
            failures,
            last_failure: last_failure.map(ErrorKind::code),
            last_failure_message,
            retry_after_seconds: retry_after.map(|wait| wait.as_secs_f64()),
            unknown_kids: unknown_kids as f64,
            cooldown_hits: cooldown_hits as f64,
        }
    }
}

/// The state of all issuers' key sets.
#[napi(object, object_from_js = false)]
pub struct Health {
    /// An issuer each.
    pub issuers: Vec<KeySetHealth>,
}

impl From<Vec<m2m::KeySetHealth>> for Health {
    fn from(issuers: Vec<m2m::KeySetHealth>) -> Self {
        Self { issuers: issuers.into_iter().map(KeySetHealth::from).collect() }
    }
}

/// A key set to take along.
#[napi(object, object_from_js = false)]
pub struct ExportedKeySet {
    /// The first of the issuer's names.
    pub issuer: String,
    /// The text of the JWK Set.
    pub jwks: String,
    /// When it was got.
    #[napi(js_name = "fetched_at")]
    pub fetched_at: f64,
}

impl From<m2m::ExportedKeySet> for ExportedKeySet {
    fn from(set: m2m::ExportedKeySet) -> Self {
        let m2m::ExportedKeySet { issuer, jwks, fetched_at } = set;
        Self { issuer, jwks, fetched_at: milliseconds(fetched_at) }
    }
}

/// All key sets to take along.
#[napi(object, object_from_js = false)]
pub struct KeySets {
    /// An issuer each.
    pub issuers: Vec<ExportedKeySet>,
}

impl From<Vec<m2m::ExportedKeySet>> for KeySets {
    fn from(sets: Vec<m2m::ExportedKeySet>) -> Self {
        Self { issuers: sets.into_iter().map(ExportedKeySet::from).collect() }
    }
}

/// A key set that was fetched elsewhere.
#[napi(object, object_to_js = false)]
pub struct KeySetSeed {
    /// One of the issuer's names.
    pub issuer: Option<String>,
    /// The text of the JWK Set.
    pub jwks: String,
    /// When it was got, in milliseconds.
    #[napi(js_name = "fetched_at")]
    pub fetched_at: f64,
}

impl KeySetSeed {
    pub(crate) fn plant(self, verifier: &m2m::TokenVerifier) -> Result<()> {
        let Self { issuer, jwks, fetched_at } = self;
        let since = Duration::try_from_secs_f64(fetched_at / 1000.0).ok();
        let fetched_at = since.and_then(|since| UNIX_EPOCH.checked_add(since));
        let fetched_at = fetched_at.ok_or_else(|| wrong("fetched_at", "must be after 1970"))?;
        verifier.seed_jwks(issuer.as_deref(), &jwks, fetched_at)
    }
}
