//! What processes have in common, and what each has alone. Each source here is like a process.

use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Duration;

use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Client, ClientConfig, TokenRequest, TokenSource, TokenSourceConfig, TransportConfig,
};

use crate::issuer::{PROJECT, at_noon, config, eventually, token_request};
use crate::redis_server::Redis;
use crate::server::{Act, Server};

pub(crate) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(crate) const OTHER_KEY: &str = "//////////////////////////////////////////8=";

pub(crate) fn numbered(number: usize, expires_in: u64) -> Act {
    Act::json(
        200,
        &format!(
            r#"{{"access_token":"token-canary-{number}","token_type":"bearer",
            "expires_in":{expires_in},"scope":"a:b c:d","request_id":"request-id-test-{number}"}}"#
        ),
    )
}

/// A token endpoint that numbers its tokens, which last an hour.
pub(crate) fn token_server() -> Server {
    Server::start(|seen| numbered(seen.number, 3600))
}

pub(crate) fn settings(
    server: &Server,
    store: &str,
    transport: TransportConfig,
) -> TokenSourceConfig {
    TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        base_url: Some(server.url().into()),
        client_id: "m2m-client-canary".into(),
        client_secret: Some("client-secret-canary".into()),
        token_store_url: Some(store.into()),
        token_store_key: Some(KEY.into()),
        transport,
        ..Default::default()
    }
}

/// One process of a fleet, with a clock of its own.
pub(crate) fn process(server: &Server, store: &str) -> (TokenSource, Clock) {
    let (clock, transport) = at_noon();
    (TokenSource::new(settings(server, store, transport)).unwrap(), clock)
}

/// The same with a client.
pub(crate) fn client(server: &Server, store: &str) -> (Client, Clock) {
    let (clock, transport) = at_noon();
    let config = ClientConfig {
        token_store_url: Some(store.into()),
        token_store_key: Some(KEY.into()),
        ..config(server.url(), transport)
    };
    (Client::new(config).unwrap(), clock)
}

pub(crate) async fn token(source: &TokenSource) -> String {
    source.get_token().await.unwrap().access_token.expose().to_owned()
}

#[tokio::test]
async fn what_one_fetched_the_others_take_up() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (first, _) = process(&server, &redis.url());
    let fetched = first.get_token().await.unwrap();
    let (second, clock) = process(&server, &redis.url());
    clock.advance(Duration::from_secs(60));
    let shared = second.get_token().await.unwrap();
    assert_eq!(shared.access_token.expose(), "token-canary-0");
    assert_eq!((shared.expires_in, shared.expires_at), (3540, fetched.expires_at));
    assert_eq!(shared.granted_scopes, fetched.granted_scopes);
    assert_eq!(shared.request_id, fetched.request_id);
    assert_eq!(server.requests(), 1);
    assert_eq!((first.stats().refreshes, second.stats().refreshes), (1, 0));

    // A client has the same grant under the same name, and others under others.
    let (client, _) = client(&server, &redis.url());
    let same = TokenRequest { client_id: "m2m-client-canary".into(), ..token_request() };
    let other = TokenRequest { scopes: vec!["a:b".into()], ..same.clone() };
    assert_eq!(client.token(same).await.unwrap().access_token, fetched.access_token);
    assert_eq!(client.token(other).await.unwrap().access_token.expose(), "token-canary-1");
}

#[tokio::test]
async fn a_token_is_gone_from_the_store_before_it_would_be_refreshed() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    token(&process(&server, &redis.url()).0).await;
    let names = redis.names();
    let ttl: i64 = redis.run(&[b"PTTL", names[0].as_bytes()]);
    assert!((3_230_000..=3_360_000).contains(&ttl), "{ttl} ms");
}

