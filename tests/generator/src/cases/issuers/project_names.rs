//! One project of Stytch that is called by several names.

use anyhow::Result;
use serde_json::json;

use crate::cases::{key_set, stytch, with};
use crate::corpus::{File, PROJECT};
use crate::keys::Keys;
use crate::token::{CLIENT, Token};

const NAMES: [&str; 3] = [
    "https://brave-apple-1234.customers.stytch.dev",
    "https://login.example.com",
    "https://auth.example.com",
];

pub(super) fn add(file: &mut File, keys: &Keys) -> Result<()> {
    let own = format!("stytch.com/{PROJECT}");
    let names: Vec<_> = [own.as_str()].into_iter().chain(NAMES).collect();
    let issuers = with(stytch(key_set([keys.jwk("rsa_a")?])), "issuers", json!(names));
    let token = |iss: &str| Token::new(keys).claim("iss", json!(iss));
    for iss in &names {
        file.accept(
            "V-74",
            &format!("a project of several names: {iss}"),
            token(iss).build()?,
            json!({"client_id": CLIENT, "issuer": iss, "audience": [PROJECT]}),
        )
        .issuers(issuers.clone());
        file.refuse_claim(
            "V-77",
            &format!("a project of several names: {iss}, another project"),
            token(iss).claim("aud", json!(["project-test-2"])).build()?,
            ("claim_invalid", "aud"),
        )
        .issuers(issuers.clone());
    }
    for iss in [
        "https://login.example.com/",
        "http://login.example.com",
        "login.example.com",
        "https://LOGIN.example.com",
        "https://login.example.com.evil.test",
        "https://test.stytch.com",
        "https://brave-apple-1235.customers.stytch.dev",
        "https://customers.stytch.dev",
    ] {
        file.refuse_claim(
            "V-75",
            &format!("a project of several names: {iss}, which is none of them"),
            token(iss).build()?,
            ("claim_invalid", "iss"),
        )
        .issuers(issuers.clone());
    }
    file.refuse(
        "V-80",
        "a project of several names: a session of the second",
        token(NAMES[1]).claim("https://stytch.com/session", json!({"id": "s"})).build()?,
        "wrong_token_kind",
    )
    .issuers(issuers);
    Ok(())
}
