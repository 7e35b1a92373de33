//! A token with its times of refresh and expiry.

use std::time::{Duration, UNIX_EPOCH};

use super::Token;
use super::granted::Granted;
use crate::clock::{Instants, system_time};
use crate::random;
use crate::secret::Secret;

/// Maximum time before expiry at which a refresh starts, and its share of the lifetime.
const REFRESH_AHEAD: (f64, f64) = (300.0, 0.2);
/// Maximum time before expiry from which callers wait for the refresh, and its share of the
/// lifetime.
const FLOOR: (f64, f64) = (30.0, 0.1);
/// Random factor that spreads the refreshes of many processes.
const SPREAD: (f64, f64) = (0.8, 1.2);
/// The shortest lifetime that is accepted.
const SHORTEST: f64 = 1.0;
/// Tokens with less lifetime left than this are not written to the store.
const MIN_SHARED_LIFETIME: Duration = Duration::from_secs(1);

pub(crate) struct CachedToken {
    /// Another process fetched it.
    pub(crate) is_from_store: bool,
    /// The token endpoint returned it again after a server refused it, so it is replaced soon.
    is_refused: bool,
    token: Token,
    asked_at: Instants,
    lifetime: f64,
    refresh_ahead: f64,
    floor: f64,
}

impl CachedToken {
    pub(crate) fn new(granted: &Granted, asked_at: Instants) -> Self {
        let lifetime = granted.lifetime(asked_at.wall).max(SHORTEST);
        let token = Token {
            access_token: granted.access_token.clone(),
            token_type: granted.token_type().to_owned(),
            expires_in: lifetime as u64,
            expires_at: system_time(asked_at.wall + lifetime).unwrap_or(UNIX_EPOCH),
            granted_scopes: granted.granted_scopes(),
            request_id: granted.request_id.clone(),
            status_code: granted.status_code.unwrap_or(200),
        };
        Self::scheduled(token, asked_at, lifetime)
    }

    /// A token that another process fetched.
    pub(crate) fn from_store(token: Token, asked_at: Instants, lifetime: f64) -> Self {
        Self { is_from_store: true, ..Self::scheduled(token, asked_at, lifetime) }
    }

    fn scheduled(token: Token, asked_at: Instants, lifetime: f64) -> Self {
        Self {
            is_from_store: false,
            is_refused: false,
            token,
            asked_at,
            lifetime,
            refresh_ahead: share(REFRESH_AHEAD, lifetime) * random::between(SPREAD.0, SPREAD.1),
            floor: share(FLOOR, lifetime),
        }
    }

    /// The same token, marked as refused before.
    pub(crate) fn refused_before(&self) -> Self {
        Self { is_refused: true, token: self.token.clone(), ..*self }
    }

    /// Whether it can be returned without waiting for a newer one.
    pub(crate) fn is_usable(&self, now: Instants) -> bool {
        self.remaining(now) > self.floor
    }

    /// Whether it is due for a refresh.
    pub(crate) fn is_due(&self, now: Instants) -> bool {
        self.is_refused || self.remaining(now) <= self.refresh_ahead
    }

    pub(crate) fn is(&self, access_token: &Secret) -> bool {
        self.token.access_token == *access_token
    }

    /// Remaining seconds, by the clock that shows less.
    pub(crate) fn remaining(&self, now: Instants) -> f64 {
        self.lifetime - now.since(self.asked_at)
    }

    /// In seconds since the Unix epoch.
    pub(crate) fn expires_at(&self) -> f64 {
        self.asked_at.wall + self.lifetime
    }

    pub(crate) fn lifetime(&self) -> f64 {
        self.lifetime
    }

    /// How long other processes can use it: until its refresh is due.
    pub(crate) fn shared_lifetime(&self, now: Instants) -> Option<Duration> {
        let seconds = self.remaining(now) - self.refresh_ahead;
        Duration::try_from_secs_f64(seconds).ok().filter(|ttl| *ttl >= MIN_SHARED_LIFETIME)
    }

    /// The token as fetched, with its original `expires_in`.
    pub(crate) fn as_fetched(&self) -> &Token {
        &self.token
    }

    pub(crate) fn token(&self, now: Instants) -> Token {
        let expires_in = self.remaining(now).max(0.0) as u64;
        Token { expires_in, ..self.token.clone() }
    }
}

/// A bound in seconds, or a share of the lifetime if that is less.
fn share((seconds, of_lifetime): (f64, f64), lifetime: f64) -> f64 {
    seconds.min(lifetime * of_lifetime)
}
