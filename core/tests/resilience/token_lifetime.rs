//! Tokens over time, by both clocks.

use std::collections::BTreeSet;
use std::time::Duration;

use stytch_m2m::{Client, TokenRequest};

use crate::issuer::{NOON, at, at_noon, config, eventually, token_request};
use crate::server::Act;
use crate::tokens::{an_hour, source, token, token_server};

const MINUTE: u64 = 60;

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test]
async fn expires_in_is_what_remains() {
    let (_server, source, clock) = an_hour();
    let first = source.get_token().await.unwrap();
    assert_eq!((first.expires_in, first.expires_at), (3600, at(NOON + 3600)));
    clock.advance(seconds(600));
    let later = source.get_token().await.unwrap();
    assert_eq!((later.expires_in, later.expires_at), (3000, first.expires_at));
}

#[tokio::test]
async fn a_token_is_refreshed_ahead_in_the_background() {
    let (server, source, clock) = an_hour();
    token(&source).await;
    // Five minutes before it expires, give or take a fifth.
    clock.advance(seconds(54 * MINUTE - 1));
    assert_eq!(token(&source).await, "token-0");
    assert_eq!(server.requests(), 1);
    clock.advance(seconds(2 * MINUTE + 2));
    for _ in 0..100 {
        assert_eq!(token(&source).await, "token-0", "nobody waits");
    }
    eventually(|| source.stats().refreshes == 2).await;
    assert_eq!(token(&source).await, "token-1");
    assert_eq!(server.requests(), 2);
    assert_eq!((source.stats().misses, source.stats().stale_served), (1, 0));
}

#[tokio::test]
async fn tokens_fetched_together_are_not_refreshed_together() {
    let server = token_server(3600);
    let (clock, transport) = at_noon();
    let client = Client::new(config(server.url(), transport)).unwrap();
    let request = |n| TokenRequest { client_id: format!("client-{n}"), ..token_request() };
    let fetch_all = async || {
        for n in 0..20 {
            client.token(request(n)).await.unwrap();
        }
    };
    fetch_all().await;
    clock.advance(seconds(53 * MINUTE));
    for _ in 0..19 {
        clock.advance(seconds(10));
        fetch_all().await;
        // Requests that start now note the time before they are sent.
        tokio::task::yield_now().await;
    }
    let ends = || -> BTreeSet<_> {
        let requests = (0..20).map(request);
        requests.map(|request| client.cached_token(&request).unwrap().expires_at).collect()
    };
    eventually(|| !ends().contains(&at(NOON + 3600))).await;
    let ends = ends();
    assert!(ends.len() > 4, "{} moments of refresh", ends.len());
}

#[tokio::test]
async fn near_its_end_a_token_is_replaced_first() {
    let (server, source, clock) = an_hour();
    token(&source).await;
    clock.advance(seconds(3600 - 30));
    assert!(source.cached_token().is_none());
    assert_eq!(token(&source).await, "token-1");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn ten_minutes_without_the_endpoint_cost_nobody_a_valid_token() {
    let (server, source, clock) = an_hour();
    token(&source).await;
    clock.advance(seconds(3600 - 5 - 10 * MINUTE));
    server.does(Act::json(503, "{}"));
    let mut served = 0;
    for second in 0..10 * MINUTE {
        for _ in 0..5 {
            assert_eq!(token(&source).await, "token-0");
            served += 1;
        }
        if second == 6 * MINUTE + 10 {
            // Within the time in which it is refreshed ahead, which fails.
            eventually(|| source.stats().failures > 0).await;
        }
        clock.advance(seconds(1));
    }
    println!("{served} calls in ten minutes of outage, none failed");
    assert!(source.stats().stale_served > 0);

    server.recovers();
    clock.advance(seconds(5 + MINUTE));
    assert!(token(&source).await.starts_with("token-"));
    assert_eq!(source.get_token().await.unwrap().expires_in, 3600);
}

#[tokio::test]
async fn tokens_of_30_seconds_cause_no_storm() {
    let server = token_server(30);
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    for _ in 0..600 {
        for _ in 0..20 {
            assert!(source.get_token().await.unwrap().expires_in > 0);
        }
        clock.advance(seconds(1));
    }
    println!("{} requests for 12,000 calls in ten minutes", server.requests());
    assert!((20..=27).contains(&server.requests()), "{} requests", server.requests());
}

#[tokio::test]
async fn tokens_that_hardly_live_are_served_and_asked_for_once_a_second() {
    let server = token_server(1);
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    for second in 1..=60 {
        for _ in 0..4 {
            for _ in 0..20 {
                token(&source).await;
            }
            clock.advance(Duration::from_millis(250));
        }
        assert!(server.requests() <= second + 1, "{} in {second} s", server.requests());
    }
}

#[tokio::test]
async fn whichever_clock_says_more_counts() {
    // The machine slept: the monotonic clock stood still.
    let (_server, source, clock) = an_hour();
    token(&source).await;
    clock.advance_wall(3600 * 1000);
    assert_eq!(token(&source).await, "token-1");

    // The wall clock was set back: the monotonic one still tells the age.
    let (_server, source, clock) = an_hour();
    token(&source).await;
    clock.advance_wall(-7200 * 1000);
    assert_eq!(token(&source).await, "token-0");
    clock.advance(seconds(3590));
    assert_eq!(token(&source).await, "token-1");
}
