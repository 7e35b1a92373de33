//! What lies in the store, and what does not come out of it.

use std::time::Duration;

use stytch_m2m::{TokenSource, TokenSourceConfig};

use crate::issuer::at_noon;
use crate::redis_server::Redis;
use crate::server::Server;
use crate::sharing::{KEY, OTHER_KEY, process, settings, token, token_server};

fn with_keys(server: &Server, redis: &Redis, keys: &str) -> TokenSource {
    let settings = settings(server, &redis.url(), at_noon().1);
    TokenSource::new(TokenSourceConfig { token_store_key: Some(keys.into()), ..settings }).unwrap()
}

#[tokio::test]
async fn the_stored_bytes_hold_neither_token_nor_client() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    token(&process(&server, &redis.url()).0).await;
    let bytes = redis.bytes();
    let names = redis.names();
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("m2m:v1:"));
    let holds = |needle: &str| bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
    assert!(holds(&names[0]), "the search works");
    for secret in ["canary", "m2m-client", "project-test", "bearer", "access_token", KEY] {
        assert!(!holds(secret), "{secret} is in the store");
    }
}

#[tokio::test]
async fn keys_are_changed_while_a_fleet_runs() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let (old, new) = (KEY, OTHER_KEY);
    assert_eq!(token(&with_keys(&server, &redis, old)).await, "token-canary-0");
    let (both, new_first) = (format!("{old},{new}"), format!("{new}, {old}"));
    assert_eq!(token(&with_keys(&server, &redis, &both)).await, "token-canary-0");
    assert_eq!(token(&with_keys(&server, &redis, &new_first)).await, "token-canary-0");
    // Who has not the old key cannot see what it sealed.
    assert_eq!(token(&with_keys(&server, &redis, new)).await, "token-canary-1");
    assert_eq!(token(&with_keys(&server, &redis, &new_first)).await, "token-canary-1");
    assert_eq!(redis.names().len(), 2);
}

#[tokio::test]
async fn what_was_tampered_with_is_removed_and_fetched_anew() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    token(&process(&server, &redis.url()).0).await;
    let name = redis.names().pop().unwrap();
    let value = value_of(&redis, &name);
    let mut flipped = value.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut other_key = value.clone();
    other_key[1] ^= 1;
    let mut other_version = value.clone();
    other_version[0] = 2;
    let cut = value[..value.len() - 1].to_vec();
    for (number, forged) in
        [flipped, other_key, other_version, cut, vec![], b"token-canary".to_vec()]
            .iter()
            .enumerate()
    {
        let _: i64 = redis.run(&[b"HSET", name.as_bytes(), b"value", forged]);
        let expected = format!("token-canary-{}", number + 1);
        assert_eq!(token(&process(&server, &redis.url()).0).await, expected);
        assert_ne!(&value_of(&redis, &name), forged, "replaced");
    }
}

#[tokio::test]
async fn a_token_opens_under_its_own_name_alone() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    let reader = || TokenSourceConfig {
        scopes: vec!["read:users".into()],
        ..settings(&server, &redis.url(), at_noon().1)
    };
    let writer = || TokenSourceConfig {
        scopes: vec!["write:users".into()],
        ..settings(&server, &redis.url(), at_noon().1)
    };
    token(&TokenSource::new(writer()).unwrap()).await;
    let writers = redis.names().pop().unwrap();
    token(&TokenSource::new(reader()).unwrap()).await;
    let readers = redis.names().into_iter().find(|name| *name != writers).unwrap();
    // Someone with access to the store gives the reader the writer's token.
    let stolen = value_of(&redis, &writers);
    let _: i64 = redis.run(&[b"HSET", readers.as_bytes(), b"value", &stolen]);
    assert_eq!(token(&TokenSource::new(reader()).unwrap()).await, "token-canary-2");
}

#[tokio::test]
async fn a_token_that_outlived_itself_is_not_taken() {
    let Some(redis) = Redis::start() else { return };
    let server = token_server();
    token(&process(&server, &redis.url()).0).await;
    let name = redis.names().pop().unwrap();
    // The store's clock stands still, ours does not.
    let _: i64 = redis.run(&[b"PERSIST", name.as_bytes()]);
    let (late, clock) = process(&server, &redis.url());
    clock.advance(Duration::from_secs(3601));
    assert_eq!(token(&late).await, "token-canary-1");
    // A token from the future: it would last longer than it ever was to.
    let (early, clock) = process(&server, &redis.url());
    clock.advance_wall(-61_000);
    assert_eq!(token(&early).await, "token-canary-2");
}

fn value_of(redis: &Redis, name: &str) -> Vec<u8> {
    let fields = redis.fields(name);
    fields.into_iter().find(|(field, _)| field == b"value").unwrap().1
}
