//! The encoding of tokens in the store, before encryption.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::Instants;
use crate::secret::Secret;
use crate::token::Token;
use crate::token::cached_token::CachedToken;
use crate::token::granted::is_bearer_token;

/// Leeway between the clocks of processes, in seconds.
const SKEW: f64 = 60.0;
const LONGEST: f64 = 86_400.0;

#[derive(Serialize, Deserialize)]
struct Text<'a, S> {
    access_token: S,
    token_type: &'a str,
    /// In seconds since the Unix epoch.
    expires_at: f64,
    lifetime: f64,
    granted_scopes: Option<Vec<String>>,
    request_id: Option<String>,
    status_code: u16,
}

/// Encodes a token for encryption.
pub(super) fn write(cached: &CachedToken) -> Option<Zeroizing<Vec<u8>>> {
    let token = cached.as_fetched();
    let text = Text {
        access_token: token.access_token.expose(),
        token_type: &token.token_type,
        expires_at: cached.expires_at(),
        lifetime: cached.lifetime(),
        granted_scopes: token.granted_scopes.clone(),
        request_id: token.request_id.clone(),
        status_code: token.status_code,
    };
    // Enough capacity to avoid a reallocation, which would leave a copy in freed memory.
    let mut json = Zeroizing::new(Vec::with_capacity(32 << 10));
    serde_json::to_writer(&mut *json, &text).ok()?;
    Some(json)
}

/// A decoded value.
pub(super) enum Decoded {
    Token(CachedToken),
    /// It seems expired or from the future: the clock of this or the writing process is wrong.
    ClockSkew,
    /// It is not a token.
    Invalid,
}

/// Decodes a decrypted value.
pub(super) fn read(text: &[u8], now: Instants) -> Decoded {
    let Ok(text) = serde_json::from_slice::<Text<'_, Secret>>(text) else {
        return Decoded::Invalid;
    };
    let (expires_at, lifetime) = (text.expires_at, text.lifetime);
    let valid = (0.0..=LONGEST).contains(&lifetime) && is_bearer_token(text.access_token.expose());
    let (true, Some(ends_at)) = (valid, crate::clock::system_time(expires_at)) else {
        return Decoded::Invalid;
    };
    let remaining = expires_at - now.wall;
    if remaining <= 0.0 || remaining > lifetime + SKEW {
        return Decoded::ClockSkew;
    }
    let token = Token {
        access_token: text.access_token,
        token_type: text.token_type.to_owned(),
        expires_in: 0,
        expires_at: ends_at,
        granted_scopes: text.granted_scopes,
        request_id: text.request_id,
        status_code: text.status_code,
    };
    let asked_at = now.at_wall((expires_at - lifetime).min(now.wall));
    Decoded::Token(CachedToken::from_store(token, asked_at, lifetime))
}
