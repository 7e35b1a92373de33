//! Those beside whom `stytch-m2m` does its work.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, KeySource, TokenClaims, TokenVerifier, TokenVerifierConfig,
};
use stytch_m2m_bench::{Input, variable};

/// `stytch-m2m`, with a key set that is there.
#[derive(Clone)]
pub(crate) struct Ours {
    pub(crate) verifier: TokenVerifier,
    pub(crate) options: AuthenticateOptions,
}

impl Ours {
    /// With the keys of the file `jwks`, remembering so many verified tokens.
    pub(crate) async fn new(input: &Input, jwks: &str, remembered: usize) -> Result<Self> {
        let (project, base) = (variable("STYTCH_PROJECT_ID")?, variable("STYTCH_BASE_URL")?);
        let mut issuer = IssuerConfig::stytch(&project, Some(&base), Default::default())?;
        // What most services have is fetched; a larger set than the emulator's is given.
        if jwks != "jwks.json" {
            issuer.keys = KeySource::Jwks(input.jwks(jwks)?);
        }
        let verifier = TokenVerifier::new(TokenVerifierConfig {
            issuers: vec![issuer],
            verified_token_cache_size: remembered,
            ..Default::default()
        })?;
        verifier.warm_up().await?;
        Ok(Self { verifier, options: AuthenticateOptions::scopes(["read:users", "write:users"]) })
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Arc<TokenClaims>> {
        let outcome = self.verifier.authenticate_token_now(token, &self.options);
        Ok(black_box(outcome.context("the key set is not at hand")??))
    }

    /// And every claim as a value.
    pub(crate) fn verify_and_read(&self, token: &str) -> Result<()> {
        black_box(self.verify(token)?.custom_claims.to_map());
        Ok(())
    }
}

/// `jsonwebtoken`, as strict as it can be set, with each key made once.
pub(crate) struct Jsonwebtoken {
    keys: Vec<(String, DecodingKey)>,
    validation: Validation,
}

/// The claims that one declares to have them checked or read.
#[derive(Deserialize)]
struct Typed {
    scope: String,
    #[expect(dead_code, reason = "decoding it is the work")]
    sub: String,
}

impl Jsonwebtoken {
    pub(crate) fn new(input: &Input, jwks: &str) -> Result<Self> {
        let project = variable("STYTCH_PROJECT_ID")?;
        let set: JwkSet = serde_json::from_str(&input.jwks(jwks)?)?;
        let keys = set.keys.iter().map(|jwk| {
            let kid = jwk.common.key_id.clone().context("a key without kid")?;
            Ok((kid, DecodingKey::from_jwk(jwk)?))
        });
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[format!("stytch.com/{project}")]);
        validation.set_audience(&[&project]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        (validation.validate_nbf, validation.leeway) = (true, 0);
        Ok(Self { keys: keys.collect::<Result<_>>()?, validation })
    }

    pub(crate) fn verify(&self, token: &str) -> Result<()> {
        let claims: Typed = self.decode(token)?;
        check_scopes(&claims.scope)
    }

    /// And every claim as a value.
    pub(crate) fn verify_and_read(&self, token: &str) -> Result<()> {
        let claims: Value = self.decode(token)?;
        check_scopes(claims.get("scope").and_then(Value::as_str).unwrap_or_default())
    }

    fn decode<T: DeserializeOwned>(&self, token: &str) -> Result<T> {
        let kid = decode_header(token)?.kid.context("a token without kid")?;
        let key = self.keys.iter().find(|(name, _)| *name == kid).context("no such key")?;
        Ok(black_box(decode(token, &key.1, &self.validation)?.claims))
    }
}

fn check_scopes(scope: &str) -> Result<()> {
    let holds = |wanted| scope.split(' ').any(|scope| scope == wanted);
    ensure!(holds("read:users") && holds("write:users"), "a scope is missing");
    Ok(())
}
