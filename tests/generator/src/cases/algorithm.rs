//! Is the algorithm allowed, and is it a plain access token?

use anyhow::Result;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::{allowing, jwk_with, key_set, ordinary, stytch, with};
use crate::corpus::File;
use crate::keys::{Keys, encode};
use crate::token::{CLIENT, Token};

const NOT_ALLOWED: &str = "algorithm_not_allowed";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let about =
        "Algorithms, extensions and kinds (RFC 8725, sections 3.1 to 3.12; RFC 7515, section 4.1)";
    let mut file = File::new("algorithm", about, ordinary(keys)?);
    let token = Token::new(keys);
    none(&mut file, &token)?;
    symmetric(&mut file, &token, keys)?;
    other(&mut file, &token, keys)?;
    embedded(&mut file, &token, keys)?;
    extensions(&mut file, &token)?;
    kinds(&mut file, &token, keys)?;
    Ok(file)
}

fn none(file: &mut File, token: &Token<'_>) -> Result<()> {
    for alg in ["none", "None", "NONE", "nOnE", " none", ""] {
        let token = token.clone().header("alg", json!(alg));
        file.refuse(
            "V-20",
            &format!("alg {alg:?} without a signature"),
            token.signed_by(""),
            NOT_ALLOWED,
        );
        file.refuse("V-20", &format!("alg {alg:?} with a signature"), token.build()?, NOT_ALLOWED);
    }
    for (name, value) in [
        ("null", Value::Null),
        ("a number", json!(256)),
        ("true", json!(true)),
        ("an array", json!(["RS256"])),
        ("an object", json!({})),
        ("in lower case", json!("rs256")),
        ("with a space behind", json!("RS256 ")),
        ("unknown", json!("RS1")),
        ("ES256K", json!("ES256K")),
        ("with a NUL behind", json!("RS256\0")),
    ] {
        file.refuse(
            "V-21",
            &format!("alg {name}"),
            token.clone().header("alg", value).build()?,
            NOT_ALLOWED,
        );
    }
    file.refuse("V-21", "no alg", token.clone().no_header("alg").build()?, NOT_ALLOWED);
    Ok(())
}

fn symmetric(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let jwk = keys.jwk("rsa_a")?;
    let n = jwk.get("n").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (alg, hash) in
        [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
    {
        let token = token.clone().header("alg", json!(alg));
        for (name, secret) in [
            ("the JWK's JSON", jwk.to_string().into_bytes()),
            ("the modulus' text", n.clone().into_bytes()),
            ("the modulus' bytes", keys.modulus("rsa_a")?.to_bytes_be()),
            ("nothing", Vec::new()),
            ("one NUL", vec![0]),
        ] {
            let tag = hmac::sign(&hmac::Key::new(hash, &secret), token.input().as_bytes());
            file.refuse(
                "V-22",
                &format!("{alg} keyed with {name}"),
                token.signed_by(tag),
                NOT_ALLOWED,
            );
        }
    }
    let oct = json!({"kty": "oct", "kid": "rsa_a", "k": encode("shared secret"), "alg": "HS256"});
    let token = token.clone().header("alg", json!("HS256"));
    let tag =
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"shared secret"), token.input().as_bytes());
    file.refuse("V-47", "HS256 by an `oct` key of the set", token.signed_by(tag), NOT_ALLOWED)
        .issuers(stytch(key_set([oct, keys.jwk("rsa_b")?])));
    Ok(())
}

fn other(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    for alg in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        file.refuse(
            "V-23",
            &format!("{alg} where RS256 alone is allowed"),
            token.clone().by("rsa_a", alg).build()?,
            NOT_ALLOWED,
        );
        let set = key_set([jwk_with(keys, "rsa_a", "alg", json!(alg))?]);
        file.accept(
            "V-24",
            &format!("{alg} where it is allowed"),
            token.clone().by("rsa_a", alg).build()?,
            json!({"client_id": CLIENT}),
        )
        .issuers(allowing(&["RS256", alg], set));
        file.refuse(
            "V-23",
            &format!("{alg} by a key for RS256"),
            token.clone().by("rsa_a", alg).build()?,
            NOT_ALLOWED,
        )
        .issuers(allowing(&["RS256", alg], key_set([keys.jwk("rsa_a")?])));
        let set = key_set([jwk_with(keys, "rsa_a", "alg", json!(alg))?]);
        file.refuse("V-23", &format!("RS256 by a key for {alg}"), token.build()?, NOT_ALLOWED)
            .issuers(allowing(&["RS256", alg], set));
    }
    for (key, alg) in [("p256", "ES256"), ("p384", "ES384"), ("ed25519", "EdDSA")] {
        let good = token.clone().by(key, alg).build()?;
        let set = key_set([keys.jwk(key)?, keys.jwk("rsa_a")?]);
        file.accept(
            "V-24",
            &format!("{alg} where it is allowed"),
            good.clone(),
            json!({"client_id": CLIENT}),
        )
        .issuers(allowing(&["RS256", alg], set.clone()));
        file.refuse("V-23", &format!("{alg} where RS256 alone is allowed"), good, NOT_ALLOWED)
            .issuers(stytch(set));
    }
    let es = token.clone().by("p384", "ES256").build()?;
    file.refuse("V-23", "ES256 by a P-384 key", es, NOT_ALLOWED)
        .issuers(allowing(&["ES256", "ES384"], key_set([keys.jwk("p384")?])));
    let rs = token.clone().header("kid", json!("p256")).build()?;
    file.refuse("V-23", "RS256 by a P-256 key", rs, NOT_ALLOWED)
        .issuers(allowing(&["RS256", "ES256"], key_set([keys.jwk("p256")?])));
    let set = key_set([jwk_with(keys, "rsa_a", "alg", Value::Null)?]);
    file.accept("V-24", "a JWK without alg", token.build()?, json!({"client_id": CLIENT}))
        .issuers(stytch(set));
    Ok(())
}

