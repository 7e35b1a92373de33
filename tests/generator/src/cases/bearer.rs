//! What HTTP says about bearer tokens: each case is a call, and what it comes to.

use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
pub(crate) struct File {
    about: &'static str,
    pub(crate) cases: Vec<Case>,
}

#[derive(Serialize)]
pub(crate) struct Case {
    id: &'static str,
    name: String,
    /// The function.
    call: &'static str,
    given: Value,
    expect: Value,
}

impl File {
    fn add(
        &mut self,
        id: &'static str,
        call: &'static str,
        name: &str,
        given: Value,
        expect: Value,
    ) {
        self.cases.push(Case { id, name: format!("{call}: {name}"), call, given, expect });
    }
}

pub(crate) fn file() -> File {
    let about = "Bearer tokens in HTTP (RFC 6750): the token in a request, answers that refuse it, origins, missing \
        scopes, and how a request is refused";
    let mut file = File { about, cases: Vec::new() };
    tokens(&mut file);
    challenges(&mut file);
    origins(&mut file);
    scopes(&mut file);
    refusals(&mut file);
    file
}

/// How a request is refused.
fn refusal(status: u16, challenge: Option<&str>, retry_after: Option<&str>, code: &str) -> Value {
    let mut headers = json!({"Cache-Control": "no-store", "Content-Type": "application/json"});
    if let Some(headers) = headers.as_object_mut() {
        headers.extend(challenge.map(|value| ("WWW-Authenticate".to_owned(), json!(value))));
        headers.extend(retry_after.map(|value| ("Retry-After".to_owned(), json!(value))));
    }
    json!({"status": status, "headers": headers, "body": format!(r#"{{"error":"{code}"}}"#)})
}

fn tokens(file: &mut File) {
    const CALL: &str = "token_from_authorization_headers";
    for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
        file.add(
            "V-08",
            CALL,
            &format!("`{value}`"),
            json!({"values": [value]}),
            json!({"token": "a.b.c"}),
        );
    }
    let missing = refusal(401, Some("Bearer"), None, "invalid_token");
    let malformed = refusal(401, Some(r#"Bearer error="invalid_token""#), None, "invalid_token");
    let refused = |reason: &str| {
        let refusal = if reason == "missing" { &missing } else { &malformed };
        json!({"code": "invalid_token", "reason": reason, "refusal": refusal})
    };
    for (values, reason) in [
        (json!([]), "missing"),
        (json!([""]), "missing"),
        (json!(["Basic a.b.c"]), "missing"),
        (json!(["Bearera.b.c"]), "missing"),
        (json!(["a.b.c"]), "missing"),
        (json!(["DPoP a.b.c"]), "missing"),
        (json!(["Bearer"]), "malformed"),
        (json!(["Bearer  "]), "malformed"),
        (json!(["Bearer Bearer a.b.c"]), "malformed"),
        (json!(["Bearer a.b.c, Bearer d.e.f"]), "malformed"),
        (json!(["Bearer a.b.c", "Bearer a.b.c"]), "malformed"),
        (json!(["Bearer a.b.c", "Bearer d.e.f"]), "malformed"),
        (json!(["Bearer a.b.c", ""]), "malformed"),
        (json!(["Basic eDp5", "Bearer a.b.c"]), "malformed"),
        (json!(["Bearer a.b.c", "Basic eDp5", "x"]), "malformed"),
    ] {
        file.add("V-08", CALL, &values.to_string(), json!({"values": values}), refused(reason));
    }
}

fn challenges(file: &mut File) {
    const CALL: &str = "refuses_token";
    let mut add = |status: u16, challenges: Value, refuses: bool| {
        let name = format!("{status} {challenges}");
        let given = json!({"status": status, "www_authenticate": challenges});
        file.add("T-08", CALL, &name, given, json!({"refuses": refuses}));
    };
    for challenges in [
        json!([r#"Bearer error="invalid_token""#]),
        json!(["Bearer error=invalid_token"]),
        json!([r#"bearer realm="a, b", ERROR="invalid_token", error_description="expired""#]),
        json!([r#"Basic realm="x", Bearer realm="y", error="invalid_token""#]),
        json!([r#"DPoP algs="ES256""#, r#"Bearer error="invalid_token""#]),
        json!([r#"Bearer error="invalid_token", error_description="läuft nicht mehr""#]),
    ] {
        for (status, refuses) in [(401, true), (400, false), (403, false), (407, false)] {
            add(status, challenges.clone(), refuses);
        }
    }
    for challenges in [
        json!([]),
        json!([""]),
        json!(["Bearer"]),
        json!([r#"Bearer realm="x""#]),
        json!([r#"Bearer error="insufficient_scope""#]),
        json!([r#"Bearer error="invalid_request""#]),
        json!([r#"Bearer error="INVALID_TOKEN""#]),
        json!([r#"DPoP error="invalid_token""#]),
        json!([r#"Bearer realm="x", DPoP error="invalid_token""#]),
        json!([r#"Basic realm="Bearer error=invalid_token""#]),
        json!([r#"Bearer realm="error=\"invalid_token\"""#]),
        json!([r#"Bearer error_description="invalid_token""#]),
        json!([r#"error="invalid_token""#]),
        json!(["invalid_token"]),
    ] {
        add(401, challenges, false);
    }
}

fn origins(file: &mut File) {
    const CALL: &str = "origins";
    let named = json!(["https://API.example.com", "http://127.0.0.1:8080/", "http://localhost"]);
    for (url, allows) in [
        ("https://api.example.com", true),
        ("https://api.example.com:443/users?x=1#y", true),
        ("HTTPS://Api.Example.Com/", true),
        ("http://127.0.0.1:8080/a/b", true),
        ("http://localhost:80/", true),
        ("http://api.example.com", false),
        ("https://api.example.com:8443", false),
        ("https://api.example.com.attacker.example", false),
        ("https://api.example.com@attacker.example", false),
        ("https://attacker.example/https://api.example.com", false),
        ("https://attacker.example#https://api.example.com", false),
        ("https://sub.api.example.com", false),
        ("https://example.com", false),
        ("http://127.0.0.1", false),
        ("https://127.0.0.1:8080", false),
        ("/users", false),
        ("", false),
    ] {
        let given = json!({"origins": named, "url": url});
        file.add("H-21", CALL, url, given, json!({"allows": allows}));
    }
    for (name, origins) in [
        ("none", json!([])),
        ("an empty one", json!([""])),
        ("no scheme", json!(["api.example.com"])),
        ("http beyond loopback", json!(["http://api.example.com"])),
        ("a path", json!(["https://api.example.com/v1"])),
        ("a query", json!(["https://api.example.com?x"])),
        ("a fragment", json!(["https://api.example.com#x"])),
        ("a user name", json!(["https://user@api.example.com"])),
        ("another scheme", json!(["ftp://api.example.com"])),
        ("a star", json!(["*"])),
        (
            "a good one and a bad one",
            json!(["https://good.example.com", "https://api.example.com/v1"]),
        ),
    ] {
        let given = json!({"origins": origins, "url": "https://api.example.com"});
        file.add("H-21", CALL, name, given, json!({"code": "invalid_config", "field": "origins"}));
    }
}

fn scopes(file: &mut File) {
    const CALL: &str = "missing_scopes";
    for (scopes, wildcard_scopes, required, missing) in [
        (json!(["read:users"]), true, json!(["read:users"]), json!([])),
        (
            json!(["read:*"]),
            true,
            json!(["read:users", "write:users", "read:x"]),
            json!(["write:users"]),
        ),
        (json!(["read:*"]), false, json!(["read:users"]), json!(["read:users"])),
        (json!(["read:*"]), false, json!(["read:*"]), json!([])),
        (json!(["*", "*:*"]), true, json!(["read:users"]), json!(["read:users"])),
        (json!(["read:*"]), true, json!(["read", "read:"]), json!(["read", "read:"])),
        (json!([]), true, json!(["b", "a"]), json!(["b", "a"])),
        (json!(["a"]), false, json!([]), json!([])),
    ] {
        let name = format!("{scopes} for {required}, wildcards {wildcard_scopes}");
        let given =
            json!({"scopes": scopes, "wildcard_scopes": wildcard_scopes, "required": required});
        file.add("V-98", CALL, &name, given, json!({"missing": missing}));
    }
}

fn refusals(file: &mut File) {
    for (missing, challenge) in [
        (json!([]), r#"Bearer error="insufficient_scope""#),
        (json!(["read:users", "a"]), r#"Bearer error="insufficient_scope", scope="read:users a""#),
    ] {
        let refusal = refusal(403, Some(challenge), None, "insufficient_scope");
        let expect =
            json!({"code": "insufficient_scope", "missing_scopes": missing, "refusal": refusal});
        file.add(
            "V-83",
            "insufficient_scope",
            &missing.to_string(),
            json!({"missing": missing}),
            expect,
        );
    }
    // Each with all details set: the reason `expired`, the missing scope `read:users`, 1.5 s to wait.
    for code in [
        "invalid_config",
        "authentication",
        "permission_denied",
        "not_found",
        "conflict",
        "invalid_request",
        "rate_limited",
        "service",
        "network",
        "timeout",
        "unexpected_response",
        "outcome_unknown",
        "cancelled",
    ] {
        file.add("9", "error", code, json!({"code": code}), json!({"refusal": null}));
    }
    for (code, refusal) in [
        (
            "invalid_token",
            refusal(401, Some(r#"Bearer error="invalid_token""#), None, "invalid_token"),
        ),
        (
            "insufficient_scope",
            refusal(
                403,
                Some(r#"Bearer error="insufficient_scope", scope="read:users""#),
                None,
                "insufficient_scope",
            ),
        ),
        ("keys_unavailable", refusal(503, None, Some("2"), "keys_unavailable")),
    ] {
        file.add("9", "error", code, json!({"code": code}), json!({"refusal": refusal}));
    }
}
