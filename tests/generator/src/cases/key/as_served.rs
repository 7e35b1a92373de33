//! Key sets as real servers write them.

use anyhow::Result;
use serde_json::{Value, json};

use super::{NOT_FOUND, UNUSABLE};
use crate::cases::{allowing, jwk_with, key_set, stytch, with};
use crate::corpus::File;
use crate::keys::Keys;
use crate::token::{CLIENT, Token};

/// The members that a JWK can have, which .NET's and Java's serializers write with or without a
/// value.
const MEMBERS: [&str; 17] = [
    "alg", "crv", "d", "dp", "dq", "k", "key_ops", "oth", "p", "priv", "q", "qi", "use", "x",
    "x5c", "x5t", "y",
];

pub(super) fn add(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    absent(file, token, keys)?;
    twins(file, token, keys)?;
    beside(file, token, keys)?;
    unnamed(file, token, keys)?;
    ed25519(file, token, keys)?;
    texts(file, token, keys)?;
    many(file, token, keys)
}

fn ok() -> Value {
    json!({"client_id": CLIENT})
}

/// A JWK with a member, which may be null.
fn jwk(keys: &Keys, member: &str, value: Value) -> Result<Value> {
    let with = with(json!([keys.jwk("rsa_a")?]), member, value);
    Ok(with.get(0).cloned().unwrap_or_default())
}

fn absent(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let good = token.build()?;
    for member in MEMBERS {
        for (name, value) in [("null", Value::Null), ("empty", json!("")), ("[]", json!([]))] {
            let served = key_set([jwk(keys, member, value)?]);
            file.accept("J-13", &format!("a key whose `{member}` is {name}"), good.clone(), ok())
                .issuers(stytch(served));
        }
    }
    let mut all = keys.jwk("rsa_a")?;
    for member in MEMBERS {
        all = with(json!([all]), member, Value::Null).get(0).cloned().unwrap_or_default();
    }
    file.accept("J-13", "a key with every other member null", good.clone(), ok())
        .issuers(stytch(key_set([all])));
    let beside = keys.jwk("rsa_b")?;
    for (member, value) in [
        ("d", json!("AQAB")),
        ("d", json!(0)),
        ("d", json!(false)),
        ("p", json!("AQAB")),
        ("oth", json!([{}])),
        ("k", json!("AQAB")),
        ("priv", json!({})),
    ] {
        let name = format!("a key whose `{member}` is {value}");
        let served = key_set([jwk(keys, member, value)?, beside.clone()]);
        file.refuse("V-47", &name, good.clone(), UNUSABLE).issuers(stytch(served));
    }
    for (member, value) in [("n", Value::Null), ("e", json!("")), ("kty", Value::Null)] {
        let name = format!("a key whose `{member}` is {value}");
        let served = key_set([jwk(keys, member, value)?, beside.clone()]);
        file.refuse("J-13", &name, good.clone(), UNUSABLE).issuers(stytch(served));
    }
    Ok(())
}

fn twins(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let good = token.build()?;
    let key = keys.jwk("rsa_a")?;
    let without_alg = jwk_with(keys, "rsa_a", "alg", Value::Null)?;
    let encryption = jwk_with(keys, "rsa_a", "use", json!("enc"))?;
    for (name, twins) in [
        ("twice", vec![key.clone(), key.clone()]),
        ("three times", vec![key.clone(), key.clone(), key.clone()]),
        ("with and without alg", vec![key.clone(), without_alg]),
        ("for signatures and for encryption", vec![encryption, key.clone()]),
        (
            "with another certificate",
            vec![jwk_with(keys, "rsa_a", "x5c", json!(["AA=="]))?, key.clone()],
        ),
    ] {
        file.accept("J-13", &format!("a key listed {name}"), good.clone(), ok())
            .issuers(stytch(key_set(twins)));
    }
    let renamed = jwk_with(keys, "rsa_a", "kid", json!("other"))?;
    file.accept("J-13", "a key under two names", good.clone(), ok())
        .issuers(stytch(key_set([renamed.clone(), key.clone()])));
    let lax = |set| with(stytch(set), "allow_missing_kid", json!(true));
    let none = token.clone().no_header("kid").build()?;
    file.accept("V-33", "no kid, one key under two names", none.clone(), ok())
        .issuers(lax(key_set([renamed, key.clone()])));
    let exponent = jwk_with(keys, "rsa_a", "e", json!("Aw"))?;
    for (name, token) in [("", good), (", no kid", none)] {
        let reason = if name.is_empty() { "key_ambiguous" } else { NOT_FOUND };
        file.refuse("V-37", &format!("one modulus with two exponents{name}"), token, reason)
            .issuers(lax(key_set([exponent.clone(), key.clone()])));
    }
    Ok(())
}

