//! By the settings of an issuer: tokens bound to a key, `require_typ`, `required_claims`,
//! `scope_map`.

use anyhow::Result;
use serde_json::{Value, json};

use super::WRONG_KIND;
use crate::cases::with;
use crate::corpus::File;
use crate::token::Token;

pub(super) fn bound(file: &mut File, token: &Token<'_>, issuers: &Value) -> Result<()> {
    let token = token.clone().claim("sub", json!("job"));
    for (name, cnf) in [
        ("by DPoP", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
        ("by mTLS", json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"})),
        ("in an unknown way", json!("x")),
    ] {
        let bound = token.clone().claim("cnf", cnf).build()?;
        file.refuse("V-97", &format!("a token bound {name}"), bound.clone(), WRONG_KIND);
        file.accept(
            "V-97",
            &format!("a token bound {name}, where the caller checks"),
            bound,
            json!({"client_id": "job"}),
        )
        .issuers(with(issuers.clone(), "allow_bound_tokens", json!(true)));
    }
    let null = token.claim("cnf", Value::Null).build()?;
    file.accept("V-97", "cnf is null", null, json!({"client_id": "job"}));
    Ok(())
}

pub(super) fn typ(file: &mut File, token: &Token<'_>, issuers: &Value) -> Result<()> {
    let token = token.clone().claim("sub", json!("job"));
    let strict = with(issuers.clone(), "allow_missing_typ", json!(false));
    let of = |typ: &str| token.clone().header("typ", json!(typ)).build();
    let okta = "application/okta-internal-at+jwt";
    for (required, typ, good) in [
        ("at+jwt", "at+jwt", true),
        ("at+jwt", "application/AT+JWT", true),
        ("application/at+jwt", "at+jwt", true),
        ("at+jwt", "JWT", false),
        ("JWT", "jwt", true),
        ("JWT", "at+jwt", false),
        (okta, okta, true),
        ("okta-internal-at+jwt", okta, true),
        (okta, "at+jwt", false),
        ("at+jwt", "", false),
    ] {
        let issuers = with(strict.clone(), "require_typ", json!(required));
        let name = format!("typ `{typ}`, require_typ `{required}`");
        match good {
            true => file.accept("V-31", &name, of(typ)?, json!({"client_id": "job"})),
            false => file.refuse("V-32", &name, of(typ)?, WRONG_KIND),
        }
        .issuers(issuers);
    }
    let missing = token.clone().no_header("typ").build()?;
    file.refuse("V-32", "no typ, require_typ", missing.clone(), WRONG_KIND).issuers(with(
        strict,
        "require_typ",
        json!("at+jwt"),
    ));
    let expect = |field: &str| json!({"code": "invalid_config", "field": field});
    let both = with(issuers.clone(), "require_typ", json!("at+jwt"));
    file.case("V-32", "require_typ and allow_missing_typ", missing.clone(), expect("require_typ"))
        .issuers(both.clone());
    let empty = with(with(both, "allow_missing_typ", json!(false)), "require_typ", json!(""));
    file.case("V-32", "require_typ is empty", missing, expect("require_typ")).issuers(empty);
    Ok(())
}

pub(super) fn required(file: &mut File, token: &Token<'_>, issuers: &Value) -> Result<()> {
    let token = token.clone().claim("sub", json!("job"));
    let strict = with(issuers.clone(), "required_claims", json!({"tid": "t1", "sub": "job"}));
    let of = |tid: Value| token.clone().claim("tid", tid).build();
    file.accept(
        "V-100",
        "required_claims are there",
        of(json!("t1"))?,
        json!({"client_id": "job"}),
    )
    .issuers(strict.clone());
    for (name, tid) in [
        ("another value", json!("t2")),
        ("another case", json!("T1")),
        ("in an array", json!(["t1"])),
        ("a number", json!(1)),
        ("null", Value::Null),
    ] {
        file.refuse_claim(
            "V-100",
            &format!("a required claim: {name}"),
            of(tid)?,
            ("claim_invalid", "tid"),
        )
        .issuers(strict.clone());
    }
    file.refuse_claim(
        "V-100",
        "a required claim is missing",
        token.build()?,
        ("claim_missing", "tid"),
    )
    .issuers(strict.clone());
    let other = token.clone().claim("tid", json!("t1")).claim("sub", json!("other")).build()?;
    file.refuse_claim(
        "V-100",
        "a required claim that is a registered one",
        other,
        ("claim_invalid", "sub"),
    )
    .issuers(strict);
    Ok(())
}

pub(super) fn scope_map(file: &mut File, token: &Token<'_>, issuers: &Value) -> Result<()> {
    let token = token.clone().claim("sub", json!("job"));
    let of = |scope: &str| token.clone().claim("scope", json!(scope)).build();
    let map = |map: Value| with(issuers.clone(), "scope_map", map);
    let named = json!({"read": "read:invoices"});
    let pattern = json!({"read": "read:invoices", "*": "billing.*"});
    let merged = json!({"read": "use", "write": "use"});
    for (name, scopes, names, expected) in [
        ("one name", "read write", named.clone(), json!(["read:invoices", "write"])),
        (
            "a pattern for all others",
            "read write",
            pattern,
            json!(["read:invoices", "billing.write"]),
        ),
        ("two scopes that become one", "read write", merged, json!(["use"])),
        ("no scope that it names", "write", named.clone(), json!(["write"])),
    ] {
        file.accept(
            "V-101",
            &format!("scope_map: {name}"),
            of(scopes)?,
            json!({"client_id": "job", "scopes": expected}),
        )
        .issuers(map(names));
    }
    let expect = json!({"code": "invalid_config", "field": "scope_map"});
    for (name, names) in [
        ("an empty new name", json!({"read": ""})),
        ("a new name that is two scopes", json!({"read": "a b"})),
        ("an empty old name", json!({"": "read"})),
    ] {
        file.case("V-101", &format!("scope_map: {name}"), of("read")?, expect.clone())
            .issuers(map(names));
    }
    Ok(())
}
