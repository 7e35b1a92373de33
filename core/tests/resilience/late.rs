//! Fetches that were given up for lost and come back all the same.

use std::time::Duration;

use stytch_m2m::Client;

use crate::issuer::{Key, NOON, at_noon, config, eventually, jwks};
use crate::server::{Act, Release, Server};
use crate::tokens::{source, token, token_server};

/// Longer than any fetch takes.
const LOST: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_key_set_that_comes_late_does_not_replace_a_newer_one() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let (clock, transport) = at_noon();
    let release = Release::default();
    let late = Act::When(release.clone(), Box::new(Act::json(200, &jwks(&[&old]))));
    let server = Server::script(vec![late, Act::json(200, &jwks(&[&new]))]);
    let client = Client::new(config(server.url(), transport)).unwrap();
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.verifier().warm_up().await }
    });
    eventually(|| server.requests() == 1).await;
    clock.advance(LOST);
    client.authenticate_token(&new.token(NOON), &Default::default()).await.unwrap();
    let fetched_at = client.verifier().health()[0].fetched_at;
    release.now();
    first.await.unwrap().unwrap();
    client.authenticate_token(&new.token(NOON), &Default::default()).await.unwrap();
    assert_eq!(client.verifier().health()[0].fetched_at, fetched_at);
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_failure_that_comes_late_is_not_held_against_the_server() {
    let key = Key::generate("known");
    let (clock, transport) = at_noon();
    let release = Release::default();
    let late = Act::When(release.clone(), Box::new(Act::json(500, "{}")));
    let server = Server::script(vec![late, Act::json(200, &jwks(&[&key]))]);
    let client = Client::new(config(server.url(), transport)).unwrap();
    let first = tokio::spawn({
        let client = client.clone();
        async move { client.verifier().warm_up().await }
    });
    eventually(|| server.requests() == 1).await;
    clock.advance(LOST);
    client.verifier().warm_up().await.unwrap();
    release.now();
    first.await.unwrap().unwrap_err();
    let health = &client.verifier().health()[0];
    assert_eq!((health.failures, health.last_failure), (0, None));
}

#[tokio::test]
async fn a_seed_replaces_an_older_set_alone_whatever_the_wall_clock_did() {
    let (old, new) = (Key::generate("old"), Key::generate("new"));
    let (clock, transport) = at_noon();
    let server = Server::always(Act::json(200, &jwks(&[&new])));
    let client = Client::new(config(server.url(), transport)).unwrap();
    client.verifier().warm_up().await.unwrap();
    let seed_of = |before: u64| {
        let fetched_at = crate::issuer::at(NOON) - Duration::from_secs(before);
        client.verifier().seed_jwks(None, &jwks(&[&old]), fetched_at).unwrap();
    };
    seed_of(1);
    client.authenticate_token(&new.token(NOON), &Default::default()).await.unwrap();
    // The wall clock was an hour ahead when the set was fetched, and is right now.
    clock.advance_wall(-3_600_000);
    clock.advance(Duration::from_secs(60));
    seed_of(3600 - 30);
    client.authenticate_token(&old.token(NOON - 3600), &Default::default()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_comes_late_does_not_replace_a_newer_one() {
    let (clock, transport) = at_noon();
    let release = Release::default();
    let server = token_server(3600);
    let source = source(&server, transport);
    let first = r#"{"access_token":"late","token_type":"bearer","expires_in":3600}"#;
    server.does_once(Act::When(release.clone(), Box::new(Act::json(200, first))));
    let late = tokio::spawn({
        let source = source.clone();
        async move { source.get_token().await }
    });
    eventually(|| server.requests() == 1).await;
    clock.advance(LOST);
    assert_eq!(token(&source).await, "token-1");
    release.now();
    assert_eq!(late.await.unwrap().unwrap().access_token.expose(), "late");
    assert_eq!(token(&source).await, "token-1");
    assert_eq!(server.requests(), 2);
}
