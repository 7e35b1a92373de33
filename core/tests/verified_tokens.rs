//! The cache of verified tokens: never accepts what a whole verification would refuse.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use signing::{AUDIENCE, ISSUER, NOW, Signer, claims, verifier};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Algorithm, AuthenticateOptions, ErrorKind, IssuerConfig, KeySource, RequiredOrganization,
    TokenVerifier, TokenVerifierConfig, TransportConfig,
};

/// Two keys, and another that took the first one's name.
static SIGNERS: LazyLock<[Signer; 3]> =
    LazyLock::new(|| ["a", "b", "a"].map(|kid| Signer::new(kid, Algorithm::EdDsa)));

/// Tokens of both keys, with every kind of time and scope that changes what they are good for.
static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let changes = [
        json!({}),
        json!({"exp": NOW + 60}),
        json!({"nbf": NOW + 600}),
        json!({"iat": NOW - 600, "scope": "read:users"}),
        json!({"scope": "write:*", "exp": NOW + 30_000}),
        json!({"aud": "https://other.example.com"}),
        json!({"exp": NOW + 100_000}),
        json!({"org_id": "acme"}),
        json!({"org_id": "other", "scope": "read:users"}),
        json!({"org_id": null}),
    ];
    let tokens = changes.iter().flat_map(|change| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        SIGNERS.iter().map(move |signer| signer.token(&signer.header(), &claims))
    });
    tokens.collect()
});

fn key_set(numbers: &[usize]) -> String {
    let keys: Vec<Value> = numbers.iter().map(|n| SIGNERS[*n].jwk()).collect();
    json!({ "keys": keys }).to_string()
}

/// An issuer whose keys are only what it is seeded with: nothing listens at its address.
fn unreachable(clock: &Clock, verified_token_cache_size: usize) -> TokenVerifier {
    let keys = KeySource::Url("http://127.0.0.1:1/keys".into());
    let issuer = IssuerConfig {
        algorithms: vec![Algorithm::EdDsa],
        ..IssuerConfig::oauth(ISSUER, &[AUDIENCE.to_owned()], keys)
    };
    let transport = TransportConfig { clock: clock.clone(), ..Default::default() };
    let issuers = vec![issuer];
    TokenVerifier::new(TokenVerifierConfig {
        issuers,
        issuer_resolver: None,
        verified_token_cache_size,
        transport,
    })
    .unwrap()
}

#[derive(Clone, Debug)]
enum Event {
    Pass(u64),
    Publish(Vec<usize>),
    Verify { token: usize, options: usize },
}