#[tokio::test]
async fn one_process_refreshes_ahead_for_all() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (first, first_clock) = process(&server, &redis.url());
    let (second, second_clock) = process(&server, &redis.url());
    assert_eq!(
        (token(&first).await, token(&second).await),
        ("token-canary-0".into(), "token-canary-0".into())
    );
    // Both are well within their refresh windows.
    for clock in [first_clock, second_clock] {
        clock.advance(Duration::from_secs(3600 - 100));
    }
    for source in [&first, &second] {
        assert_eq!(token(source).await, "token-canary-0", "nobody waits");
        // A background task does it.
        let refreshed = || source.cached_token().unwrap().access_token.expose() == "token-canary-1";
        eventually(refreshed).await;
    }
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn who_comes_while_another_fetches_waits_for_it() {
    let Some(redis) = Redis::start() else { return };
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let server = Server::start(move |seen| {
        released.lock().unwrap().recv().unwrap();
        numbered(seen.number, 3600)
    });
    let sources = [(); 2].map(|()| process(&server, &redis.url()).0);
    let (first, second) = tokio::join!(token(&sources[0]), async {
        eventually(|| server.requests() == 1).await;
        let (second, ()) = tokio::join!(token(&sources[1]), async {
            // It has looked, and found the lock taken.
            eventually(|| sources[1].stats().misses == 1).await;
            release.send(()).unwrap();
        });
        second
    });
    assert_eq!((first.as_str(), second.as_str()), ("token-canary-0", "token-canary-0"));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_lock_whose_owner_died_delays_nobody_for_long() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    // Learn the name of the lock from the name of the value.
    token(&process(&server, &redis.url()).0).await;
    let name = redis.names().pop().unwrap();
    let _: i64 = redis.run(&[b"DEL", name.as_bytes()]);
    let _: String =
        redis.run(&[b"SET", format!("{name}:lock").as_bytes(), b"the dead", b"PX", b"10000"]);
    let started = tokio::time::Instant::now();
    assert_eq!(token(&process(&server, &redis.url()).0).await, "token-canary-1");
    let waited = started.elapsed();
    assert!(
        waited > Duration::from_millis(1500) && waited < Duration::from_millis(2500),
        "{waited:?}"
    );
    assert_eq!(redis.names(), [name.clone(), format!("{name}:lock")], "put there all the same");
}

#[tokio::test]
async fn a_failed_fetch_gives_the_lock_back() {
    let Some(redis) = Redis::start() else { return };
    let server = Server::always(Act::json(400, r#"{"error":"invalid_client"}"#));
    process(&server, &redis.url()).0.get_token().await.unwrap_err();
    assert!(redis.names().is_empty());
}

#[tokio::test]
async fn a_refused_token_is_taken_out_of_the_store() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (first, _) = process(&server, &redis.url());
    let (second, _) = process(&server, &redis.url());
    assert_eq!(token(&first).await, token(&second).await);
    first.invalidate("token-canary-0");
    eventually(|| redis.names().is_empty()).await;
    assert_eq!(token(&first).await, "token-canary-1");
    // The other learns of it in its own time, and then finds the new one.
    second.invalidate("token-canary-0");
    assert_eq!(token(&second).await, "token-canary-1");
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_caller_who_insists_renews_it_for_all() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (first, _) = client(&server, &redis.url());
    let (second, clock) = client(&server, &redis.url());
    first.token(token_request()).await.unwrap();
    // What expires later is the newer one.
    clock.advance(Duration::from_secs(1));
    let insist = TokenRequest { force_refresh: true, ..token_request() };
    let forced = second.token(insist).await.unwrap();
    assert_eq!(forced.access_token.expose(), "token-canary-1");
    let (third, clock) = client(&server, &redis.url());
    clock.advance(Duration::from_secs(1));
    assert_eq!(third.token(token_request()).await.unwrap().access_token, forced.access_token);
}

#[tokio::test]
async fn an_older_token_does_not_replace_a_newer_one() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (ahead, clock) = client(&server, &redis.url());
    clock.advance(Duration::from_secs(30));
    ahead.token(token_request()).await.unwrap();
    let insist = TokenRequest { force_refresh: true, ..token_request() };
    client(&server, &redis.url()).0.token(insist).await.unwrap();
    let (reader, clock) = client(&server, &redis.url());
    clock.advance(Duration::from_secs(30));
    let found = reader.token(token_request()).await.unwrap();
    assert_eq!(found.access_token.expose(), "token-canary-0");
}
