//! Tokens, right but for what a case makes wrong.

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::corpus::{NOW, PROJECT};
use crate::keys::{Keys, Name, encode};

pub(crate) const CLIENT: &str = "m2m-client-test-22222222-2222-4222-8222-222222222222";

/// Builds one token. Texts stand for the JSON where a case needs JSON that no value can be.
#[derive(Clone)]
pub(crate) struct Token<'k> {
    keys: &'k Keys,
    key: Name,
    alg: &'static str,
    header: Map<String, Value>,
    claims: Map<String, Value>,
    header_text: Option<Vec<u8>>,
    payload_text: Option<Vec<u8>>,
}

impl<'k> Token<'k> {
    /// A good token of the project's, by the key `rsa_a`.
    pub(crate) fn new(keys: &'k Keys) -> Self {
        let claims = json!({
            "aud": [PROJECT],
            "exp": NOW + 3600,
            "iat": NOW,
            "iss": format!("stytch.com/{PROJECT}"),
            "nbf": NOW,
            "scope": "read:users write:users",
            "sub": CLIENT,
        });
        let header = json!({"alg": "RS256", "kid": "rsa_a", "typ": "JWT"});
        Self {
            keys,
            key: "rsa_a",
            alg: "RS256",
            header: object(header),
            claims: object(claims),
            header_text: None,
            payload_text: None,
        }
    }

    /// Signs with another key and algorithm, and says so.
    pub(crate) fn by(mut self, key: Name, alg: &'static str) -> Self {
        (self.key, self.alg) = (key, alg);
        self.header("alg", json!(alg)).header("kid", json!(key))
    }

    /// Signs as before, whatever the header says.
    pub(crate) fn header(mut self, name: &str, value: Value) -> Self {
        self.header.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn no_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        self.claims.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn no_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    pub(crate) fn header_text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.header_text = Some(text.into());
        self
    }

    pub(crate) fn payload_text(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.payload_text = Some(text.into());
        self
    }

    /// The payload as text with one more member in front.
    pub(crate) fn payload_with(self, member: &str) -> Self {
        let text = Value::Object(self.claims.clone()).to_string();
        self.payload_text(format!("{{{member},{}", text.trim_start_matches('{')))
    }

    /// What the signature covers.
    pub(crate) fn input(&self) -> String {
        let text = |text: &Option<Vec<u8>>, map: &Map<String, Value>| match text {
            Some(text) => encode(text),
            None => encode(Value::Object(map.clone()).to_string()),
        };
        let header = text(&self.header_text, &self.header);
        format!("{header}.{}", text(&self.payload_text, &self.claims))
    }

    pub(crate) fn build(&self) -> Result<String> {
        let input = self.input();
        let signature = self.keys.sign(self.key, self.alg, input.as_bytes())?;
        Ok(format!("{input}.{}", encode(signature)))
    }

    /// The token with a signature of the case's own.
    pub(crate) fn signed_by(&self, signature: impl AsRef<[u8]>) -> String {
        format!("{}.{}", self.input(), encode(signature))
    }
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
