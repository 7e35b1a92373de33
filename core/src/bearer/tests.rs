use std::time::Duration;

use super::token_from_authorization_header as token;
use super::{Origins, refuses_token, token_from_authorization_headers};
use crate::error::{Error, ErrorKind};

fn code(values: &[&str]) -> &'static str {
    let error = token_from_authorization_headers(values.iter().copied()).unwrap_err();
    error.details().reason.unwrap().code()
}

#[test]
fn two_authorization_headers_are_refused_even_if_they_are_equal() {
    assert_eq!(token_from_authorization_headers(["Bearer a.b.c"]).unwrap(), "a.b.c");
    assert_eq!(code(&[]), "missing");
    assert_eq!(code(&["Bearer a.b.c", "Bearer a.b.c"]), "malformed");
    assert_eq!(code(&["Bearer a.b.c", ""]), "malformed");
    assert_eq!(code(&["Basic eDp5", "Bearer a.b.c"]), "malformed");
}

#[test]
fn only_a_bearer_challenge_with_invalid_token_refuses_a_token() {
    for refusing in [
        &[r#"Bearer error="invalid_token""#][..],
        &["Bearer error=invalid_token"],
        &[r#"bearer realm="a, b", ERROR="invalid_token", error_description="x""#],
        &[r#"Basic realm="x", Bearer realm="y", error="invalid_token""#],
        &[r#"DPoP algs="ES256""#, r#"Bearer error="invalid_token""#],
        &[r#"Bearer error="invalid_\token""#],
    ] {
        assert!(refuses_token(401, refusing.iter().copied()), "{refusing:?}");
        assert!(!refuses_token(403, refusing.iter().copied()), "{refusing:?}");
    }
    for other in [
        &[][..],
        &[""],
        &["Bearer"],
        &[r#"Bearer error="insufficient_scope""#],
        &[r#"DPoP error="invalid_token""#],
        &[r#"Basic realm="Bearer error=invalid_token""#],
        &[r#"Bearer realm="error=\"invalid_token\"""#],
        &[r#"Bearer error_description="invalid_token""#],
        &[r#"Bearer error="Invalid_Token""#],
        &[r#"Bearer realm="x", DPoP error="invalid_token""#],
        &["error=\"invalid_token\""],
    ] {
        assert!(!refuses_token(401, other.iter().copied()), "{other:?}");
    }
}

#[test]
fn origins_are_compared_as_urls_and_not_as_text() {
    let origins = Origins::new(["https://API.example.com", "http://127.0.0.1:8080/"]).unwrap();
    for allowed in [
        "https://api.example.com",
        "https://api.example.com:443/users?x=1#y",
        "HTTPS://Api.Example.Com/",
        "http://127.0.0.1:8080/a/b",
    ] {
        assert!(origins.allows(allowed), "{allowed}");
    }
    for other in [
        "http://api.example.com",
        "https://api.example.com:8443",
        "https://api.example.com.attacker.example",
        "https://api.example.com@attacker.example",
        "https://attacker.example/https://api.example.com",
        "https://sub.api.example.com",
        "http://127.0.0.1",
        "/users",
        "",
        "data:text/plain,x",
    ] {
        assert!(!origins.allows(other), "{other}");
    }
}

#[test]
fn what_is_no_origin_is_found_when_the_list_is_made() {
    for bad in [
        "",
        "api.example.com",
        "http://api.example.com",
        "https://api.example.com/v1",
        "https://api.example.com?x",
        "https://api.example.com#x",
        "https://user@api.example.com",
        "ftp://api.example.com",
        "*",
        "https://*.example.com",
        "https://*",
    ] {
        let error = Origins::new(["https://good.example.com", bad]).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("origins"), "{bad}");
    }
    let error = Origins::new(Vec::<String>::new()).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("origins"));
}

#[test]
fn a_refusal_says_a_code_and_no_more() {
    let unavailable = Error::new(ErrorKind::KeysUnavailable, "host-name.internal: no route")
        .with(|d| d.retry_after = Some(Duration::from_millis(4200)));
    let refusal = unavailable.refusal().unwrap();
    assert_eq!(refusal.status, 503);
    assert_eq!(refusal.body, r#"{"error":"keys_unavailable"}"#);
    let headers: Vec<_> = refusal.headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
    let wanted = ["Retry-After: 5", "Cache-Control: no-store", "Content-Type: application/json"];
    assert_eq!(headers, wanted);
    for kind in ErrorKind::ALL {
        let refusal = Error::new(kind, "secret").refusal();
        let refused = matches!(
            kind,
            ErrorKind::InvalidToken | ErrorKind::InsufficientScope | ErrorKind::KeysUnavailable
        );
        assert_eq!(refusal.is_some(), refused, "{kind:?}");
        assert!(refusal.is_none_or(|r| !format!("{r:?}").contains("secret")));
    }
}

#[test]
fn the_scheme_is_read_in_any_case_and_once() {
    for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c", " Bearer a.b.c "] {
        assert_eq!(token(Some(value)).unwrap(), "a.b.c", "{value}");
    }
    for (value, reason, challenge) in [
        (None, "missing", "Bearer"),
        (Some(""), "missing", "Bearer"),
        (Some("Basic a.b.c"), "missing", "Bearer"),
        (Some("Bearera.b.c"), "missing", "Bearer"),
        (Some("a.b.c"), "missing", "Bearer"),
        (Some("Bearer"), "malformed", r#"Bearer error="invalid_token""#),
        (Some("Bearer  "), "malformed", r#"Bearer error="invalid_token""#),
        (Some("Bearer Bearer a.b.c"), "malformed", r#"Bearer error="invalid_token""#),
        (Some("Bearer a.b.c, Bearer d.e.f"), "malformed", r#"Bearer error="invalid_token""#),
    ] {
        let error = token(value).unwrap_err();
        assert_eq!(error.details().reason.unwrap().code(), reason, "{value:?}");
        assert_eq!(error.www_authenticate().unwrap(), challenge, "{value:?}");
        assert_eq!(error.http_status(), 401);
    }
}
