//! Tokens that do not name their key: one key must fit, and they are never all tried.

use anyhow::Result;
use serde_json::{Value, json};

use super::{NOT_FOUND, UNUSABLE};
use crate::cases::{allowing, jwk_with, key_set, stytch, with};
use crate::corpus::File;
use crate::keys::{Keys, Name};
use crate::token::{CLIENT, Token};

pub(super) fn add(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let none = token.clone().no_header("kid");
    let ok = || json!({"client_id": CLIENT});
    let strict = with(stytch(key_set([keys.jwk("rsa_a")?])), "allow_missing_kid", json!(false));
    file.refuse("V-33", "no kid, one key, not allowed", none.build()?, NOT_FOUND).issuers(strict);
    for name in ["x5t", "x5t#S256", "x5u", "jku"] {
        file.accept(
            "V-33",
            &format!("{name} and no kid, one key"),
            none.clone().header(name, json!("rsa_b")).build()?,
            ok(),
        )
        .issuers(lax(key_set([keys.jwk("rsa_a")?])));
        file.refuse(
            "V-34",
            &format!("{name} and no kid, two keys"),
            none.clone().header(name, json!("rsa_a")).build()?,
            NOT_FOUND,
        )
        .issuers(lax(key_set([keys.jwk("rsa_a")?, keys.jwk("rsa_b")?])));
    }
    beside(file, &none, keys)?;
    among_algorithms(file, &none, keys)
}

/// The one key that fits, beside keys that do not.
fn beside(file: &mut File, none: &Token<'_>, keys: &Keys) -> Result<()> {
    let own = keys.jwk("rsa_a")?;
    let other = |name, value| jwk_with(keys, "rsa_b", name, value);
    let unnamed = jwk_with(keys, "rsa_a", "kid", Value::Null)?;
    let weak = jwk_with(keys, "rsa_b", "e", json!("AQ"))?;
    let curve = keys.jwk("p256")?;
    let ok = Ok(json!({"client_id": CLIENT}));
    let cases: Vec<(&str, Vec<Value>, Result<Value, &str>)> = vec![
        ("without kid itself", vec![unnamed.clone()], ok.clone()),
        ("listed twice", vec![own.clone(), own.clone()], ok.clone()),
        ("listed with and without kid", vec![own.clone(), unnamed], ok.clone()),
        ("of a curve", vec![own.clone(), curve.clone()], ok.clone()),
        ("for encryption", vec![own.clone(), other("use", json!("enc"))?], ok.clone()),
        ("for RSA-OAEP", vec![own.clone(), other("alg", json!("RSA-OAEP"))?], ok.clone()),
        ("for PS256", vec![own.clone(), other("alg", json!("PS256"))?], ok.clone()),
        (
            "for RS512, which is not allowed",
            vec![own.clone(), other("alg", json!("RS512"))?],
            ok.clone(),
        ),
        ("for signing only", vec![own.clone(), other("key_ops", json!(["sign"]))?], ok.clone()),
        ("that is weak", vec![own.clone(), weak.clone()], ok.clone()),
        (
            "that is symmetric",
            vec![own.clone(), json!({"kty": "oct", "kid": "s", "k": "AAAA"})],
            ok,
        ),
        ("another", vec![own.clone(), keys.jwk("rsa_b")?], Err(NOT_FOUND)),
        ("another without alg", vec![own.clone(), other("alg", Value::Null)?], Err(NOT_FOUND)),
        ("another without kid", vec![own, other("kid", Value::Null)?], Err(NOT_FOUND)),
        ("a curve's alone", vec![curve.clone()], Err("algorithm_not_allowed")),
        ("a curve's and one that is weak", vec![curve, weak], Err(UNUSABLE)),
        ("another's alone", vec![keys.jwk("rsa_b")?], Err("signature_invalid")),
    ];
    for (name, set, verdict) in cases {
        let issuers = with(lax(key_set(set)), "algorithms", json!(["RS256", "ES256"]));
        let (name, token) = (format!("no kid, the keys: {name}"), none.build()?);
        match verdict {
            Ok(ok) => file.accept("V-33", &name, token, ok),
            Err(reason) => file.refuse("V-33", &name, token, reason),
        }
        .issuers(issuers);
    }
    Ok(())
}

/// A key for several algorithms fits the one that the token has.
fn among_algorithms(file: &mut File, none: &Token<'_>, keys: &Keys) -> Result<()> {
    let any = jwk_with(keys, "rsa_a", "alg", Value::Null)?;
    let issuers =
        |set| with(allowing(&["RS256", "PS256", "ES256"], set), "allow_missing_kid", json!(true));
    let by = |key: Name, alg| none.clone().by(key, alg).no_header("kid").build();
    for alg in ["RS256", "PS256"] {
        file.accept(
            "V-33",
            &format!("no kid, one key for every algorithm of RSA, {alg}"),
            by("rsa_a", alg)?,
            json!({"client_id": CLIENT}),
        )
        .issuers(issuers(key_set([any.clone(), keys.jwk("p256")?])));
    }
    file.accept(
        "V-33",
        "no kid, a key of each kind, ES256",
        by("p256", "ES256")?,
        json!({"client_id": CLIENT}),
    )
    .issuers(issuers(key_set([any.clone(), keys.jwk("p256")?])));
    file.refuse(
        "V-23",
        "no kid, a key of RS256 alone, PS256",
        by("rsa_a", "PS256")?,
        "algorithm_not_allowed",
    )
    .issuers(issuers(key_set([keys.jwk("rsa_a")?])));
    Ok(())
}

fn lax(jwks: String) -> Value {
    with(stytch(jwks), "allow_missing_kid", json!(true))
}
