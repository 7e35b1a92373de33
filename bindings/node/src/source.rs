//! A standing credential.

use napi::Env;
use napi::bindgen_prelude::ClassInstance;
use napi_derive::napi;
use stytch_m2m as core;

use crate::call::{Cancel, Handle, Promise, promise};
use crate::error::{Outcome, outcome};
use crate::records::Token;
use crate::records::settings::{TokenSourceSettings, TransportSettings};
use crate::records::state::CacheStats;

/// Tokens for one credential.
#[napi]
pub struct TokenSource(Handle<core::TokenSource>);

impl From<core::TokenSource> for TokenSource {
    fn from(source: core::TokenSource) -> Self {
        Self(Handle::new("source", source))
    }
}

/// A source with these settings.
#[napi(ts_return_type = "TokenSource | Failure")]
pub fn new_token_source(
    settings: TokenSourceSettings,
    transport: TransportSettings,
) -> Outcome<TokenSource> {
    outcome(settings.config(transport).and_then(core::TokenSource::new))
}

#[napi]
impl TokenSource {
    /// The cached token while it is fresh.
    #[napi]
    pub fn try_get_token(&self) -> Option<Token> {
        self.0.get().ok()?.try_get_token().map(Token::from)
    }

    /// A fresh token.
    #[napi(ts_return_type = "Promise<Token | Failure>")]
    pub fn get_token<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let source = self.0.get().cloned();
        promise(env, cancel, async move { source?.get_token().await })
    }

    /// A server refused this token.
    #[napi(ts_return_type = "void | Failure")]
    pub fn invalidate(&self, access_token: String) -> Outcome<()> {
        outcome(self.0.get().map(|source| source.invalidate(&access_token)))
    }

    /// What its cache did.
    #[napi(ts_return_type = "CacheStats | Failure")]
    pub fn stats(&self) -> Outcome<CacheStats> {
        outcome(self.0.get().map(core::TokenSource::stats))
    }

    /// Lets go of connections and the cached token.
    #[napi]
    pub fn close(&mut self) {
        self.0.close();
    }
}
