//! Answers of token endpoints as they come: good tokens beside odd fields, errors in any status.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use stytch_m2m::{Client, Error, ErrorKind};

use crate::issuer::{NOON, at, at_noon, config, token_request};
use crate::server::{Act, Server};
use crate::tokens::source;

fn jwt(payload: &str) -> String {
    let encode = |part: &str| URL_SAFE_NO_PAD.encode(part);
    format!("{}.{}.c2ln", encode(r#"{"alg":"RS256"}"#), encode(payload))
}

fn answer(members: Value) -> Value {
    let mut answer = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 3600});
    for (name, value) in members.as_object().unwrap() {
        answer[name] = value.clone();
    }
    answer
}

async fn error_of(status: u16, body: &str) -> (Error, usize) {
    let server = Server::always(Act::json(status, body));
    let source = source(&server, at_noon().1);
    let error = source.get_token().await.unwrap_err();
    for _ in 0..10 {
        assert_eq!(source.get_token().await.unwrap_err().kind(), error.kind());
    }
    (error, server.requests())
}

#[tokio::test]
async fn a_good_token_is_handed_out_whatever_is_beside_it() {
    let odd = [json!(null), json!([]), json!({}), json!(7), json!(true), json!("x"), json!("")];
    let members = ["scope", "request_id", "status_code", "error", "refresh_token", "id_token"];
    for (name, value) in members.iter().flat_map(|name| odd.iter().map(move |odd| (name, odd))) {
        let body = answer(json!({ *name: value }));
        let server = Server::always(Act::json(200, &body.to_string()));
        let client = Client::new(config(server.url(), at_noon().1)).unwrap();
        let token = client.token(token_request()).await.unwrap();
        assert_eq!((token.access_token.expose(), token.expires_in), ("t", 3600), "{body}");
    }
}

#[tokio::test]
async fn answers_of_providers_are_tokens() {
    let apigee = json!({"token_type": "BearerToken", "expires_in": "1799", "scope": "",
        "issued_at": "1900000000000", "status": "approved"});
    let entra = json!({"expires_in": "3599", "expires_on": "1900003600", "ext_expires_in": "3599",
        "not_before": "1900000000", "resource": "api://orders"});
    let salesforce = json!({"expires_in": null, "issued_at": "1900000000000", "signature": "x",
        "instance_url": "https://acme.my.salesforce.com", "id": "https://login"});
    let keycloak = json!({"not-before-policy": 0, "refresh_expires_in": 0, "scope": "profile"});
    let twitch = json!({"scope": ["read", "write"], "token_type": "bearer"});
    for (body, lifetime, scopes) in [
        (apigee, 1799, Some(vec![])),
        (entra, 3599, None),
        (salesforce, 300, None),
        (keycloak, 3600, Some(vec!["profile"])),
        (twitch, 3600, Some(vec!["read", "write"])),
    ] {
        let body = answer(body);
        let server = Server::always(Act::json(200, &body.to_string()));
        let token = source(&server, at_noon().1).get_token().await.unwrap();
        assert_eq!(token.expires_in, lifetime, "{body}");
        let expected = scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect());
        assert_eq!(token.granted_scopes, expected, "{body}");
    }
}

#[tokio::test]
async fn a_token_type_that_is_not_bearer_is_named() {
    for (token_type, named) in [
        (json!("DPoP"), "token_type is DPoP: such a token is bound to a key"),
        (json!("mac"), "token_type is mac: such a token is bound to a key"),
        (json!("N_A"), "token_type is N_A, not Bearer"),
        (json!(null), "no token_type"),
        (json!(["Bearer"]), "token_type is not text"),
        (json!("a\u{1b}[31m"), r"token_type is a\u{1b}[31m, not Bearer"),
    ] {
        let body = answer(json!({ "token_type": token_type })).to_string();
        let (error, _) = error_of(200, &body).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.details().message.contains(named), "{error}");
    }
    let body = json!({"id_token": "canary", "token_type": "Bearer"}).to_string();
    let (error, _) = error_of(200, &body).await;
    assert!(error.details().message.contains("an id_token, but no access_token"), "{error}");
}

