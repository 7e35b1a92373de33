//! What caches did, and the state of key sets.

use std::time::{Duration, SystemTime};

use stytch_m2m::{CacheStats, ClientStats, ErrorKind, ExportedKeySet, KeySetState};

use crate::spelling::camel;

#[uniffi::remote(Record)]
pub struct CacheStats {
    pub hits: u64,
    pub misses: u64,
    pub refreshes: u64,
    pub failures: u64,
    pub stale_served: u64,
    pub flights_joined: u64,
}

#[uniffi::remote(Record)]
pub struct ClientStats {
    pub tokens: CacheStats,
    pub keys: CacheStats,
}

/// [`stytch_m2m::KeySetHealth`], with a number that uniffi carries.
#[derive(Clone, Debug, uniffi::Record)]
pub struct KeySetHealth {
    /// The first of the issuer's names.
    pub issuer: String,
    /// The state of the key set.
    pub state: KeySetState,
    /// Number of keys that can verify tokens.
    pub keys: u64,
    /// The other keys of the key set, each with the reason.
    pub skipped_keys: Vec<String>,
    /// When the key set was last got from its server.
    pub fetched_at: Option<SystemTime>,
    /// Time since then.
    pub age: Option<Duration>,
    /// Consecutive failed fetches.
    pub failures: u32,
    /// The code of the last failure.
    pub last_failure: Option<String>,
    /// The message of the last failure.
    pub last_failure_message: Option<String>,
    /// Time until the next fetch is allowed after a failure.
    pub retry_after: Option<Duration>,
    /// Verifications of tokens whose `kid` was not in the key set.
    pub unknown_kids: u64,
    /// Those of them that caused no fetch.
    pub cooldown_hits: u64,
}

impl From<stytch_m2m::KeySetHealth> for KeySetHealth {
    fn from(health: stytch_m2m::KeySetHealth) -> Self {
        let stytch_m2m::KeySetHealth {
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
            state,
            keys: u64::try_from(keys).unwrap_or(u64::MAX),
            skipped_keys,
            fetched_at,
            age,
            failures,
            last_failure: last_failure.map(|kind| ErrorKind::code(kind).to_owned()),
            last_failure_message: last_failure_message.as_deref().map(camel),
            retry_after,
            unknown_kids,
            cooldown_hits,
        }
    }
}

#[uniffi::remote(Enum)]
pub enum KeySetState {
    Fresh,
    Stale,
    Expired,
    Missing,
}

#[uniffi::remote(Record)]
pub struct ExportedKeySet {
    pub issuer: String,
    pub jwks: String,
    pub fetched_at: SystemTime,
}
