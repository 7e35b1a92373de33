//! Token endpoints that fail, refuse, or answer strangely.

use std::time::Duration;

use serde_json::json;
use stytch_m2m::{Client, ErrorKind};

use crate::issuer::{at_noon, config, token_request};
use crate::server::{Act, Server};
use crate::tokens::{an_hour, source, token};

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn refused(error: &str) -> Act {
    let body = json!({"status_code": 400, "request_id": "r", "error": error,
        "error_description": "no", "error_uri": "https://example.com"});
    Act::json(400, &body.to_string())
}

#[tokio::test]
async fn a_failure_that_may_pass_is_remembered_for_its_backoff() {
    let (server, source, clock) = an_hour();
    server.does(Act::json(503, "{}"));
    let first = source.get_token().await.unwrap_err();
    assert_eq!(first.kind(), ErrorKind::Service);
    assert_eq!(server.requests(), 3);
    for _ in 0..100 {
        let again = source.get_token().await.unwrap_err();
        assert_eq!(again.kind(), ErrorKind::Service);
        assert!(again.details().retry_after.unwrap() <= Duration::from_millis(200));
    }
    assert_eq!(server.requests(), 3);
    server.recovers();
    clock.advance(Duration::from_millis(200));
    token(&source).await;
}

#[tokio::test]
async fn backoff_grows_to_5_seconds_while_callers_are_refused_and_no_further() {
    let (server, source, clock) = an_hour();
    server.does(Act::json(400, r#"{"error_type":"too_many_requests","status_code":429}"#));
    let mut asked_at = Vec::new();
    for second in 0_u64..1200 {
        let before = server.requests();
        assert_eq!(source.get_token().await.unwrap_err().kind(), ErrorKind::RateLimited);
        if server.requests() > before {
            asked_at.push(second);
        }
        clock.advance(seconds(1));
    }
    let pauses: Vec<_> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.iter().all(|pause| (1..=5).contains(pause)), "{pauses:?}");
    assert!(pauses.iter().rev().take(20).any(|pause| *pause > 2), "{pauses:?}");
}

#[tokio::test]
async fn backoff_grows_to_a_minute_while_a_token_is_at_hand() {
    let server = crate::tokens::token_server(86_400);
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    token(&source).await;
    server.does(Act::json(400, r#"{"error_type":"too_many_requests","status_code":429}"#));
    // From here on it is refreshed ahead.
    clock.advance(seconds(86_400 - 230));
    let mut asked = 0;
    for _ in 0..190 {
        assert_eq!(token(&source).await, "token-0");
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        clock.advance(seconds(1));
        asked = server.requests() - 1;
    }
    assert!((1..=20).contains(&asked), "{asked} requests in 190 s");
}

#[tokio::test]
async fn retry_after_is_honoured_in_seconds_and_as_a_date() {
    let date = httpdate::fmt_http_date(crate::issuer::at(crate::issuer::NOON + 120));
    for header in ["retry-after: 120".to_owned(), format!("retry-after: {date}")] {
        let (server, source, clock) = an_hour();
        server.does(Act::with(429, &header, "{}"));
        let error = source.get_token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.details().retry_after, Some(seconds(120)));
        server.recovers();
        clock.advance(seconds(119));
        let error = source.get_token().await.unwrap_err();
        assert_eq!(error.details().retry_after, Some(seconds(1)));
        assert_eq!(server.requests(), 1);
        clock.advance(seconds(1));
        token(&source).await;
    }
}

#[tokio::test]
async fn a_server_that_is_away_for_longer_is_probed_every_5_seconds_while_no_token_is_at_hand() {
    let (server, source, clock) = an_hour();
    server.does(Act::with(503, "retry-after: 3600", ""));
    let error = source.get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    let requests = server.requests();
    server.recovers();
    clock.advance(Duration::from_millis(4900));
    let error = source.get_token().await.unwrap_err();
    let wait = error.details().retry_after.unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_millis(100), "{wait:?}");
    assert_eq!(server.requests(), requests);
    clock.advance(Duration::from_millis(100));
    token(&source).await;
}

#[tokio::test]
async fn a_refusal_is_remembered_for_ten_seconds_and_no_longer() {
    for error in ["invalid_client", "unauthorized_client", "invalid_scope", "invalid_request"] {
        let (server, source, clock) = an_hour();
        server.does(refused(error));
        for _ in 0..100 {
            let refusal = source.get_token().await.unwrap_err();
            assert_eq!(refusal.details().error_type.as_deref(), Some(error));
        }
        assert_eq!(server.requests(), 1, "not repeated");
        server.recovers();
        clock.advance(Duration::from_millis(9900));
        source.get_token().await.unwrap_err();
        clock.advance(Duration::from_millis(100));
        token(&source).await;
    }
}

#[tokio::test]
async fn a_failing_refresh_never_displaces_a_valid_token() {
    for outage in [Act::Reset, Act::json(500, "{}"), refused("invalid_client")] {
        let (server, source, clock) = an_hour();
        token(&source).await;
        server.does(outage);
        clock.advance(seconds(3600 - 200));
        for _ in 0..160 {
            assert_eq!(token(&source).await, "token-0");
            clock.advance(seconds(1));
        }
    }
}

#[tokio::test]
async fn the_old_token_is_the_last_resort_unless_it_was_refused_a_successor() {
    let (server, source, clock) = an_hour();
    token(&source).await;
    server.does(Act::json(500, "{}"));
    clock.advance(seconds(3600 - 6));
    assert_eq!(token(&source).await, "token-0");
    assert!(source.stats().stale_served >= 1);
    clock.advance(seconds(2));
    assert_eq!(source.get_token().await.unwrap_err().kind(), ErrorKind::Service);

    let (server, source, clock) = an_hour();
    token(&source).await;
    server.does(refused("invalid_client"));
    clock.advance(seconds(3600 - 6));
    assert_eq!(source.get_token().await.unwrap_err().kind(), ErrorKind::Authentication);
}

#[tokio::test]
async fn answers_that_are_no_token_are_refused() {
    let long = "t".repeat((16 << 10) + 1);
    let answers = [
        json!({"access_token": "", "token_type": "bearer", "expires_in": 60}),
        json!({"access_token": "canary\r\nx: y", "token_type": "bearer", "expires_in": 60}),
        json!({"access_token": "canaryä", "token_type": "bearer", "expires_in": 60}),
        json!({"access_token": long, "token_type": "bearer", "expires_in": 60}),
        json!({"access_token": "canary", "token_type": "mac", "expires_in": 60}),
        json!({"access_token": "canary", "expires_in": 60}),
        json!({"token_type": "bearer", "expires_in": 60}),
    ];
    for answer in answers {
        let server = Server::always(Act::json(200, &answer.to_string()));
        let source = source(&server, at_noon().1);
        let error = source.get_token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{answer}");
        assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn lifetimes_come_in_many_spellings() {
    for (expires_in, expected) in [
        (json!(3600), 3600),
        (json!(3600.9), 3600),
        (json!("3600"), 3600),
        (json!(null), 300),
        (json!(0.5), 1),
        (json!(0), 300),
        (json!(-1), 300),
        (json!("NaN"), 300),
        (json!("soon"), 300),
        (json!([60]), 300),
        (json!(true), 300),
        (json!(1_000_000), 86_400),
    ] {
        let answer = json!({"access_token": "t", "token_type": "Bearer", "scope": "a b",
            "expires_in": expires_in});
        let server = Server::always(Act::json(200, &answer.to_string()));
        let client = Client::new(config(server.url(), at_noon().1)).unwrap();
        let token = client.token(token_request()).await.unwrap();
        assert_eq!(token.expires_in, expected, "{expires_in}");
        assert_eq!(token.granted_scopes, Some(vec!["a".to_owned(), "b".to_owned()]));
    }
}
