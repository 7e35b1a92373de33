//! The key set under load: how many fetches, and whom they refuse.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use stytch_m2m::internals::Clock;
use stytch_m2m::{Client, ErrorKind, InvalidTokenReason};
use tokio::time::Instant;

use crate::issuer::{Key, NOON, PROJECT, at_noon, config, jwks, unsigned};
use crate::server::{Act, Server};

/// A project whose keys are `key` alone, and a client whose clock stands at noon.
fn project(key: &Key) -> (Server, Client, Clock) {
    let server = Server::always(Act::with(200, "cache-control: max-age=900", &jwks(&[key])));
    let (clock, transport) = at_noon();
    let client = Client::new(config(server.url(), transport)).unwrap();
    (server, client, clock)
}

async fn accepts(client: &Client, token: &str) {
    client.authenticate_token(token, &Default::default()).await.unwrap();
}

/// Ten minutes of tokens whose key ids nobody knows, with a good one in between. Returns the
/// requests that the server saw.
async fn flood(outage: Option<Act>) -> usize {
    // As many as a debug build can judge in reasonable time; the clock is what counts.
    let a_second = std::env::var("FLOOD_A_SECOND").map_or(200, |n| n.parse().unwrap());
    let key = Key::generate("known");
    let (server, client, clock) = project(&key);
    let good = key.token(NOON);
    accepts(&client, &good).await;
    let is_up = outage.is_none();
    if let Some(outage) = outage {
        server.does(outage);
    }
    let options = Default::default();
    for second in 0..600 {
        let bogus: Vec<_> =
            (0..a_second).map(|n| unsigned(PROJECT, &format!("{second}-{n}"))).collect();
        let calls = bogus.iter().map(|token| client.authenticate_token(token, &options));
        for refused in join_all(calls).await {
            let kind = refused.unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::InvalidToken | ErrorKind::KeysUnavailable));
        }
        accepts(&client, &good).await;
        clock.advance(Duration::from_secs(1));
    }
    let health = &client.verifier().health()[0];
    assert!(health.unknown_kids >= 600 * a_second as u64);
    assert!(!is_up || health.cooldown_hits > health.unknown_kids / 2);
    println!("{} unknown key ids, {} fetches", health.unknown_kids, server.requests());
    server.requests()
}

#[tokio::test]
async fn ten_minutes_of_unknown_kids_cause_at_most_62_fetches() {
    let fetches = flood(None).await;
    assert!((60..=62).contains(&fetches), "{fetches} fetches");
}

#[tokio::test]
async fn ten_minutes_of_unknown_kids_in_an_outage_cause_ever_fewer_fetches() {
    let fetches = flood(Some(Act::json(503, ""))).await;
    assert!((60..=602).contains(&fetches), "{fetches} fetches");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn unknown_kids_on_many_threads_cause_no_more_fetches_than_allowed() {
    let key = Key::generate("known");
    let (server, client, _) = project(&key);
    let client = Arc::new(client);
    accepts(&client, &key.token(NOON)).await;
    let calls = (0..2000).map(|n| {
        let client = Arc::clone(&client);
        tokio::spawn(async move {
            let token = unsigned(PROJECT, &format!("unknown-{n}"));
            client.authenticate_token(&token, &Default::default()).await.unwrap_err()
        })
    });
    for refused in join_all(calls).await {
        let error = refused.unwrap();
        let details = error.details();
        match error.kind() {
            // It was asked for, or a fetch began after it came.
            ErrorKind::InvalidToken => {
                assert_eq!(details.reason, Some(InvalidTokenReason::KeyNotFound));
            }
            // It was not, and may not be before the allowance is back.
            kind => {
                assert_eq!(kind, ErrorKind::KeysUnavailable);
                assert!(details.retry_after.unwrap() <= Duration::from_secs(10));
            }
        }
    }
    assert_eq!(server.requests(), 3, "the first, and the burst of two");
}

#[tokio::test]
async fn a_key_id_that_was_not_asked_for_is_not_refused_but_told_to_come_again() {
    let key = Key::generate("known");
    let (server, client, clock) = project(&key);
    accepts(&client, &key.token(NOON)).await;
    let judge = async |kid: &str| {
        let token = unsigned(PROJECT, kid);
        client.authenticate_token(&token, &Default::default()).await.unwrap_err()
    };
    for asked in ["a", "b"] {
        assert_eq!(judge(asked).await.details().reason, Some(InvalidTokenReason::KeyNotFound));
    }
    let seconds = Duration::from_secs;
    clock.advance(seconds(4));
    let error = judge("c").await;
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable, "{error}");
    assert_eq!(error.details().retry_after, Some(seconds(6)));
    assert_eq!(judge("a").await.details().reason, Some(InvalidTokenReason::KeyNotFound));
    assert_eq!(server.requests(), 3);
    clock.advance(seconds(6));
    assert_eq!(judge("c").await.details().reason, Some(InvalidTokenReason::KeyNotFound));
    assert_eq!(server.requests(), 4);
}

