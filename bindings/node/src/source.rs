//! A standing credential.

use std::collections::HashMap;

use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi::{Either, Env};
use napi_derive::napi;
use stytch_m2m::{self as m2m, plain};

use crate::error::{Outcome, outcome};
use crate::handle::Handle;
use crate::records::Token;
use crate::records::settings::{TokenSourceSettings, with_transport};
use crate::records::state::CacheStats;
use crate::runtime::{Cancel, Promise, promise};

/// Tokens for one credential.
#[napi]
pub struct TokenSource {
    source: Handle<m2m::TokenSource>,
    /// The token that JavaScript knows.
    last_token: Option<m2m::Secret>,
}

impl From<m2m::TokenSource> for TokenSource {
    fn from(source: m2m::TokenSource) -> Self {
        Self { source: Handle::new("source", source), last_token: None }
    }
}

/// A source with these settings, and with those of the environment, or of a thread's own `variables`.
#[napi(
    catch_unwind,
    ts_args_type = "settings: TokenSourceSettings & TransportSettings, variables?: Record<string, string> | undefined",
    ts_return_type = "TokenSource | Failure"
)]
pub fn new_token_source(
    settings: Unknown<'_>,
    variables: Option<HashMap<String, String>>,
) -> napi::Result<Outcome<TokenSource>> {
    let (settings, transport) = with_transport::<TokenSourceSettings>(settings)?;
    let config = settings.config(transport).map(|config| match variables {
        None => config.or_env(),
        Some(variables) => plain::or_variables(config, |name| variables.get(name).cloned()),
    });
    Ok(outcome(config.and_then(m2m::TokenSource::new)))
}

#[napi]
impl TokenSource {
    /// The cached token while it is fresh; of the one that this said before, only the seconds that it
    /// has left.
    #[napi(catch_unwind)]
    pub fn cached_token(&mut self) -> Option<Either<f64, Token>> {
        let token = self.source.get().ok()?.cached_token()?;
        if self.last_token.as_ref() == Some(&token.access_token) {
            return Some(Either::A(token.expires_in as f64));
        }
        self.last_token = Some(token.access_token.clone());
        Some(Either::B(token.into()))
    }

    /// A fresh token.
    #[napi(catch_unwind, ts_return_type = "Promise<Token | Failure>")]
    pub fn get_token<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let source = self.source.get().cloned();
        promise(env, cancel, async move { source?.get_token().await })
    }

    /// A server refused this token.
    #[napi(catch_unwind, ts_return_type = "void | Failure")]
    pub fn invalidate(&self, access_token: String) -> Outcome<()> {
        outcome(self.source.get().map(|source| source.invalidate(&access_token)))
    }

    /// What its cache did.
    #[napi(catch_unwind, ts_return_type = "CacheStats | Failure")]
    pub fn stats(&self) -> Outcome<CacheStats> {
        outcome(self.source.get().map(m2m::TokenSource::stats))
    }

    /// Lets go of connections and the cached token.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.source.close();
        self.last_token = None;
    }
}
