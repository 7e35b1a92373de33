//! Whose token is it, among several issuers?

mod project_names;

use anyhow::Result;
use serde_json::{Value, json};

use super::{jwk_with, key_set, stytch};
use crate::corpus::{File, PROJECT};
use crate::keys::{Keys, Name};
use crate::token::{CLIENT, Token};

const DOMAIN: &str = "https://login.example.com";
const TENANT: &str = "https://tenant.eu.auth0.com/";
const API: &str = "https://api.example.com";
const OTHER: &str = "https://idp.example.com";

/// Stytch with a custom domain, an Auth0 tenant and another issuer, each with a key of its own.
pub(super) fn file(keys: &Keys) -> Result<File> {
    let about = "Several issuers in one verifier, as during a migration";
    let mut issuers = stytch(key_set([keys.jwk("rsa_a")?]));
    if let Some(list) = issuers.as_array_mut() {
        if let Some(names) = list.first_mut().and_then(|first| first.get_mut("issuers")) {
            *names = json!([format!("stytch.com/{PROJECT}"), DOMAIN]);
        }
        list.push(json!({"issuers": [TENANT], "audiences": [API], "algorithms": ["RS256"], "profile": "auth0",
            "jwks": key_set([keys.jwk("rsa_b")?])}));
        list.push(json!({"issuers": [OTHER], "audiences": [API, "second"], "algorithms": ["ES256", "EdDSA"], "profile": "oauth",
            "jwks": key_set([keys.jwk("p256")?, keys.jwk("ed25519")?])}));
    }
    let mut file = File::new("issuers", about, issuers);
    each(&mut file, keys)?;
    crossed(&mut file, keys)?;
    auth0(&mut file, keys)?;
    shared(&mut file, keys)?;
    one_key(&mut file, keys)?;
    wildcards(&mut file, keys)?;
    project_names::add(&mut file, keys)?;
    Ok(file)
}

fn of<'k>(keys: &'k Keys, key: Name, alg: &'static str, iss: &str, aud: &str) -> Token<'k> {
    Token::new(keys).by(key, alg).claim("iss", json!(iss)).claim("aud", json!(aud))
}

fn from_auth0(keys: &Keys) -> Token<'_> {
    of(keys, "rsa_b", "RS256", TENANT, API)
        .claim("sub", json!("AbCdEf123@clients"))
        .claim("azp", json!("AbCdEf123"))
        .claim("gty", json!("client-credentials"))
}

fn each(file: &mut File, keys: &Keys) -> Result<()> {
    file.accept(
        "V-74",
        "Stytch's own issuer",
        Token::new(keys).build()?,
        json!({"client_id": CLIENT, "issuer": format!("stytch.com/{PROJECT}")}),
    );
    file.accept(
        "V-74",
        "Stytch's custom domain",
        Token::new(keys).claim("iss", json!(DOMAIN)).build()?,
        json!({"client_id": CLIENT, "issuer": DOMAIN}),
    );
    for (name, iss) in [
        ("with a slash behind", "https://login.example.com/"),
        ("by http", "http://login.example.com"),
        ("below it", "https://a.login.example.com"),
    ] {
        file.refuse_claim(
            "V-74",
            &format!("the custom domain {name}"),
            Token::new(keys).claim("iss", json!(iss)).build()?,
            ("claim_invalid", "iss"),
        );
    }
    file.accept(
        "V-74",
        "Auth0",
        from_auth0(keys).build()?,
        json!({"client_id": "AbCdEf123", "issuer": TENANT, "audience": [API],
        "custom_claims": {"azp": "AbCdEf123", "gty": "client-credentials"}}),
    );
    let other = of(keys, "p256", "ES256", OTHER, "second").claim("client_id", json!("svc-1"));
    file.accept(
        "V-74",
        "another issuer, by client_id",
        other.build()?,
        json!({"client_id": "svc-1", "issuer": OTHER}),
    );
    let other = of(keys, "ed25519", "EdDSA", OTHER, API).claim("sub", json!("svc-2"));
    file.accept("V-74", "another issuer, by sub", other.build()?, json!({"client_id": "svc-2"}));
    Ok(())
}

