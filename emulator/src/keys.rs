//! Signing keys, and the tokens that they sign.

use std::sync::{Arc, Mutex};

use aws_lc_rs::{
    error::Unspecified,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::lock::lock;

/// A public key, as a key set holds it.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Jwk {
    alg: &'static str,
    e: String,
    key_ops: Vec<&'static str>,
    kid: String,
    kty: &'static str,
    n: String,
    r#use: &'static str,
}

pub(crate) struct SigningKey {
    pair: KeyPair,
    jwk: Jwk,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let pair = KeyPair::generate(KeySize::Rsa2048)?;
        let public = pair.public_key();
        let jwk = Jwk {
            alg: "RS256",
            e: URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
            key_ops: vec!["verify"],
            kid: format!("jwk-test-{}", Uuid::new_v4()),
            kty: "RSA",
            n: URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            r#use: "sig",
        };
        Ok(Self { pair, jwk })
    }

    /// The header of a token signed with this key.
    pub(crate) fn header(&self) -> Map<String, Value> {
        Map::from_iter([
            ("alg".into(), json!(self.jwk.alg)),
            ("kid".into(), json!(self.jwk.kid)),
            ("typ".into(), json!("JWT")),
        ])
    }

    /// A compact JWS. The signature is always RS256; the header may say otherwise.
    pub(crate) fn sign(
        &self,
        header: &Map<String, Value>,
        claims: &Map<String, Value>,
    ) -> Result<String, Unspecified> {
        let encode = |part| serde_json::to_vec(part).map(|json| URL_SAFE_NO_PAD.encode(json));
        let header = encode(header).map_err(|_| Unspecified)?;
        let claims = encode(claims).map_err(|_| Unspecified)?;
        let signed = format!("{header}.{claims}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature)?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// All published keys; the newest one signs.
pub(crate) struct KeyRing(Mutex<Keys>);

struct Keys {
    current: Arc<SigningKey>,
    published: Vec<Jwk>,
}

impl KeyRing {
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let current = Arc::new(SigningKey::generate()?);
        let published = vec![current.jwk.clone()];
        Ok(Self(Mutex::new(Keys { current, published })))
    }

    pub(crate) fn current(&self) -> Arc<SigningKey> {
        lock(&self.0).current.clone()
    }

    pub(crate) fn published(&self) -> Vec<Jwk> {
        lock(&self.0).published.clone()
    }

    /// Signs with a new key from now on; tokens signed with the old keys still verify.
    pub(crate) fn rotate(&self) -> Result<(), Unspecified> {
        let key = Arc::new(SigningKey::generate()?);
        let mut keys = lock(&self.0);
        keys.published.push(key.jwk.clone());
        keys.current = key;
        Ok(())
    }

    /// Removes all keys but the current one: tokens signed with the old keys no longer verify.
    pub(crate) fn retire_old(&self) {
        let mut keys = lock(&self.0);
        keys.published = vec![keys.current.jwk.clone()];
    }
}
