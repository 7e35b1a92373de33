//! A project in the hands of the tests: its settings, its keys, its tokens at any time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{ClientConfig, TokenRequest, TransportConfig};

pub(crate) const PROJECT: &str = "project-test-00000000-0000-4000-8000-000000000000";
/// When the tests' manual clocks start.
pub(crate) const NOON: i64 = 1_800_000_000;

/// Deadlines short enough for a test.
pub(crate) fn hurried() -> TransportConfig {
    TransportConfig {
        connect_timeout: Duration::from_millis(400),
        attempt_timeout: Duration::from_millis(500),
        total_timeout: Duration::from_secs(4),
        ..Default::default()
    }
}

/// A clock that stands still, and settings that use it.
pub(crate) fn at_noon() -> (Clock, TransportConfig) {
    let clock = Clock::manual(NOON);
    (clock.clone(), TransportConfig { clock, ..Default::default() })
}

pub(crate) fn config(base_url: &str, transport: TransportConfig) -> ClientConfig {
    let config = ClientConfig {
        base_url: Some(base_url.into()),
        ..ClientConfig::new(PROJECT, "project-secret-canary")
    };
    ClientConfig { transport, ..config }
}

pub(crate) fn token_request() -> TokenRequest {
    TokenRequest {
        client_id: "m2m-client-test-1".into(),
        client_secret: "client-secret-canary".into(),
        ..Default::default()
    }
}

/// A well-formed token of `project`, by a key that nobody has.
pub(crate) fn unsigned(project: &str, kid: &str) -> String {
    let header = encode(&json!({"alg": "RS256", "kid": kid, "typ": "JWT"}));
    let payload = encode(&json!({"iss": format!("stytch.com/{project}")}));
    format!("{header}.{payload}.{}", "A".repeat(342))
}

/// A signing key of the project.
pub(crate) struct Key {
    pub(crate) kid: String,
    pair: KeyPair,
}

impl Key {
    pub(crate) fn generate(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: KeyPair::generate(KeySize::Rsa2048).unwrap() }
    }

    /// An access token of an hour from `now`, in seconds since the epoch.
    pub(crate) fn token(&self, now: i64) -> String {
        let header = encode(&json!({"alg": "RS256", "kid": self.kid, "typ": "JWT"}));
        let payload = encode(&json!({
            "iss": format!("stytch.com/{PROJECT}"),
            "aud": [PROJECT],
            "sub": "m2m-client-test-1",
            "scope": "read:users",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        }));
        let signed = format!("{header}.{payload}");
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let random = SystemRandom::new();
        self.pair.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn jwk(&self) -> Value {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
        })
    }
}

/// The JWK Set of these keys.
pub(crate) fn jwks(keys: &[&Key]) -> String {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}).to_string()
}

/// Waits until `condition` holds; the test fails if it does not within five seconds.
pub(crate) async fn eventually(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    let deadline = Duration::from_secs(5);
    tokio::time::timeout(deadline, wait).await.expect("it did not happen within five seconds");
}

/// A moment in seconds since the epoch.
pub(crate) fn at(unix_seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(unix_seconds.unsigned_abs())
}

fn encode(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}
