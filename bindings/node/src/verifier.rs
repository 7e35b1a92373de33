//! Verification.

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi_derive::napi;
use stytch_m2m as m2m;
use stytch_m2m::internals;

use crate::error::{Outcome, outcome};
use crate::handle::Handle;
use crate::records::arguments::AuthenticateOptions;
use crate::records::claims::claims_json;
use crate::records::settings::{TokenVerifierSettings, with_transport};
use crate::records::state::{CacheStats, Health, KeySetSeed, KeySets};
use crate::runtime::{Cancel, Promise, promise};
use crate::text::Text;

/// Verifies tokens.
#[napi]
pub struct TokenVerifier(Handle<m2m::TokenVerifier>);

impl From<m2m::TokenVerifier> for TokenVerifier {
    fn from(verifier: m2m::TokenVerifier) -> Self {
        Self(Handle::new("verifier", verifier))
    }
}

/// A verifier for these issuers.
#[napi(
    catch_unwind,
    ts_args_type = "settings: TokenVerifierSettings & TransportSettings, clock?: number",
    ts_return_type = "TokenVerifier | Failure"
)]
pub fn new_token_verifier(
    settings: Unknown<'_>,
    clock: Option<i64>,
) -> napi::Result<Outcome<TokenVerifier>> {
    let (settings, transport) = with_transport::<TokenVerifierSettings>(settings)?;
    let clock = clock.map(internals::Clock::manual).unwrap_or_default();
    Ok(outcome(settings.config(transport, clock).and_then(m2m::TokenVerifier::new)))
}

#[napi]
impl TokenVerifier {
    /// The outcome if it needs no waiting. Positional, and the required scopes as so many lines, for
    /// objects and arrays would cost more.
    #[allow(clippy::too_many_arguments, reason = "an object would cost more")]
    #[napi(catch_unwind, ts_return_type = "string | Failure | null")]
    pub fn authenticate_token_now(
        &self,
        #[napi(ts_arg_type = "string")] access_token: Text,
        #[napi(ts_arg_type = "string")] scope_lines: Text,
        scopes: u32,
        max_token_age_seconds: Option<i64>,
        clock_tolerance_seconds: Option<i64>,
        decides_itself: bool,
        organization: Option<String>,
        require_organization: bool,
    ) -> Option<Outcome<String>> {
        let decide = || {
            let options = AuthenticateOptions {
                required_scopes: Some(lines(scope_lines.0, scopes)),
                organization,
                require_organization: Some(require_organization),
                max_token_age_seconds,
                clock_tolerance_seconds,
                decides_itself,
            };
            let (verifier, options) = (self.0.get()?, options.into_core()?);
            verifier.authenticate_token_now(&access_token.0, &options).transpose()
        };
        decide().transpose().map(|decided| outcome(decided.map(|claims| claims_json(&claims))))
    }

    /// The outcome.
    #[napi(catch_unwind, ts_return_type = "Promise<string | Failure>")]
    pub fn authenticate_token<'env>(
        &self,
        env: &'env Env,
        access_token: String,
        options: AuthenticateOptions,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, String> {
        let verifier = self.0.get().cloned();
        promise(env, cancel, async move {
            let options = options.into_core()?;
            let claims = verifier?.authenticate_token(&access_token, &options).await?;
            Ok(claims_json(&claims))
        })
    }

    /// Fetches the keys that are not at hand.
    #[napi(catch_unwind, ts_return_type = "Promise<void | Failure>")]
    pub fn warm_up<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ()> {
        let verifier = self.0.get().cloned();
        promise(env, cancel, async move { verifier?.warm_up().await })
    }

    /// Takes keys that were fetched elsewhere.
    #[napi(catch_unwind, ts_return_type = "void | Failure")]
    pub fn seed_jwks(&self, seed: KeySetSeed) -> Outcome<()> {
        outcome(self.0.get().and_then(|verifier| seed.plant(verifier)))
    }

    /// The keys that were fetched.
    #[napi(catch_unwind, ts_return_type = "KeySets | Failure")]
    pub fn export_jwks(&self) -> Outcome<KeySets> {
        outcome(self.0.get().map(m2m::TokenVerifier::export_jwks))
    }

    /// The state of each issuer's keys.
    #[napi(catch_unwind, ts_return_type = "Health | Failure")]
    pub fn health(&self) -> Outcome<Health> {
        outcome(self.0.get().map(m2m::TokenVerifier::health))
    }

    /// What the caches of keys did.
    #[napi(catch_unwind, ts_return_type = "CacheStats | Failure")]
    pub fn stats(&self) -> Outcome<CacheStats> {
        outcome(self.0.get().map(m2m::TokenVerifier::stats))
    }

    /// Lets go of connections and keys.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.0.close();
    }
}

/// `number` lines; or else all as one, which is no scope, for one of them holds a line's end.
fn lines(text: String, number: u32) -> Vec<String> {
    let lines = text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    match number as usize {
        0 => Vec::new(),
        number if number == lines.len() => lines,
        _ => vec![text],
    }
}

/// Checks what a guard will ask of each token.
#[napi(catch_unwind, ts_return_type = "void | Failure")]
pub fn check_options(options: AuthenticateOptions) -> Outcome<()> {
    outcome(options.into_core().and_then(|options| internals::check_options(&options)))
}
