//! A store that is away, slow or gone costs no caller a token.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stytch_m2m::TokenRequest;
use tokio::time::Instant;

use crate::issuer::token_request;
use crate::redis_server::Redis;
use crate::sharing::{client, process, token, token_server};

/// A store that takes connections and never answers, and how many it took.
fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let taken = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&taken);
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    (url, taken)
}

#[tokio::test]
async fn without_a_store_each_process_fetches_for_itself() {
    let server = token_server();
    for n in 0..3 {
        let (source, _) = process(&server, "redis://127.0.0.1:1");
        assert_eq!(token(&source).await, format!("token-canary-{n}"));
    }
}

#[tokio::test]
async fn a_silent_store_costs_150_ms_a_refresh() {
    let server = token_server();
    let (url, taken) = silent();
    let (source, clock) = process(&server, &url);
    let mut refreshes = 0..;
    let mut refresh = async || {
        let n = refreshes.next().unwrap();
        let started = Instant::now();
        assert_eq!(token(&source).await, format!("token-canary-{n}"));
        clock.advance(Duration::from_secs(3595));
        started.elapsed()
    };
    refresh().await;
    for _ in 0..4 {
        let took = refresh().await;
        assert!(
            took >= Duration::from_millis(140) && took < Duration::from_millis(400),
            "{took:?}"
        );
    }
    let connections = taken.load(Ordering::SeqCst);
    assert!((1..=5).contains(&connections), "{connections}: in the background, for 2 s each");
}

#[tokio::test]
async fn after_five_failures_the_store_is_not_asked_for_half_a_minute() {
    let server = token_server();
    let (url, taken) = silent();
    let (client, clock) = client(&server, &url);
    let fetch = async |n: usize| {
        let request = TokenRequest { client_id: format!("client-{n}"), ..token_request() };
        let started = Instant::now();
        client.token(request).await.unwrap();
        started.elapsed() >= Duration::from_millis(140)
    };
    for n in 1..=5 {
        assert!(fetch(n).await, "it waits for the store");
    }
    clock.advance(Duration::from_secs(29));
    assert!(!fetch(6).await, "left alone");
    clock.advance(Duration::from_secs(1));
    assert!(fetch(7).await, "tried again");
    assert!(!fetch(8).await, "and left alone again");
    assert!(taken.load(Ordering::SeqCst) >= 1);
}

#[tokio::test]
async fn a_store_that_was_restarted_is_used_again_at_once() {
    let Some(mut redis) = Redis::start() else { return };
    let server = token_server();
    let (source, clock) = process(&server, &redis.url());
    assert_eq!(token(&source).await, "token-canary-0");
    redis.kill();
    clock.advance(Duration::from_secs(3600));
    assert_eq!(token(&source).await, "token-canary-1");
    redis.start_again();
    clock.advance(Duration::from_secs(3600));
    assert_eq!(token(&source).await, "token-canary-2");
    assert_eq!(redis.names().len(), 1);
    let (other, clock) = process(&server, &redis.url());
    clock.advance(Duration::from_secs(7200));
    assert_eq!(token(&other).await, "token-canary-2");
}
