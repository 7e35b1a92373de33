//! A standing credential.

use std::sync::Arc;

use stytch_m2m::{CacheStats, Token, TokenSource};

use crate::error::Result;
use crate::records::settings::TokenSourceSettings;
use crate::registry::Registry;
use crate::runtime::{Cancel, unless_cancelled};

/// The token sources that the JVM may name.
pub(crate) static TOKEN_SOURCES: Registry<NativeTokenSource> = Registry::new();

/// [`TokenSource`].
#[derive(Debug, uniffi::Object)]
pub struct NativeTokenSource(TokenSource);

#[uniffi::export(async_runtime = "tokio")]
impl NativeTokenSource {
    /// A source of tokens for one M2M client.
    #[uniffi::constructor]
    pub fn new(settings: TokenSourceSettings) -> Result<Self> {
        Ok(Self(TokenSource::new(settings.into())?))
    }

    /// A fresh token.
    pub async fn get_token(&self, cancel: Cancel) -> Result<Token> {
        unless_cancelled(cancel, self.0.get_token()).await
    }

    /// The cached token; `None` when [`get_token`](Self::get_token) must be awaited.
    pub fn cached_token(&self) -> Option<Token> {
        self.0.cached_token()
    }

    /// What names this source in a call over JNI.
    pub fn jni_id(self: Arc<Self>) -> i64 {
        TOKEN_SOURCES.add(&self)
    }

    /// Says that a server refused `access_token`.
    pub fn invalidate(&self, access_token: &str) {
        self.0.invalidate(access_token);
    }

    /// Counters of the cache.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}
