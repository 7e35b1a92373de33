//! What real providers issue, by the presets of `IssuerConfig`: `providers.json` has their documented
//! shapes.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::key_set;
use crate::corpus::File;
use crate::keys::Keys;
use crate::token::Token;

const ID: &str = "P-01";

pub(super) fn file(keys: &Keys) -> Result<File> {
    let providers: Vec<Value> = serde_json::from_str(include_str!("../../providers.json"))?;
    let about = "Tokens of real providers, by the presets of IssuerConfig";
    let mut file = File::new("providers", about, json!([]));
    let described = ["preset", "name", "verified", "client", "scopes", "machine", "you"];
    for provider in &providers {
        one(&mut file, provider, keys)?;
        let about = described.map(|name| (name.to_owned(), provider[name].clone()));
        file.providers.push(Value::Object(about.into_iter().collect()));
    }
    Ok(file)
}

fn one(file: &mut File, provider: &Value, keys: &Keys) -> Result<()> {
    let name = provider["name"].as_str().context("a provider has a name")?;
    let issuers = json!([{
        "preset": provider["preset"],
        "arguments": provider["arguments"],
        "jwks": key_set([keys.jwk("rsa_a")?]),
    }]);
    let plain = changed(bare(keys), provider);
    let ok = provider["ok"].as_object().context("a provider has a result")?;
    file.accept(ID, &format!("{name}: a client's"), plain.build()?, provider["ok"].clone())
        .issuers(issuers.clone());
    for change in list(provider, "accepts") {
        let case = format!("{name}: a client's {}", change["name"].as_str().unwrap_or_default());
        let own = change["ok"].as_object().cloned().unwrap_or_default();
        let ok: Map<_, _> = ok.clone().into_iter().chain(own).collect();
        // Only what a change says about its result.
        let ok = match change.get("ok") {
            Some(_) => ok,
            None => ok.into_iter().filter(|(member, _)| member == "client_id").collect(),
        };
        file.accept(ID, &case, changed(plain.clone(), change).build()?, Value::Object(ok))
            .issuers(issuers.clone());
    }
    for (kind, what) in
        [("users", "a user's token"), ("ids", "an ID token"), ("others", "another's")]
    {
        for change in list(provider, kind) {
            let case = format!("{name}, {what}: {}", change["name"].as_str().unwrap_or_default());
            file.case(
                ID,
                &case,
                changed(plain.clone(), change).build()?,
                json!({"code": "invalid_token"}),
            )
            .issuers(issuers.clone());
        }
    }
    everywhere(file, name, &plain, ok, &issuers)
}

/// What no provider's token may do.
fn everywhere(
    file: &mut File,
    name: &str,
    plain: &Token<'_>,
    ok: &Map<String, Value>,
    issuers: &Value,
) -> Result<()> {
    let invalid = |claim| ("claim_invalid", claim);
    for (what, token, reason) in [
        ("by a key of nobody's", plain.clone().by("rsa_b", "RS256"), "key_not_found"),
        (
            "by another's key under the provider's kid",
            plain.clone().by("rsa_b", "RS256").header("kid", json!("rsa_a")),
            "signature_invalid",
        ),
        ("without kid", plain.clone().no_header("kid"), "key_not_found"),
        ("by ES256", plain.clone().by("p256", "ES256"), "algorithm_not_allowed"),
        ("that expired", plain.clone().claim("exp", json!(1_800_000_000)), "expired"),
        ("bound to a key", plain.clone().claim("cnf", json!({"jkt": "x"})), "wrong_token_kind"),
        ("for logging out", plain.clone().header("typ", json!("logout+jwt")), "wrong_token_kind"),
    ] {
        file.refuse(ID, &format!("{name}: a token {what}"), token.build()?, reason)
            .issuers(issuers.clone());
    }
    let api = plain.clone().claim("aud", json!("https://another-api.example"));
    file.refuse_claim(ID, &format!("{name}: for another API"), api.build()?, invalid("aud"))
        .issuers(issuers.clone());
    let late = plain.clone().no_claim("exp").build()?;
    file.refuse_claim(ID, &format!("{name}: without exp"), late, ("claim_missing", "exp"))
        .issuers(issuers.clone());
    let scopes = ok.get("scopes").and_then(Value::as_array).cloned().unwrap_or_default();
    file.accept(
        ID,
        &format!("{name}: with the scopes that are required"),
        plain.build()?,
        json!({"client_id": ok.get("client_id")}),
    )
    .options(json!({"required_scopes": scopes}))
    .issuers(issuers.clone());
    file.lacks(
        ID,
        &format!("{name}: without a scope that is required"),
        plain.build()?,
        (&["delete:everything"], &["delete:everything"]),
    )
    .issuers(issuers.clone());
    Ok(())
}

/// A token with times and a key, and nothing else.
fn bare(keys: &Keys) -> Token<'_> {
    let names = ["aud", "iss", "nbf", "scope", "sub"];
    names.into_iter().fold(Token::new(keys), |token, name| token.no_claim(name))
}

fn changed<'k>(mut token: Token<'k>, change: &Value) -> Token<'k> {
    for (name, value) in change["header"].as_object().into_iter().flatten() {
        token = match value {
            Value::Null => token.no_header(name),
            value => token.header(name, value.clone()),
        };
    }
    for name in list(change, "without") {
        token = token.no_claim(name.as_str().unwrap_or_default());
    }
    for (name, value) in change["claims"].as_object().into_iter().flatten() {
        token = token.claim(name, value.clone());
    }
    token
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}