/// Keys and members that this library does not know cost one key.
fn beside(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let good = token.build()?;
    let encryption = with(json!([keys.jwk("rsa_b")?]), "alg", json!("RSA-OAEP"))
        .get(0)
        .cloned()
        .unwrap_or_default();
    for (name, key) in [
        ("of ML-DSA", json!({"kty": "AKP", "kid": "rsa_a", "alg": "ML-DSA-65", "pub": "AAAA"})),
        (
            "on secp256k1",
            json!({"kty": "EC", "crv": "secp256k1", "kid": "rsa_a", "x": "AA", "y": "AA"}),
        ),
        ("of no kind", json!({"kid": "rsa_a"})),
        ("for encryption", encryption),
        ("with a certificate alone", json!({"kty": "RSA", "kid": "x", "x5c": ["AA=="]})),
        (
            "of 65 members",
            json!(
                (0..65).map(|n| (n.to_string(), 0)).collect::<std::collections::BTreeMap<_, _>>()
            ),
        ),
        ("nested deeply", json!({"kty": "RSA", "a": [[[[[[[[[1]]]]]]]]]})),
        ("that is empty", json!({})),
        ("that is a number", json!(1)),
        ("with a kid of 257 bytes", json!({"kty": "RSA", "kid": "k".repeat(257)})),
    ] {
        file.accept("J-13", &format!("beside a key {name}"), good.clone(), ok())
            .issuers(stytch(key_set([key, keys.jwk("rsa_a")?])));
    }
    for (member, value) in [
        ("exp", json!(1)),
        ("issuer", json!("https://login.microsoftonline.com/{tenantid}/v2.0")),
        ("x5t#S256", json!("x")),
        ("ext", json!(true)),
        ("x5u", json!("http://127.0.0.1/")),
        ("revoked", Value::Null),
    ] {
        file.accept("J-13", &format!("a key with `{member}`"), good.clone(), ok())
            .issuers(stytch(key_set([jwk(keys, member, value)?])));
    }
    Ok(())
}

/// `x5t` alone is no `kid`.
fn unnamed(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let lax = |set| with(stytch(set), "allow_missing_kid", json!(true));
    let x5t = token.clone().no_header("kid").header("x5t", json!("rsa_a")).build()?;
    let key = keys.jwk("rsa_a")?;
    let unnamed = jwk_with(keys, "rsa_a", "kid", Value::Null)?;
    file.refuse("V-33", "x5t alone", x5t.clone(), NOT_FOUND)
        .issuers(stytch(key_set([key.clone()])));
    for (name, set) in [
        ("one key", key_set([key.clone()])),
        ("one key without kid", key_set([unnamed.clone()])),
        ("one key whose kid is null", key_set([jwk(keys, "kid", Value::Null)?])),
        ("one key whose kid is empty", key_set([jwk(keys, "kid", json!(""))?])),
        (
            "one usable key and another for encryption",
            key_set([jwk_with(keys, "rsa_b", "use", json!("enc"))?, unnamed.clone()]),
        ),
        (
            "one usable key and a private one",
            key_set([jwk_with(keys, "rsa_b", "d", json!("AQAB"))?, unnamed.clone()]),
        ),
        (
            "one usable key and one of PS256",
            key_set([jwk_with(keys, "rsa_b", "alg", json!("PS256"))?, key.clone()]),
        ),
    ] {
        file.accept("V-33", &format!("x5t alone, allow_missing_kid, {name}"), x5t.clone(), ok())
            .issuers(lax(set));
    }
    for (name, set) in [
        ("two keys", key_set([key.clone(), keys.jwk("rsa_b")?])),
        ("two keys without kid", key_set([unnamed, jwk_with(keys, "rsa_b", "kid", Value::Null)?])),
    ] {
        file.refuse(
            "V-34",
            &format!("x5t alone, allow_missing_kid, {name}"),
            x5t.clone(),
            NOT_FOUND,
        )
        .issuers(lax(set));
    }
    let foreign = token.clone().by("rsa_b", "RS256").no_header("kid").build()?;
    file.refuse(
        "V-33",
        "no kid, allow_missing_kid, another's signature",
        foreign,
        "signature_invalid",
    )
    .issuers(lax(key_set([key])));
    Ok(())
}

