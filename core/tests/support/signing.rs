//! A signer for every algorithm that the verifier knows, for tokens that no server would issue.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Algorithm, AuthenticateOptions, IssuerConfig, KeySource, Result, TokenClaims, TokenVerifier,
    TokenVerifierConfig, TransportConfig,
};

/// The time by which every token of these tests is judged, in Unix seconds.
pub const NOW: i64 = 1_800_000_000;
pub const ISSUER: &str = "https://idp.example.com/";
pub const AUDIENCE: &str = "https://api.example.com";

pub struct Signer {
    pub kid: String,
    pub algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair, usize),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub fn new(kid: &str, algorithm: Algorithm) -> Self {
        let rsa = |encoding| Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), encoding);
        let ecdsa = |of, size| Pair::Ecdsa(EcdsaKeyPair::generate(of).unwrap(), size);
        let pair = match algorithm {
            Algorithm::Rs256 => rsa(&RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&RSA_PKCS1_SHA512),
            Algorithm::Ps256 => rsa(&RSA_PSS_SHA256),
            Algorithm::Ps384 => rsa(&RSA_PSS_SHA384),
            Algorithm::Ps512 => rsa(&RSA_PSS_SHA512),
            Algorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, 32),
            Algorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, 48),
            Algorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
        };
        Self { kid: kid.to_owned(), algorithm, pair }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair, _) => {
                let key = pair.public_key();
                let n = encode(key.modulus().big_endian_without_leading_zero());
                json!({"kty": "RSA", "n": n, "e": encode(key.exponent().big_endian_without_leading_zero())})
            }
            Pair::Ecdsa(pair, size) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encode(&point[1..=*size]), encode(&point[1 + size..]));
                json!({"kty": "EC", "crv": format!("P-{}", size * 8), "x": x, "y": y})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())})
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm.name());
        jwk
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signature).unwrap();
                signature
            }
            Pair::Ecdsa(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The header of an ordinary token.
    pub fn header(&self) -> Value {
        json!({"alg": self.algorithm.name(), "kid": self.kid, "typ": "JWT"})
    }

    pub fn token(&self, header: &Value, claims: &Value) -> String {
        self.token_of(header.to_string(), claims.to_string())
    }

    /// A token of this very header and payload, JSON or not.
    pub fn token_of(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let input = format!("{}.{}", encode(header), encode(payload));
        let signature = encode(self.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }

    /// An issuer that publishes this key, and allows its algorithm.
    pub fn issuer(&self) -> IssuerConfig {
        let keys = KeySource::Jwks(json!({"keys": [self.jwk()]}).to_string());
        let issuer = IssuerConfig::oauth(ISSUER, &[AUDIENCE.to_owned()], keys);
        IssuerConfig { algorithms: vec![self.algorithm], ..issuer }
    }

    /// A verifier of [`issuer`](Self::issuer) alone, at [`NOW`].
    pub fn verifier(&self) -> TokenVerifier {
        verifier(vec![self.issuer()])
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Claims that pass.
pub fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "m2m-client-1",
        "exp": NOW + 3600,
        "nbf": NOW,
        "iat": NOW,
        "jti": "token-1",
        "scope": "read:users write:users",
    })
}

/// A verifier for which it is [`NOW`].
pub fn verifier(issuers: Vec<IssuerConfig>) -> TokenVerifier {
    let transport = TransportConfig { clock: Clock::manual(NOW), ..Default::default() };
    TokenVerifier::new(TokenVerifierConfig { issuers, transport, ..Default::default() }).unwrap()
}

/// The verdict, which needs no waiting where the keys are given.
pub fn verify(verifier: &TokenVerifier, token: &str) -> Result<TokenClaims> {
    verify_with(verifier, token, &AuthenticateOptions::default())
}

pub fn verify_with(
    verifier: &TokenVerifier,
    token: &str,
    options: &AuthenticateOptions,
) -> Result<TokenClaims> {
    verifier.authenticate_token_now(token, options).unwrap().map(Arc::unwrap_or_clone)
}