#[tokio::test]
async fn failed_fetches_do_not_use_up_what_unknown_key_ids_may_cause() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let (server, client, clock) = project(&old);
    accepts(&client, &old.token(NOON)).await;
    server.does(Act::Reset);
    for _ in 0..10 {
        let error = client.authenticate_token(&new.token(NOON), &Default::default()).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::KeysUnavailable);
        clock.advance(Duration::from_millis(400));
    }
    server.does(Act::json(200, &jwks(&[&old, &new])));
    accepts(&client, &new.token(NOON)).await;
}

/// As wrappers do that try without waiting first.
#[tokio::test]
async fn an_unknown_kid_is_counted_once_however_it_is_judged() {
    let key = Key::generate("known");
    let (server, client, _) = project(&key);
    accepts(&client, &key.token(NOON)).await;
    let (token, options) = (unsigned(PROJECT, "unknown"), Default::default());
    for judged in 1..=3 {
        if client.verifier().authenticate_token_now(&token, &options).is_none() {
            client.authenticate_token(&token, &options).await.unwrap_err();
        }
        assert_eq!(client.verifier().health()[0].unknown_kids, judged);
    }
    assert_eq!(server.requests(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_concurrent_cold_verifications_make_one_fetch() {
    let key = Key::generate("known");
    let (server, client, _) = project(&key);
    let token: Arc<str> = key.token(NOON).into();
    let calls = (0..1000).map(|_| {
        let (client, token) = (client.clone(), Arc::clone(&token));
        tokio::spawn(async move { accepts(&client, &token).await })
    });
    for accepted in join_all(calls).await {
        accepted.unwrap();
    }
    assert_eq!(server.requests(), 1);
    let stats = client.stats().keys;
    assert_eq!(stats.refreshes, 1);
    assert_eq!(stats.hits + stats.misses, 1000);
}

#[tokio::test]
async fn a_cancelled_first_caller_fails_nobody() {
    let key = Key::generate("known");
    let (server, client, _) = project(&key);
    let (token, options) = (key.token(NOON), Default::default());
    {
        let first = client.authenticate_token(&token, &options);
        tokio::select! {
            biased;
            _ = first => panic!("it has to wait for the keys"),
            () = tokio::task::yield_now() => {}
        }
    }
    accepts(&client, &token).await;
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_unknown_kid_during_an_outage_refuses_no_valid_token() {
    let key = Key::generate("known");
    let (server, client, clock) = project(&key);
    let good = key.token(NOON);
    accepts(&client, &good).await;
    for outage in [Act::Reset, Act::json(503, ""), Act::json(200, r#"{"keys":[]}"#)] {
        server.does(outage);
        let token = unsigned(PROJECT, "unknown");
        let error = client.authenticate_token(&token, &Default::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeysUnavailable, "nobody can say: {error}");
        accepts(&client, &good).await;
        clock.advance(Duration::from_secs(70));
    }
}

#[tokio::test]
async fn a_rotation_is_picked_up_by_the_first_new_token_with_one_fetch() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let (server, client, _) = project(&old);
    accepts(&client, &old.token(NOON)).await;
    server.does(Act::json(200, &jwks(&[&old, &new])));
    accepts(&client, &new.token(NOON)).await;
    assert_eq!(server.requests(), 2);
    accepts(&client, &old.token(NOON)).await;
    accepts(&client, &new.token(NOON)).await;
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_key_that_is_withdrawn_is_dropped_with_the_next_fetch() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let (server, client, _) = project(&old);
    accepts(&client, &old.token(NOON)).await;
    server.does(Act::json(200, &jwks(&[&new])));
    accepts(&client, &new.token(NOON)).await;
    let error = client.authenticate_token(&old.token(NOON), &Default::default()).await.unwrap_err();
    assert_eq!(error.details().reason, Some(InvalidTokenReason::KeyNotFound));
}

#[tokio::test]
async fn tokens_that_no_key_could_help_cause_no_fetch() {
    let key = Key::generate("known");
    let (server, client, _) = project(&key);
    let good = key.token(NOON);
    let (_, rest) = good.split_once('.').unwrap();
    for token in [
        "".to_owned(),
        "a.b.c".to_owned(),
        unsigned("project-test-another", "known"),
        format!("{}.{rest}", "A".repeat(20_000)),
        // {"alg":"RS256","typ":"JWT"}: no kid.
        format!("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{rest}"),
        // {"alg":"none","kid":"known","typ":"JWT"}
        format!("eyJhbGciOiJub25lIiwia2lkIjoia25vd24iLCJ0eXAiOiJKV1QifQ.{rest}"),
    ] {
        let error = client.authenticate_token(&token, &Default::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidToken, "{token}");
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_hung_key_server_costs_five_seconds_at_most() {
    let server = Server::always(Act::Hold);
    let client = Client::new(config(server.url(), Default::default())).unwrap();
    let started = Instant::now();
    let token = unsigned(PROJECT, "k");
    let error = client.authenticate_token(&token, &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
    assert!(started.elapsed() < Duration::from_millis(5500), "{:?}", started.elapsed());
    // Nobody else waits while the backoff lasts.
    let started = Instant::now();
    let error = client.authenticate_token(&token, &Default::default()).await.unwrap_err();
    assert!(error.details().retry_after.is_some());
    assert!(started.elapsed() < Duration::from_millis(100), "{:?}", started.elapsed());
}