fn crossed(file: &mut File, keys: &Keys) -> Result<()> {
    let invalid = |claim| ("claim_invalid", claim);
    let stytch = format!("stytch.com/{PROJECT}");
    // Its own keys alone decide about an issuer's tokens.
    for (name, token) in [
        ("Auth0's key, Stytch's issuer", of(keys, "rsa_b", "RS256", &stytch, PROJECT)),
        ("Stytch's key, Auth0's issuer", of(keys, "rsa_a", "RS256", TENANT, API)),
        ("the other issuer's key, Stytch's issuer", of(keys, "p256", "ES256", &stytch, PROJECT)),
    ] {
        file.refuse("V-99", name, token.build()?, "key_not_found");
    }
    file.refuse_claim(
        "V-77",
        "Stytch's issuer, Auth0's audience",
        of(keys, "rsa_a", "RS256", &stytch, API).build()?,
        invalid("aud"),
    );
    file.refuse_claim(
        "V-77",
        "Auth0's issuer, Stytch's audience",
        from_auth0(keys).claim("aud", json!(PROJECT)).build()?,
        invalid("aud"),
    );
    let es = of(keys, "p256", "ES256", &stytch, PROJECT).header("kid", json!("rsa_a"));
    file.refuse(
        "V-23",
        "an algorithm that only another issuer allows",
        es.build()?,
        "algorithm_not_allowed",
    );
    for (name, iss) in [("a configured issuer", OTHER), ("a stranger", "https://evil.example")] {
        let token = of(keys, "rsa_a", "RS256", iss, API).header("kid", json!("unknown"));
        file.refuse("V-36", &format!("an unknown kid of {name}"), token.build()?, "key_not_found");
    }
    Ok(())
}

fn auth0(file: &mut File, keys: &Keys) -> Result<()> {
    const WRONG_KIND: &str = "wrong_token_kind";
    for (name, token) in [
        ("about a user", from_auth0(keys).claim("sub", json!("auth0|507f1f77bcf86cd799439020"))),
        ("with a bare client's id", from_auth0(keys).claim("sub", json!("AbCdEf123"))),
        ("without a client before @clients", from_auth0(keys).claim("sub", json!("@clients"))),
        ("whose azp is another client", from_auth0(keys).claim("azp", json!("other"))),
        ("whose client_id is another client", from_auth0(keys).claim("client_id", json!("other"))),
    ] {
        file.refuse("V-81", &format!("an Auth0 token {name}"), token.build()?, WRONG_KIND);
    }
    let rfc9068 = from_auth0(keys)
        .no_claim("azp")
        .no_claim("gty")
        .header("typ", json!("at+jwt"))
        .claim("client_id", json!("AbCdEf123"))
        .claim("jti", json!("j1"));
    file.accept(
        "V-31",
        "Auth0's RFC 9068 profile",
        rfc9068.build()?,
        json!({"client_id": "AbCdEf123", "token_id": "j1"}),
    );
    file.refuse_claim(
        "V-75",
        "an Auth0 issuer without its slash",
        from_auth0(keys).claim("iss", json!(TENANT.trim_end_matches('/'))).build()?,
        ("claim_invalid", "iss"),
    );
    Ok(())
}

