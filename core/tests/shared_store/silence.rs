//! Connections that go silent, values that are too large, clocks that are wrong.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::redis_server::Redis;
use crate::sharing::{process, token, token_server};

/// A way to a Redis whose connections can go silent, as when a firewall forgets them.
struct Way {
    url: String,
    taken: Arc<AtomicUsize>,
    /// Connections up to this number are silent.
    silent: Arc<AtomicUsize>,
}

impl Way {
    fn to(redis: &Redis) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("redis://{}/0", listener.local_addr().unwrap());
        let way = Self { url, taken: Arc::default(), silent: Arc::default() };
        let (taken, silent, port) = (Arc::clone(&way.taken), Arc::clone(&way.silent), redis.port());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let number = taken.fetch_add(1, Ordering::SeqCst) + 1;
                let far = TcpStream::connect(("127.0.0.1", port)).unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let silent = Arc::clone(&silent);
                    std::thread::spawn(move || forward(from, to, number, &silent));
                }
            }
        });
        way
    }

    fn goes_silent(&self) {
        self.silent.store(self.taken.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, number: usize, silent: &AtomicUsize) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if number > silent.load(Ordering::SeqCst) && to.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_connection_that_went_silent_is_dropped_and_made_anew() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let way = Way::to(&redis);
    let (source, clock) = process(&server, &way.url);
    assert_eq!(token(&source).await, "token-canary-0");
    assert_eq!(way.taken.load(Ordering::SeqCst), 1);
    way.goes_silent();
    clock.advance(Duration::from_secs(3600));
    let started = Instant::now();
    assert_eq!(token(&source).await, "token-canary-1");
    assert!(started.elapsed() < Duration::from_millis(400), "{:?}", started.elapsed());
    clock.advance(Duration::from_secs(3600));
    assert_eq!(token(&source).await, "token-canary-2");
    assert_eq!(way.taken.load(Ordering::SeqCst), 2, "another connection, which is kept");
    let (other, clock) = process(&server, &redis.url());
    clock.advance(Duration::from_secs(7200));
    assert_eq!(token(&other).await, "token-canary-2", "the store was used again");
}

#[tokio::test]
async fn a_value_over_64_kib_is_not_read_and_does_not_stay() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (source, _) = process(&server, &redis.url());
    assert_eq!(token(&source).await, "token-canary-0");
    let name = redis.names().pop().unwrap();
    let large = vec![b'x'; (64 << 10) + 1];
    let far = b"99999999999999";
    let _: i64 = redis.run(&[b"HSET", name.as_bytes(), b"value", &large, b"expires_at", far]);
    let before = sent(&redis);
    let (other, _) = process(&server, &redis.url());
    assert_eq!(token(&other).await, "token-canary-1");
    assert!(sent(&redis) - before < 64 << 10, "it was not sent");
    let (third, _) = process(&server, &redis.url());
    assert_eq!(token(&third).await, "token-canary-1", "another has taken its place");
}

/// Bytes that the server has sent.
fn sent(redis: &Redis) -> usize {
    let info: String = redis.run(&[b"INFO", b"stats"]);
    let line = info.lines().find_map(|line| line.strip_prefix("total_net_output_bytes:"));
    line.unwrap().trim().parse().unwrap()
}

#[tokio::test]
async fn a_host_with_a_wrong_clock_leaves_the_tokens_of_the_fleet_alone() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (first, _) = process(&server, &redis.url());
    assert_eq!(token(&first).await, "token-canary-0");
    // To one of them it seems expired, to the other from the future.
    for (n, wrong_by) in [(1, 7200_i64), (2, -7200)] {
        let (wrong, clock) = process(&server, &redis.url());
        clock.advance_wall(wrong_by * 1000);
        assert_eq!(token(&wrong).await, format!("token-canary-{n}"), "its own");
    }
    let (last, _) = process(&server, &redis.url());
    let taken = token(&last).await;
    assert!(taken == "token-canary-0" || taken == "token-canary-3", "{taken}");
    let after = process(&server, &redis.url());
    assert_eq!(redis.names().len(), 1, "nobody deleted it");
    drop(after);
}
