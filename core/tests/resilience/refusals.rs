//! Tokens that resource servers refuse, and what that costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::issuer::{at_noon, eventually};
use crate::server::{Act, Server};
use crate::tokens::{an_hour, source, token};

#[tokio::test]
async fn a_server_that_refuses_every_token_causes_ever_fewer_purchases() {
    let (server, source, clock) = an_hour();
    let mut bought_at = Vec::new();
    for second in 0..3600_u64 {
        let before = server.requests();
        for _ in 0..5 {
            let current = token(&source).await;
            source.invalidate(&current);
        }
        if server.requests() > before {
            bought_at.push(second);
        }
        clock.advance(Duration::from_secs(1));
    }
    println!("bought in the seconds {bought_at:?}");
    assert_eq!(bought_at[..4], [0, 1, 3, 7], "at once, and then ever later");
    let pauses = bought_at.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(pauses.clone().all(|pause| pause <= 61));
    assert!(bought_at.len() <= 67, "{} tokens in an hour", bought_at.len());
}

#[tokio::test]
async fn a_token_that_was_good_for_a_minute_is_replaced_at_once_when_it_is_refused() {
    let (server, source, clock) = an_hour();
    for round in 1..=5 {
        for _ in 0..10 {
            let current = token(&source).await;
            source.invalidate(&current);
        }
        assert_eq!(server.requests(), round + 1, "the first, and one a refusal");
        clock.advance(Duration::from_secs(60));
    }
}

/// A token endpoint that hands out the same token until `changed_at`, in the clock's seconds.
fn stubborn(now: &Arc<AtomicU64>, changed_at: u64) -> Server {
    let now = Arc::clone(now);
    Server::start(move |_| {
        let name = if now.load(Ordering::SeqCst) < changed_at { "same" } else { "new" };
        let answer =
            format!(r#"{{"access_token":"{name}","token_type":"bearer","expires_in":3600}}"#);
        Act::json(200, &answer)
    })
}

/// As the HTTP plugs do: a request with the token, and after a refusal another with the next one.
#[tokio::test]
async fn a_new_token_is_taken_up_soon_although_the_refused_one_was_handed_out_again() {
    for changed_at in [0_u64, 1, 2, 5, 9, 20, 60] {
        let now = Arc::<AtomicU64>::default();
        let server = stubborn(&now, changed_at * 10);
        let (clock, transport) = at_noon();
        let source = source(&server, transport);
        token(&source).await;
        let mut good_at = None;
        for tenth in 0..1200_u64 {
            now.store(tenth, Ordering::SeqCst);
            let current = token(&source).await;
            if current == "same" {
                source.invalidate(&current);
                let _ = token(&source).await;
            } else {
                good_at = Some(tenth);
                break;
            }
            clock.advance(Duration::from_millis(100));
            tokio::task::yield_now().await;
        }
        let late = good_at.unwrap() - (changed_at * 10).min(good_at.unwrap());
        println!("a new token after {changed_at} s is used {late} tenths later");
        // Doubled pauses: no later than the outage was long, and never more than 5 s.
        assert!(late <= (changed_at * 10 + 2).min(52), "{late} tenths after {changed_at} s");
        assert!(server.requests() as u64 <= changed_at / 4 + 8, "{}", server.requests());
    }
}

#[tokio::test]
async fn the_refused_token_that_was_handed_out_again_serves_until_there_is_another() {
    let now = Arc::<AtomicU64>::default();
    let server = stubborn(&now, 1);
    let (clock, transport) = at_noon();
    let source = source(&server, transport);
    assert_eq!(token(&source).await, "same");
    source.invalidate("same");
    assert_eq!(token(&source).await, "same");
    assert_eq!(server.requests(), 2);
    assert_eq!(token(&source).await, "same", "no request each");
    assert_eq!(server.requests(), 2);
    now.store(1, Ordering::SeqCst);
    clock.advance(Duration::from_secs(1));
    assert_eq!(token(&source).await, "same", "nobody waits");
    eventually(|| source.stats().refreshes == 3).await;
    assert_eq!(token(&source).await, "new");
}