/// Two issuers that publish one key under one name, as a provider's tenants do.
fn one_key(file: &mut File, keys: &Keys) -> Result<()> {
    let one = |issuer: &str, key: Name| {
        anyhow::Ok(
            json!({"issuers": [issuer], "audiences": [API], "algorithms": ["RS256"], "profile": "oauth",
            "jwks": key_set([keys.jwk(key)?])}),
        )
    };
    let both = json!([one("https://one.example", "rsa_a")?, one("https://two.example", "rsa_a")?]);
    for iss in ["https://one.example", "https://two.example"] {
        file.accept(
            "V-99",
            &format!("one key at two issuers: {iss}"),
            of(keys, "rsa_a", "RS256", iss, API).build()?,
            json!({"issuer": iss}),
        )
        .issuers(both.clone());
    }
    let rotated =
        json!([one("https://one.example", "rsa_a")?, one("https://two.example", "rsa_b")?]);
    file.refuse(
        "V-99",
        "the key of another issuer",
        of(keys, "rsa_a", "RS256", "https://two.example", API).build()?,
        "key_not_found",
    )
    .issuers(rotated.clone());
    file.refuse_claim(
        "V-99",
        "the key of one issuer, a stranger's name",
        of(keys, "rsa_a", "RS256", "https://evil.example", API).build()?,
        ("claim_invalid", "iss"),
    )
    .issuers(rotated.clone());
    let twice = of(keys, "rsa_a", "RS256", "https://one.example", API)
        .payload_with("\"iss\":\"https://two.example\"");
    file.refuse("V-99", "iss twice", twice.build()?, "malformed").issuers(rotated);
    Ok(())
}

/// `read:*` is a wildcard at Stytch alone, unless an issuer is said to have it.
fn wildcards(file: &mut File, keys: &Keys) -> Result<()> {
    let token = of(keys, "rsa_a", "RS256", OTHER, API).claim("scope", json!("read:* x")).build()?;
    let issuer = json!([{"issuers": [OTHER], "audiences": [API], "algorithms": ["RS256"], "profile": "oauth",
        "jwks": key_set([keys.jwk("rsa_a")?])}]);
    file.lacks(
        "V-98",
        "read:* of another issuer",
        token.clone(),
        (&["read:users", "x"], &["read:users"]),
    )
    .issuers(issuer.clone());
    file.accept(
        "V-98",
        "read:* of another issuer, as itself",
        token.clone(),
        json!({"scopes": ["read:*", "x"], "wildcard_scopes": false}),
    )
    .options(json!({"required_scopes": ["read:*"]}))
    .issuers(issuer.clone());
    let issuer = super::with(issuer, "wildcard_scopes", json!(true));
    file.accept(
        "V-98",
        "read:* of an issuer with wildcards",
        token,
        json!({"wildcard_scopes": true}),
    )
    .options(json!({"required_scopes": ["read:users", "x"]}))
    .issuers(issuer);
    let tenant = from_auth0(keys).claim("scope", json!("read:*")).build()?;
    file.lacks("V-98", "read:* of Auth0", tenant, (&["read:users"], &["read:users"]));
    Ok(())
}

/// Two issuers that publish different keys under one name.
fn shared(file: &mut File, keys: &Keys) -> Result<()> {
    let one = |issuer: &str, key: Name| {
        let jwk = jwk_with(keys, key, "kid", json!("shared"))?;
        anyhow::Ok(
            json!({"issuers": [issuer], "audiences": [API], "algorithms": ["RS256"], "profile": "oauth", "jwks": key_set([jwk])}),
        )
    };
    let both: Value =
        json!([one("https://one.example", "rsa_a")?, one("https://two.example", "rsa_b")?]);
    let token = |key, iss| of(keys, key, "RS256", iss, API).header("kid", json!("shared")).build();
    let ok = || json!({"client_id": CLIENT});
    file.accept(
        "V-38",
        "one kid at two issuers: the first's",
        token("rsa_a", "https://one.example")?,
        ok(),
    )
    .issuers(both.clone());
    file.accept(
        "V-38",
        "one kid at two issuers: the second's",
        token("rsa_b", "https://two.example")?,
        ok(),
    )
    .issuers(both.clone());
    file.refuse(
        "V-38",
        "one kid at two issuers: the first's key in the second's name",
        token("rsa_a", "https://two.example")?,
        "signature_invalid",
    )
    .issuers(both.clone());
    file.refuse(
        "V-38",
        "one kid at two issuers: a stranger's name",
        token("rsa_a", "https://evil.example")?,
        "key_not_found",
    )
    .issuers(both);
    Ok(())
}
