//! Verification.

use std::sync::Arc;
use std::time::SystemTime;

use stytch_m2m::{CacheStats, ExportedKeySet, TokenVerifier};

use crate::error::Result;
use crate::records::arguments::VerifyRequest;
use crate::records::claims::VerifiedClaims;
use crate::records::settings::VerifierSettings;
use crate::records::state::KeySetHealth;
use crate::registry::Registry;
use crate::runtime::{Cancel, unless_cancelled};

/// The verifiers that the JVM may name.
pub(crate) static VERIFIERS: Registry<NativeTokenVerifier> = Registry::new();

/// [`TokenVerifier`].
#[derive(Debug, uniffi::Object)]
pub struct NativeTokenVerifier(TokenVerifier);

impl From<TokenVerifier> for NativeTokenVerifier {
    fn from(verifier: TokenVerifier) -> Self {
        Self(verifier)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl NativeTokenVerifier {
    /// A verifier for these issuers.
    #[uniffi::constructor]
    pub fn new(settings: VerifierSettings) -> Result<Self> {
        Ok(Self(TokenVerifier::new(settings.into())?))
    }

    /// Verifies a token.
    pub async fn authenticate_token(
        &self,
        request: VerifyRequest,
        cancel: Cancel,
    ) -> Result<VerifiedClaims> {
        let VerifyRequest { access_token, options } = request;
        let options = options.try_into()?;
        let claims = self.0.authenticate_token(access_token.expose(), &options);
        Ok(unless_cancelled(cancel, claims).await?.into())
    }

    /// Verifies a token if that needs no waiting; `None` when
    /// [`authenticate_token`](Self::authenticate_token) must be awaited.
    pub fn authenticate_token_now(&self, request: VerifyRequest) -> Result<Option<VerifiedClaims>> {
        let VerifyRequest { access_token, options } = request;
        let options = options.try_into()?;
        let outcome = self.0.authenticate_token_now(access_token.expose(), &options);
        Ok(outcome.transpose()?.map(Into::into))
    }

    /// What names this verifier in a call over JNI.
    pub fn jni_id(self: Arc<Self>) -> i64 {
        VERIFIERS.add(&self)
    }

    /// Fetches the key sets that are not at hand.
    pub async fn warm_up(&self, cancel: Cancel) -> Result<()> {
        unless_cancelled(cancel, self.0.warm_up()).await
    }

    /// Takes a JWK Set that was fetched elsewhere.
    pub fn seed_jwks(
        &self,
        issuer: Option<String>,
        jwks: &str,
        fetched_at: SystemTime,
    ) -> Result<()> {
        Ok(self.0.seed_jwks(issuer.as_deref(), jwks, fetched_at)?)
    }

    /// The key sets at hand that were fetched.
    pub fn export_jwks(&self) -> Vec<ExportedKeySet> {
        self.0.export_jwks()
    }

    /// The state of each issuer's key set.
    pub fn health(&self) -> Vec<KeySetHealth> {
        self.0.health().into_iter().map(Into::into).collect()
    }

    /// What the key-set caches did so far.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}