fn options() -> [AuthenticateOptions; 8] {
    let age = |seconds| AuthenticateOptions {
        max_token_age: Some(Duration::from_secs(seconds)),
        ..Default::default()
    };
    let of = |organization, scopes: &[&str]| AuthenticateOptions {
        organization: Some(organization),
        ..AuthenticateOptions::scopes(scopes.iter().copied())
    };
    [
        AuthenticateOptions::default(),
        AuthenticateOptions::scopes(["read:users"]),
        AuthenticateOptions::scopes(["write:users"]),
        age(300),
        AuthenticateOptions { clock_tolerance: Duration::from_secs(300), ..age(3600) },
        of("acme".into(), &[]),
        of("other".into(), &["read:users"]),
        of(RequiredOrganization::Any, &[]),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let sets = vec![vec![0], vec![1], vec![0, 1], vec![2], vec![1, 2]];
    prop_oneof![
        2 => (0_u64..2000).prop_map(Event::Pass),
        1 => proptest::sample::select(sets).prop_map(Event::Publish),
        6 => (0..TOKENS.len(), 0..options().len())
            .prop_map(|(token, options)| Event::Verify { token, options }),
    ]
}

proptest! {
    #[test]
    fn it_accepts_exactly_what_a_whole_verification_accepts(
        size in 1_usize..12,
        events in vec(event(), 1..120),
    ) {
        let clock = Clock::manual(NOW);
        let (whole, cached) = (unreachable(&clock, 0), unreachable(&clock, size));
        let mut now = NOW.unsigned_abs();
        let publish = |set: &[usize], now: u64| {
            let at = UNIX_EPOCH + Duration::from_secs(now);
            for verifier in [&whole, &cached] {
                verifier.seed_jwks(None, &key_set(set), at).unwrap();
            }
        };
        publish(&[0, 1], now);
        for event in events {
            match event {
                Event::Pass(seconds) => {
                    clock.advance(Duration::from_secs(seconds));
                    now += seconds;
                }
                Event::Publish(set) => publish(&set, now),
                Event::Verify { token, options: number } => {
                    let (token, options) = (&TOKENS[token], &options()[number]);
                    let verdict = |verifier: &TokenVerifier| {
                        verifier.authenticate_token_now(token, options)
                    };
                    match (verdict(&whole), verdict(&cached)) {
                        (Some(Ok(whole)), Some(Ok(cached))) => prop_assert_eq!(whole, cached),
                        (Some(Err(whole)), Some(Err(cached)))
                            if whole.kind() != ErrorKind::KeysUnavailable
                                && cached.kind() != ErrorKind::KeysUnavailable =>
                        {
                            prop_assert_eq!(whole.details(), cached.details());
                        }
                        // When a fetch that failed may be tried again is chance.
                        (whole, cached) => {
                            prop_assert!(!matches!(whole, Some(Ok(_))), "{:?}", whole);
                            prop_assert!(!matches!(cached, Some(Ok(_))), "{:?}", cached);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_token_of_a_key_that_was_withdrawn_is_refused_although_it_was_verified() {
    let clock = Clock::manual(NOW);
    let verifier = unreachable(&clock, 100);
    let token = &TOKENS[0];
    let verdict = || verifier.authenticate_token_now(token, &AuthenticateOptions::default());
    let seed = |set: &[usize], after: u64| {
        let at = UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs() + after);
        verifier.seed_jwks(None, &key_set(set), at).unwrap();
    };
    seed(&[0, 1], 0);
    let first = verdict().unwrap().unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &verdict().unwrap().unwrap()), "it was remembered");
    clock.advance(Duration::from_secs(1));
    seed(&[1], 1);
    assert!(!matches!(verdict(), Some(Ok(_))));
    // Another key under the same name.
    clock.advance(Duration::from_secs(1));
    seed(&[2], 2);
    assert_eq!(verdict().unwrap().unwrap_err().kind(), ErrorKind::InvalidToken);
}

#[test]
fn nothing_is_remembered_unless_asked_for_and_the_size_is_bounded() {
    let signer = &SIGNERS[0];
    let plain = verifier(vec![signer.issuer()]);
    let verdict = || plain.authenticate_token_now(&TOKENS[0], &AuthenticateOptions::default());
    let (first, second) = (verdict().unwrap().unwrap(), verdict().unwrap().unwrap());
    assert!(!std::sync::Arc::ptr_eq(&first, &second));

    let config = TokenVerifierConfig {
        issuers: vec![signer.issuer()],
        verified_token_cache_size: (1 << 20) + 1,
        ..Default::default()
    };
    let error = TokenVerifier::new(config).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("verified_token_cache_size"));
}

/// The claims' callback is asked each time, for it may answer otherwise.
#[test]
fn authorize_is_asked_again_at_each_hit() {
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuers: vec![SIGNERS[0].issuer()],
        issuer_resolver: None,
        verified_token_cache_size: 8,
        transport: TransportConfig { clock: Clock::manual(NOW), ..Default::default() },
    })
    .unwrap();
    for allowed in [true, false, true] {
        let options = AuthenticateOptions {
            authorize: Some(std::sync::Arc::new(move |_, _| allowed)),
            ..Default::default()
        };
        let outcome = verifier.authenticate_token_now(&TOKENS[0], &options).unwrap();
        assert_eq!(outcome.is_ok(), allowed);
    }
}