#[tokio::test]
async fn an_error_is_understood_in_any_status_and_is_not_asked_again_at_once() {
    let cases = [
        ("invalid_client", ErrorKind::Authentication),
        ("incorrect_client_credentials", ErrorKind::Authentication),
        ("unauthorized_client", ErrorKind::PermissionDenied),
        ("access_denied", ErrorKind::PermissionDenied),
        ("invalid_grant", ErrorKind::InvalidRequest),
        ("invalid_scope", ErrorKind::InvalidRequest),
        ("invalid_target", ErrorKind::InvalidRequest),
        ("unsupported_grant_type", ErrorKind::InvalidRequest),
    ];
    for status in [200, 203, 500, 503] {
        for (name, kind) in cases {
            let body = json!({"error": name, "error_description": "why", "access_token": null});
            let (error, requests) = error_of(status, &body.to_string()).await;
            assert_eq!(error.kind(), kind, "{status} {name}");
            let details = error.details();
            assert_eq!(details.status_code, Some(status));
            assert_eq!(details.error_type.as_deref(), Some(name));
            assert_eq!(details.error_message.as_deref(), Some("why"));
            assert_eq!(requests, 1, "{status} {name}");
            assert!(!error.is_transient());
        }
    }
    let (error, requests) = error_of(200, r#"{"error": "of_its_own"}"#).await;
    assert_eq!((error.kind(), requests), (ErrorKind::InvalidRequest, 1));
    let (error, _) = error_of(401, r#"{"error": "unauthorized_client"}"#).await;
    assert_eq!(error.kind(), ErrorKind::Authentication);
    let (error, _) = error_of(400, r#"{"error": "temporarily_unavailable"}"#).await;
    assert_eq!(error.kind(), ErrorKind::Service);
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_compressed_body_is_named() {
    let act = Act::Answer("200 OK\r\ncontent-encoding: br".into(), vec![0x1b, 0x03, 0x00]);
    let server = Server::always(act);
    let error = source(&server, at_noon().1).get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.details().message.contains("a compressed body (br)"), "{error}");
}

#[tokio::test]
async fn the_cached_token_does_not_outlive_the_exp_inside_it() {
    let until = |seconds: i64| jwt(&format!(r#"{{"exp":{}}}"#, NOON + seconds));
    for (token, lifetime) in [
        (until(600), 600),
        (until(7200), 3600),
        (jwt(&format!(r#"{{"exp":{}.5}}"#, NOON + 60)), 60),
        (jwt(r#"{"exp":"soon"}"#), 3600),
        (jwt(r#"{"exp":1e400}"#), 3600),
        (jwt(r#"{"exp":-1}"#), 3600),
        (jwt("no JSON"), 3600),
        // The clocks disagree.
        (until(-60), 3600),
        (format!("{}.d.e", until(600)), 3600),
    ] {
        let body = answer(json!({ "access_token": token })).to_string();
        let server = Server::always(Act::json(200, &body));
        let got = source(&server, at_noon().1).get_token().await.unwrap();
        assert_eq!(got.expires_in, lifetime, "{token}");
    }
}

#[tokio::test]
async fn the_exp_inside_a_token_is_compared_with_the_servers_clock() {
    // The server's clock is an hour behind ours.
    let date = httpdate::fmt_http_date(at(NOON - 3600));
    let body = answer(json!({ "access_token": jwt(&format!(r#"{{"exp":{}}}"#, NOON - 1800)) }));
    let server = Server::always(Act::with(200, &format!("date: {date}"), &body.to_string()));
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    assert_eq!(source.get_token().await.unwrap().expires_in, 1800);
    clock.advance(Duration::from_secs(1799));
    source.get_token().await.unwrap();
    assert_eq!(server.requests(), 2);
}

/// Some servers hand out one token with the full `expires_in` until it dies.
#[tokio::test]
async fn a_token_that_its_server_repeats_is_replaced_in_time() {
    let body = answer(json!({ "access_token": jwt(&format!(r#"{{"exp":{}}}"#, NOON + 3600)) }));
    let server = Server::always(Act::json(200, &body.to_string()));
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    source.get_token().await.unwrap();
    clock.advance(Duration::from_secs(1800));
    source.invalidate(source.get_token().await.unwrap().access_token.expose());
    let again = source.get_token().await.unwrap();
    assert_eq!(again.expires_in, 1800);
}
