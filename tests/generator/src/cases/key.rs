//! Which key, and is it fit?

mod as_served;
mod without_kid;

use anyhow::Result;
use serde_json::{Value, json};

use super::{allowing, jwk_with, key_set, ordinary, stytch, with};
use crate::corpus::File;
use crate::keys::{Keys, encode};
use crate::token::{CLIENT, Token};

const UNUSABLE: &str = "key_unusable";
const NOT_FOUND: &str = "key_not_found";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "Key selection and key material (RFC 7517; RFC 7518, sections 3.3, 6)";
    let mut file = File::new("key", about, ordinary(keys)?);
    let token = Token::new(keys);
    kids(&mut file, &token, keys)?;
    without_kid::add(&mut file, &token, keys)?;
    sets(&mut file, &token, keys)?;
    as_served::add(&mut file, &token, keys)?;
    rsa(&mut file, &token, keys)?;
    curves(&mut file, &token, keys)?;
    Ok(file)
}

fn kids(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let none = token.clone().no_header("kid").build()?;
    let two = key_set([keys.jwk("rsa_a")?, keys.jwk("rsa_b")?]);
    let lax = |issuers| with(issuers, "allow_missing_kid", json!(true));
    file.refuse("V-33", "no kid, one key", none.clone(), NOT_FOUND);
    file.accept(
        "V-33",
        "no kid, one key, where that is allowed",
        none.clone(),
        json!({"client_id": CLIENT}),
    )
    .issuers(lax(ordinary(keys)?));
    file.refuse("V-34", "no kid, two keys", none.clone(), NOT_FOUND).issuers(stytch(two.clone()));
    file.refuse(
        "V-34",
        "no kid, two keys, where a missing one is allowed",
        none.clone(),
        NOT_FOUND,
    )
    .issuers(lax(stytch(two.clone())));
    let mixed = key_set([keys.jwk("rsa_a")?, keys.jwk("p256")?]);
    file.accept(
        "V-33",
        "no kid, one key of the right kind among others",
        none,
        json!({"client_id": CLIENT}),
    )
    .issuers(lax(allowing(&["RS256", "ES256"], mixed)));
    for (name, value) in [
        ("a number", json!(1)),
        ("null", Value::Null),
        ("an array", json!(["rsa_a"])),
        ("an object", json!({})),
        ("empty", json!("")),
        ("257 bytes long", json!("k".repeat(257))),
    ] {
        file.refuse(
            "V-35",
            &format!("kid {name}"),
            token.clone().header("kid", value).build()?,
            "malformed",
        );
    }
    for kid in [
        "../../dev/null",
        "/dev/null",
        "x' UNION SELECT '1';--",
        "|sleep 10",
        "a\r\nSet-Cookie: x",
        "\u{1b}[2J",
        "__proto__",
        "constructor",
        "RSA_A",
        "rsa_a ",
        "rsa_",
        "rsa_a\0",
        "https://evil.example/key",
    ] {
        file.refuse(
            "V-36",
            &format!("kid {kid:?}"),
            token.clone().header("kid", json!(kid)).build()?,
            NOT_FOUND,
        );
    }
    let longest = "k".repeat(256);
    let set = key_set([jwk_with(keys, "rsa_a", "kid", json!(longest))?]);
    file.accept(
        "V-35",
        "kid 256 bytes long",
        token.clone().header("kid", json!(longest)).build()?,
        json!({"client_id": CLIENT}),
    )
    .issuers(stytch(set));
    file.accept("V-36", "the first of two keys", token.build()?, json!({"client_id": CLIENT}))
        .issuers(stytch(two.clone()));
    file.accept(
        "V-36",
        "the second of two keys",
        token.clone().by("rsa_b", "RS256").build()?,
        json!({"client_id": CLIENT}),
    )
    .issuers(stytch(two.clone()));
    file.refuse(
        "V-36",
        "the name of one key, the signature of another",
        token.clone().by("rsa_b", "RS256").header("kid", json!("rsa_a")).build()?,
        "signature_invalid",
    )
    .issuers(stytch(two));
    Ok(())
}

