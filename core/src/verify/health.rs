//! The state of key sets, for monitoring, and their transfer between processes.

use std::time::{Duration, SystemTime};

use crate::error::ErrorKind;

/// Whether an issuer's tokens can be judged, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct KeySetHealth {
    /// The first of the issuer's names.
    pub issuer: String,
    /// How good its key set is.
    pub state: KeySetState,
    /// Keys that can verify.
    pub keys: usize,
    /// When the key set was last got from its server; `None` without one.
    pub fetched_at: Option<SystemTime>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// Fetches that failed since one succeeded.
    pub failures: u32,
    /// Why the last of them failed.
    pub last_failure: Option<ErrorKind>,
    /// How long no fetch will be tried after it.
    pub retry_after: Option<Duration>,
    /// Verifications of tokens whose `kid` the key set did not have.
    pub unknown_kids: u64,
    /// Those of them that caused no fetch, since there had been one too lately.
    pub cooldown_hits: u64,
}

/// How good a key set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum KeySetState {
    /// Within the lifetime that its server gave it, or configured and not fetched at all.
    Fresh,
    /// Beyond it, but still used: its server does not answer.
    Stale,
    /// Beyond `max_key_age`: no token can be judged.
    Expired,
    /// Not fetched yet: the first token will wait for it.
    Missing,
}

impl KeySetState {
    /// The stable name: `fresh`, `stale`, `expired`, `missing`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Missing => "missing",
        }
    }
}

/// A key set to take along: into a snapshot of a function, or over a restart without network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ExportedKeySet {
    /// The first of the issuer's names.
    pub issuer: String,
    /// The text of the JWK Set, as its server sent it. Public keys only.
    pub jwks: String,
    /// When it was got from its server.
    pub fetched_at: SystemTime,
}
