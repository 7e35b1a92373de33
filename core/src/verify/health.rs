//! The state of key sets, for monitoring, and key sets exported for other processes.

use std::time::{Duration, SystemTime};

use crate::error::ErrorKind;

/// The state of an issuer's key set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct KeySetHealth {
    /// The first of the issuer's names.
    pub issuer: String,
    /// The state of the key set.
    pub state: KeySetState,
    /// Number of keys that can verify tokens.
    pub keys: usize,
    /// The other keys of the key set, each with the reason why it verifies nothing.
    pub skipped_keys: Vec<String>,
    /// When the key set was last fetched; `None` if it was not fetched.
    pub fetched_at: Option<SystemTime>,
    /// Time since then.
    pub age: Option<Duration>,
    /// Consecutive failed fetches.
    pub failures: u32,
    /// The error kind of the last failed fetch.
    pub last_failure: Option<ErrorKind>,
    /// The message of that error, such as the limit that a key set exceeds.
    pub last_failure_message: Option<String>,
    /// Time until the next fetch is allowed after a failure.
    pub retry_after: Option<Duration>,
    /// Verifications of tokens whose `kid` was not in the key set.
    pub unknown_kids: u64,
    /// How many of these did not trigger a fetch because of the cooldown.
    pub cooldown_hits: u64,
}

/// The state of a key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum KeySetState {
    /// Within the lifetime that its server gave it, or configured and never fetched.
    Fresh,
    /// Older than its lifetime but still used, since it could not be refreshed.
    Stale,
    /// Older than `max_key_age`: verification fails with `keys_unavailable`.
    Expired,
    /// Not fetched yet: the first verification waits for it.
    Missing,
}

impl KeySetState {
    /// The stable name: `fresh`, `stale`, `expired`, `missing`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Missing => "missing",
        }
    }
}

/// A key set to pass to another process, such as a function's snapshot or a restart without
/// network.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ExportedKeySet {
    /// The first of the issuer's names.
    pub issuer: String,
    /// The text of the JWK Set, as its server sent it. It contains only public keys.
    pub jwks: String,
    /// When it was fetched.
    pub fetched_at: SystemTime,
}