fn embedded(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    let evil = keys.jwk("rsa_b")?;
    let by_evil = |token: Token<'_>| {
        let signature = keys.sign("rsa_b", "RS256", token.input().as_bytes())?;
        anyhow::Ok(token.signed_by(signature))
    };
    let token_with = |name: &str, value: Value| token.clone().header(name, value);
    file.refuse(
        "V-26",
        "signed by an embedded `jwk`",
        by_evil(token_with("jwk", evil.clone()))?,
        "signature_invalid",
    );
    let named = token_with("jwk", evil.clone()).header("kid", json!("rsa_b"));
    file.refuse(
        "V-26",
        "signed by an embedded `jwk` that `kid` names",
        by_evil(named)?,
        "key_not_found",
    );
    let oct = json!({"kty": "oct", "k": "AAAA"});
    file.refuse(
        "V-26",
        "an embedded symmetric `jwk`",
        by_evil(token_with("jwk", oct))?,
        "signature_invalid",
    );
    for (name, value) in [
        ("an embedded `jwk` of its own", keys.jwk("rsa_a")?),
        ("a junk `jwk`", json!("junk")),
        ("another's `jwk`", evil),
    ] {
        file.accept(
            "V-26",
            &format!("{name} is ignored"),
            token_with("jwk", value).build()?,
            json!({"client_id": CLIENT}),
        );
    }
    for url in [
        "http://127.0.0.1:9/jwks",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://evil.example/jwks",
    ] {
        for name in ["jku", "x5u"] {
            file.refuse(
                "V-27",
                &format!("another's signature and `{name}` {url}"),
                by_evil(token_with(name, json!(url)))?,
                "signature_invalid",
            );
            file.accept(
                "V-27",
                &format!("`{name}` {url} is ignored"),
                token_with(name, json!(url)).build()?,
                json!({"client_id": CLIENT}),
            );
        }
    }
    for name in ["x5c", "x5t", "x5t#S256"] {
        file.accept(
            "V-27",
            &format!("`{name}` is ignored"),
            token_with(name, json!(["AAAA"])).build()?,
            json!({"client_id": CLIENT}),
        );
    }
    Ok(())
}

fn extensions(file: &mut File, token: &Token<'_>) -> Result<()> {
    const UNSUPPORTED: &str = "header_unsupported";
    for (name, value) in [
        ("an unknown extension", json!(["x"])),
        ("`exp`, absent from the header", json!(["exp"])),
        ("nothing", json!([])),
        ("one name twice", json!(["x", "x"])),
        ("`alg`", json!(["alg"])),
        ("a string", json!("exp")),
        ("null", Value::Null),
        ("`b64`", json!(["b64"])),
    ] {
        let token = token.clone().header("crit", value).header("x", json!(1));
        file.refuse("V-28", &format!("crit: {name}"), token.build()?, UNSUPPORTED);
    }
    file.refuse(
        "V-29",
        "b64 false with crit",
        token.clone().header("b64", json!(false)).header("crit", json!(["b64"])).build()?,
        UNSUPPORTED,
    );
    file.refuse(
        "V-29",
        "b64 false without crit",
        token.clone().header("b64", json!(false)).build()?,
        UNSUPPORTED,
    );
    file.refuse("V-29", "b64 true", token.clone().header("b64", json!(true)).build()?, UNSUPPORTED);
    file.refuse("V-30", "zip", token.clone().header("zip", json!("DEF")).build()?, UNSUPPORTED);
    Ok(())
}

fn kinds(file: &mut File, token: &Token<'_>, keys: &Keys) -> Result<()> {
    const WRONG_KIND: &str = "wrong_token_kind";
    for typ in ["JWT", "jwt", "application/jwt", "at+jwt", "AT+JWT", "application/at+jwt"] {
        file.accept(
            "V-31",
            &format!("typ {typ}"),
            token.clone().header("typ", json!(typ)).build()?,
            json!({"client_id": CLIENT}),
        );
    }
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "id_token+jwt",
        "JOSE",
        "",
        "JWT ",
        "application/",
        "text/jwt",
    ] {
        file.refuse(
            "V-32",
            &format!("typ {typ:?}"),
            token.clone().header("typ", json!(typ)).build()?,
            WRONG_KIND,
        );
    }
    for (name, value) in
        [("null", Value::Null), ("a number", json!(1)), ("an array", json!(["JWT"]))]
    {
        file.refuse(
            "V-32",
            &format!("typ {name}"),
            token.clone().header("typ", value).build()?,
            WRONG_KIND,
        );
    }
    let none = token.clone().no_header("typ").build()?;
    file.refuse("V-32", "no typ", none.clone(), WRONG_KIND);
    file.accept("V-32", "no typ, where that is allowed", none, json!({"client_id": CLIENT}))
        .issuers(with(ordinary(keys)?, "allow_missing_typ", json!(true)));
    Ok(())
}