fn sets(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let good = token.build()?;
    let ok = || json!({"client_id": CLIENT});
    let twin = jwk_with(keys, "rsa_b", "kid", json!("rsa_a"))?;
    let twins = key_set([keys.jwk("rsa_a")?, twin, keys.jwk("rsa_b")?]);
    file.refuse("V-37", "two keys of one name", good.clone(), "key_ambiguous")
        .issuers(stytch(twins.clone()));
    file.accept(
        "V-37",
        "another key beside two of one name",
        token.clone().by("rsa_b", "RS256").build()?,
        ok(),
    )
    .issuers(stytch(twins));
    let curve = jwk_with(keys, "p256", "kid", json!("rsa_a"))?;
    file.accept("V-38", "two keys of one name and different kinds", good.clone(), ok())
        .issuers(allowing(&["RS256", "ES256"], key_set([curve, keys.jwk("rsa_a")?])));
    let pss = jwk_with(keys, "rsa_b", "alg", json!("PS256"))?;
    let pss = with(json!([pss]), "kid", json!("rsa_a")).get(0).cloned().unwrap_or_default();
    file.accept("V-38", "two keys of one name and different algorithms", good.clone(), ok())
        .issuers(allowing(&["RS256", "PS256"], key_set([pss, keys.jwk("rsa_a")?])));

    for (name, key) in [
        (
            "of an unknown kind",
            json!({"kty": "AKP", "kid": "x", "alg": "ML-DSA-44", "pub": "AAAA"}),
        ),
        ("symmetric", json!({"kty": "oct", "kid": "x", "k": "AAAA"})),
        (
            "private",
            with(json!([keys.jwk("rsa_b")?]), "d", json!("AAAA"))
                .get(0)
                .cloned()
                .unwrap_or_default(),
        ),
        ("without n", json!({"kty": "RSA", "kid": "x", "e": "AQAB"})),
        ("with a number for n", json!({"kty": "RSA", "kid": "x", "e": "AQAB", "n": 1})),
        ("without kid", jwk_with(keys, "rsa_b", "kid", Value::Null)?),
        ("with a number for kid", jwk_with(keys, "rsa_b", "kid", json!(7))?),
        ("with a number for use", jwk_with(keys, "rsa_b", "use", json!(7))?),
        ("with a string for x5c", jwk_with(keys, "rsa_b", "x5c", json!("AAAA"))?),
        ("on another curve", json!({"kty": "OKP", "crv": "X25519", "kid": "x", "x": "AAAA"})),
        ("that is a string", json!("key")),
        ("that is null", Value::Null),
        ("that is an array", json!([])),
    ] {
        file.accept("V-46", &format!("beside a key {name}"), good.clone(), ok())
            .issuers(stytch(key_set([key, keys.jwk("rsa_a")?])));
    }
    let jwk = keys.jwk("rsa_a")?.to_string();
    let doubled = format!("{{\"kid\":\"rsa_a\",{}", jwk.trim_start_matches('{'));
    file.refuse("V-46", "a key with a member twice", good.clone(), NOT_FOUND)
        .issuers(stytch(format!(r#"{{"keys":[{doubled},{}]}}"#, keys.jwk("rsa_b")?)));
    let beside = keys.jwk("rsa_b")?;
    for (name, key) in [
        ("private", jwk_with(keys, "rsa_a", "d", json!("AAAA"))?),
        ("symmetric", json!({"kty": "oct", "kid": "rsa_a", "k": "AAAA"})),
        ("of an unknown kind", json!({"kty": "AKP", "kid": "rsa_a", "pub": "AAAA"})),
    ] {
        file.refuse("V-47", &format!("a key that is {name}"), good.clone(), UNUSABLE)
            .issuers(stytch(key_set([key, beside.clone()])));
    }
    let other = json!([encode("another certificate")]);
    file.accept("V-48", "an x5c that disagrees with n", good.clone(), ok())
        .issuers(stytch(key_set([jwk_with(keys, "rsa_a", "x5c", other)?])));
    for (name, member, value) in [
        ("for encryption", "use", json!("enc")),
        ("for an unknown use", "use", json!("tls")),
        ("for a numeric use", "use", json!(1)),
        ("for signing alone", "key_ops", json!(["sign"])),
        ("for verifying twice", "key_ops", json!(["verify", "verify"])),
        ("for a number", "key_ops", json!(["verify", 1])),
        ("for a string of operations", "key_ops", json!("verify")),
        ("with an unknown alg", "alg", json!("ES521")),
        ("with a number for alg", "alg", json!(256)),
        ("with an encryption alg", "alg", json!("RSA-OAEP")),
        ("with the alg of a curve", "alg", json!("ES256")),
    ] {
        file.refuse("V-25", &format!("a key {name}"), good.clone(), UNUSABLE)
            .issuers(stytch(key_set([jwk_with(keys, "rsa_a", member, value)?, beside.clone()])));
    }
    for (name, member, value) in [
        ("for verifying", "key_ops", json!(["verify"])),
        ("for signing and verifying", "key_ops", json!(["sign", "verify"])),
        ("without use", "use", Value::Null),
    ] {
        file.accept("V-25", &format!("a key {name}"), good.clone(), ok())
            .issuers(stytch(key_set([jwk_with(keys, "rsa_a", member, value)?])));
    }
    Ok(())
}

fn rsa(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    const ROCA: &str = "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPrId7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7YXsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE";
    let beside = keys.jwk("rsa_b")?;
    let small = token.clone().by("rsa_1024", "RS256").build()?;
    file.refuse("V-40", "an RSA key of 1,024 bits", small, UNUSABLE)
        .issuers(stytch(key_set([keys.jwk("rsa_1024")?, beside.clone()])));
    let good = token.build()?;
    let modulus = keys.modulus("rsa_a")?;
    let just_short: num_bigint::BigUint = &modulus >> 1u32;
    let odd_short = (just_short | num_bigint::BigUint::from(1u32)).to_bytes_be();
    let long = [vec![0x81], vec![1; 1024]].concat();
    let even: num_bigint::BigUint = &modulus - 1u32;
    for (id, name, member, value) in [
        ("V-40", "an RSA key of 2,047 bits", "n", encode(odd_short)),
        ("V-41", "an RSA key of 8,200 bits", "n", encode(long)),
        ("V-41", "an even modulus", "n", encode(even.to_bytes_be())),
        ("V-42", "exponent 0", "e", encode([0])),
        ("V-42", "exponent 1", "e", encode([1])),
        ("V-42", "exponent 2", "e", encode([2])),
        ("V-42", "exponent 65536", "e", encode([1, 0, 0])),
        ("V-42", "exponent 2^33 + 1", "e", encode([2, 0, 0, 0, 1])),
        ("V-42", "an empty exponent", "e", String::new()),
        ("V-43", "padding on n", "n", format!("{}==", encode(modulus.to_bytes_be()))),
        ("V-43", "padding on e", "e", "AQAB=".to_owned()),
        ("V-43", "n in standard base64", "n", "+/+/".repeat(86)),
        ("V-44", "a modulus of the ROCA generator", "n", ROCA.to_owned()),
    ] {
        file.refuse(id, name, good.clone(), UNUSABLE).issuers(stytch(key_set([
            jwk_with(keys, "rsa_a", member, json!(value))?,
            beside.clone(),
        ])));
    }
    let zero = encode([vec![0], modulus.to_bytes_be()].concat());
    file.accept("V-43", "a leading zero in n", good, json!({"client_id": CLIENT}))
        .issuers(stytch(key_set([jwk_with(keys, "rsa_a", "n", json!(zero))?])));
    Ok(())
}

fn curves(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let issuers = |key: Value| {
        anyhow::Ok(allowing(
            &["RS256", "ES256", "ES384", "EdDSA"],
            key_set([key, keys.jwk("rsa_b")?]),
        ))
    };
    let p256 = token.clone().by("p256", "ES256").build()?;
    for (name, member, value) in [
        ("a point off the curve", "x", json!(encode([1; 32]))),
        ("x one byte short", "x", json!(encode([1; 31]))),
        ("y one byte long", "y", json!(encode([1; 33]))),
        ("no y", "y", Value::Null),
        ("the curve of another size", "crv", json!("P-384")),
        ("an unknown curve", "crv", json!("P-521")),
        ("no curve", "crv", Value::Null),
        ("the alg of another curve", "alg", json!("ES384")),
        ("an alg that does not exist", "alg", json!("ES521")),
        ("the alg of another kind", "alg", json!("RS256")),
    ] {
        file.refuse("V-45", &format!("P-256 with {name}"), p256.clone(), UNUSABLE)
            .issuers(issuers(jwk_with(keys, "p256", member, value)?)?);
    }
    let p384 = token.clone().by("p384", "ES384").build()?;
    file.refuse("V-45", "P-384 with a point off the curve", p384, UNUSABLE)
        .issuers(issuers(jwk_with(keys, "p384", "y", json!(encode([2; 48])))?)?);
    let ed = token.clone().by("ed25519", "EdDSA").build()?;
    file.refuse("V-45", "Ed25519 with x one byte short", ed, UNUSABLE).issuers(issuers(jwk_with(
        keys,
        "ed25519",
        "x",
        json!(encode([3; 31])),
    )?)?);
    Ok(())
}
