//! The cases, by question.

mod algorithm;
pub(crate) mod bearer;
mod claims;
mod issuers;
mod key;
mod kinds;
mod organization;
mod policy;
mod providers;
mod scopes;
mod signature;
mod structure;
mod tenants;

use anyhow::Result;
use serde_json::{Value, json};

use crate::corpus::{File, PROJECT};
use crate::keys::{Keys, Name};

pub(crate) fn all(keys: &Keys) -> Result<Vec<File>> {
    Ok(vec![
        structure::file(keys)?,
        algorithm::file(keys)?,
        key::file(keys)?,
        signature::file(keys)?,
        claims::file(keys)?,
        scopes::file(keys)?,
        issuers::file(keys)?,
        kinds::file(keys)?,
        organization::file(keys)?,
        policy::file(keys)?,
        providers::file(keys)?,
        tenants::file(keys)?,
    ])
}

/// A key set as text, the way a server sends it.
fn key_set(keys: impl IntoIterator<Item = Value>) -> String {
    json!({"keys": keys.into_iter().collect::<Vec<_>>()}).to_string()
}

/// The project as the one issuer, with these keys.
fn stytch(jwks: String) -> Value {
    json!([{
        "issuers": [format!("stytch.com/{PROJECT}")],
        "audiences": [PROJECT],
        "algorithms": ["RS256"],
        "profile": "stytch",
        "wildcard_scopes": true,
        "jwks": jwks,
    }])
}

/// The project with its one ordinary key.
fn ordinary(keys: &Keys) -> Result<Value> {
    Ok(stytch(key_set([keys.jwk("rsa_a")?])))
}

/// An issuer of the same tokens that allows these algorithms.
fn allowing(algorithms: &[&str], jwks: String) -> Value {
    with(stytch(jwks), "algorithms", json!(algorithms))
}

/// The first issuer with a member changed.
fn with(mut issuers: Value, name: &str, value: Value) -> Value {
    if let Some(issuer) = issuers.get_mut(0).and_then(Value::as_object_mut) {
        issuer.insert(name.to_owned(), value);
    }
    issuers
}

/// A JWK with a member changed; null takes it away.
fn jwk_with(keys: &Keys, key: Name, name: &str, value: Value) -> Result<Value> {
    let mut jwk = crate::token::object(keys.jwk(key)?);
    match value {
        Value::Null => jwk.remove(name),
        value => jwk.insert(name.to_owned(), value),
    };
    Ok(Value::Object(jwk))
}