/// RFC 9864 gives EdDSA with Ed25519 a name of its own.
fn ed25519(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    for (own, alg) in [
        ("Ed25519", Some("Ed25519")),
        ("Ed25519", Some("EdDSA")),
        ("EdDSA", Some("Ed25519")),
        ("Ed25519", None),
    ] {
        let token = token.clone().by("ed25519", own).build()?;
        let key = match alg {
            None => keys.jwk("ed25519")?,
            Some(alg) => jwk_with(keys, "ed25519", "alg", json!(alg))?,
        };
        for allowed in ["EdDSA", "Ed25519"] {
            let name =
                format!("alg {own}, the key's {}, {allowed} allowed", alg.unwrap_or("absent"));
            file.accept("V-24", &name, token.clone(), ok())
                .issuers(allowing(&[allowed], key_set([key.clone()])));
        }
    }
    let token = token.clone().by("ed25519", "Ed25519").build()?;
    file.refuse("V-21", "alg Ed25519, not allowed", token.clone(), "algorithm_not_allowed")
        .issuers(stytch(key_set([keys.jwk("ed25519")?, keys.jwk("rsa_a")?])));
    let rsa =
        with(json!([jwk_with(keys, "rsa_b", "alg", json!("Ed25519"))?]), "kid", json!("ed25519"));
    let rsa = rsa.get(0).cloned().unwrap_or_default();
    file.refuse("V-23", "alg Ed25519 of an RSA key", token, UNUSABLE)
        .issuers(allowing(&["EdDSA", "RS256"], key_set([rsa, keys.jwk("rsa_a")?])));
    Ok(())
}

fn texts(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let good = token.build()?;
    let set = key_set([keys.jwk("rsa_a")?]);
    let members = set.trim_start_matches('{');
    for (name, text) in [
        ("after a byte-order mark", format!("\u{feff}{set}")),
        ("after a byte-order mark and a space", format!("\u{feff} {set}\r\n")),
        ("with other members", format!(r#"{{"issuer":"x","next":null,{members}"#)),
    ] {
        file.accept("J-13", &format!("a key set {name}"), good.clone(), ok()).issuers(stytch(text));
    }
    let expect = json!({"code": "invalid_config", "field": "jwks"});
    for (name, text) in [
        ("after two byte-order marks", format!("\u{feff}\u{feff}{set}")),
        ("that is an array", format!("[{set}]")),
        ("whose keys are null", r#"{"keys":null}"#.to_owned()),
        ("without keys", r#"{"keys":[]}"#.to_owned()),
        ("cut off", set.trim_end_matches('}').to_owned()),
        ("with keys twice", format!(r#"{{"keys":[],{members}"#)),
    ] {
        file.case("J-08", &format!("a key set {name}"), good.clone(), expect.clone())
            .issuers(stytch(text));
    }
    Ok(())
}

/// Many keys, for which a small key stands.
fn many(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let named = |n: usize| json!({"kty": "oct", "kid": n.to_string()});
    let set =
        |others: usize| anyhow::Ok(key_set((0..others).map(named).chain([keys.jwk("rsa_a")?])));
    let good = token.build()?;
    file.accept("J-13", "the last of 999 keys", good.clone(), ok()).issuers(stytch(set(998)?));
    file.case(
        "J-13",
        "the last of 1,001 keys",
        good,
        json!({"code": "invalid_config", "field": "jwks"}),
    )
    .issuers(stytch(set(1000)?));
    Ok(())
}
