//! Key sets as their servers have them: behind a token, too large, with keys for other purposes.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use stytch_m2m::{
    ErrorKind, IssuerConfig, KeySetHealth, TokenVerifier, TokenVerifierConfig, Vertical,
};

use crate::issuer::{Key, NOON, PROJECT, at_noon, eventually, jwks};
use crate::server::{Act, Server};

fn verifier(
    server: &Server,
    change: impl FnOnce(&mut IssuerConfig),
) -> (TokenVerifier, stytch_m2m::internals::Clock) {
    let mut issuer = IssuerConfig::stytch(PROJECT, Some(server.url()), Vertical::Consumer).unwrap();
    change(&mut issuer);
    let (clock, transport) = at_noon();
    let issuers = vec![issuer];
    let config = TokenVerifierConfig { issuers, transport, ..Default::default() };
    (TokenVerifier::new(config).unwrap(), clock)
}

fn served(keys: &str) -> Act {
    Act::with(200, "cache-control: max-age=900", keys)
}

fn health(verifier: &TokenVerifier) -> KeySetHealth {
    verifier.health().remove(0)
}

/// A file of this test process's own.
fn file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("stytch-m2m-{}-{name}", std::process::id()))
}

/// The keys of `key`, and others.
fn among(key: &Key, others: &[Value]) -> String {
    let mut set: Value = serde_json::from_str(&jwks(&[key])).unwrap();
    set["keys"].as_array_mut().unwrap().extend_from_slice(others);
    set.to_string()
}

#[tokio::test]
async fn the_server_of_a_key_set_gets_the_token_that_is_in_the_file_at_that_time() {
    let key = Key::generate("k");
    let set = jwks(&[&key]);
    let server = Server::start(move |seen| {
        let wanted = format!("Bearer token-{}", seen.number + 1);
        let is_let_in = seen.head.lines().any(|line| {
            line.split_once(": ").is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("authorization") && value == wanted
            })
        });
        if is_let_in { served(&set) } else { Act::json(401, "{}") }
    });
    let path = file("key-token");
    std::fs::write(&path, "token-1\n").unwrap();
    let (verifier, clock) = verifier(&server, |issuer| {
        issuer.jwks_token_file = Some(path.to_str().unwrap().to_owned());
    });
    verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
    std::fs::write(&path, "token-2").unwrap();
    clock.advance(Duration::from_secs(901));
    verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
    eventually(|| server.requests() == 2 && verifier.stats().refreshes == 2).await;
    assert_eq!(health(&verifier).failures, 0);
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_token_file_that_cannot_be_used_is_no_fault_of_the_tokens() {
    let key = Key::generate("k");
    let server = Server::always(served(&jwks(&[&key])));
    let path = file("bad-key-token");
    let (verifier, clock) = verifier(&server, |issuer| {
        issuer.jwks_token_file = Some(path.to_str().unwrap().to_owned());
    });
    for content in [None, Some(""), Some("two tokens"), Some("line\nbreak"), Some("not\u{7f}ascii")]
    {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let error = verifier.authenticate_token(&key.token(NOON), &Default::default()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::KeysUnavailable, "{error}");
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
        assert!(!error.to_string().contains("break"), "{error}");
        clock.advance(Duration::from_secs(60));
    }
    assert_eq!(server.requests(), 0);
    std::fs::write(&path, "token").unwrap();
    verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_set_that_has_grown_too_large_is_named_and_the_cached_keys_stay_in_use() {
    let key = Key::generate("k");
    let others: Vec<_> = (0..3).map(|n| json!({"kty": "oct", "kid": n.to_string()})).collect();
    for (name, grown, limit) in [
        ("keys", among(&key, &others), "it has 4 keys, and max_jwks_keys is 3"),
        ("bytes", format!("{}{}", " ".repeat(5000), jwks(&[&key])), "more than 4000 bytes"),
    ] {
        let server = Server::always(served(&jwks(&[&key])));
        let (verifier, clock) = verifier(&server, |issuer| {
            (issuer.max_jwks_keys, issuer.max_jwks_bytes) = (3, 4000);
        });
        verifier.warm_up().await.unwrap();
        server.does(served(&grown));
        clock.advance(Duration::from_secs(901));
        verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
        eventually(|| health(&verifier).failures > 0).await;
        let message = health(&verifier).last_failure_message.unwrap();
        assert!(message.contains(limit), "{name}: {message}");
        verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
    }
}

#[tokio::test]
async fn the_health_says_which_keys_are_not_used_and_why() {
    let key = Key::generate("k");
    let others = [
        json!({"kty": "RSA", "kid": "encryption", "use": "enc", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "leaked", "d": "AQAB"}),
        json!({"kty": "RSA", "kid": 7}),
    ];
    let server = Server::always(served(&among(&key, &others)));
    let (verifier, _) = verifier(&server, |_| {});
    verifier.authenticate_token(&key.token(NOON), &Default::default()).await.unwrap();
    let health = health(&verifier);
    assert_eq!(health.keys, 1);
    assert_eq!(
        health.skipped_keys,
        [
            "key \"encryption\": its `use` is not `sig`",
            "key \"leaked\": it contains a private or symmetric key, which must not be published",
            "a key without `kid`: its `kid` is not a string of at most 256 bytes",
        ]
    );
    assert_eq!(health.last_failure_message, None);
}
