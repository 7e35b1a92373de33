//! What holds for every input, shown on generated ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::sync::LazyLock;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use signing::{NOW, Signer, claims, encode, verify, verify_with};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, Client, ClientConfig, ErrorKind, IssuerConfig, TokenProfile,
    TokenVerifier, internals,
};

/// A signer of each algorithm with its verifier.
static SIGNERS: LazyLock<Vec<(Signer, TokenVerifier)>> = LazyLock::new(|| {
    let signers = Algorithm::ALL.into_iter().map(|algorithm| Signer::new("k", algorithm));
    signers.map(|signer| (signer.verifier(), signer)).map(|(v, signer)| (signer, v)).collect()
});

/// The quickest signer.
fn ed25519() -> &'static (Signer, TokenVerifier) {
    &SIGNERS[8]
}

/// The same signer at an issuer at which `action:*` is a wildcard, and at one at which it is not.
static WILDCARDS: LazyLock<[(bool, TokenVerifier); 2]> = LazyLock::new(|| {
    [true, false].map(|wildcard_scopes| {
        let issuer = IssuerConfig { wildcard_scopes, ..ed25519().0.issuer() };
        (wildcard_scopes, signing::verifier(vec![issuer]))
    })
});

/// `text` with one bit flipped; `None` where that is no longer text, which nobody can pass.
fn flipped(text: &str, bit: usize) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    String::from_utf8(bytes).ok()
}

/// Every bit of a token of each algorithm.
#[test]
fn no_flipped_bit_gets_past() {
    for (signer, verifier) in SIGNERS.iter() {
        let token = signer.token(&signer.header(), &claims());
        verify(verifier, &token).unwrap();
        let mut tried = 0;
        for token in (0..token.len() * 8).filter_map(|bit| flipped(&token, bit)) {
            let error = verify(verifier, &token).expect_err(&token);
            assert_eq!(error.kind(), ErrorKind::InvalidToken, "{error}");
            tried += 1;
        }
        assert_eq!(tried, token.len() * 7, "the highest bit of each byte makes it no text");
    }
}

/// Scopes of a small vocabulary, so that some match.
fn scopes() -> impl Strategy<Value = Vec<String>> {
    let piece = || select(vec!["", "*", "-", "a", "b", "ab", "a*"]);
    let scope = prop_oneof![
        piece().prop_map(str::to_owned),
        (piece(), piece()).prop_map(|(a, b)| format!("{a}:{b}")),
        (piece(), piece(), piece()).prop_map(|(a, b, c)| format!("{a}:{b}:{c}")),
    ];
    vec(scope.prop_filter("a scope", |scope| !scope.is_empty()), 0..5)
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((".{0,6}", inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// An object of members that a parser knows, with values of any kind.
fn object(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = prop_oneof![8 => select(names).prop_map(str::to_owned), 1 => ".{0,8}"];
    let member = (name, json_value()).prop_map(|(name, value)| format!("{}:{value}", json!(name)));
    vec(member, 0..12).prop_map(|members| format!("{{{}}}", members.join(",")))
}

/// Bytes as they come, and text that is nearly JSON.
fn bytes(names: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let noise = || vec(any::<u8>(), 0..200);
    let damaged = (object(names), any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        noise(),
        object(names).prop_map(String::into_bytes),
        damaged.prop_map(|(text, at, byte)| {
            let mut bytes = text.into_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes
        }),
    ]
}

const HEADER: &[&str] = &["alg", "kid", "typ", "cty", "crit", "b64", "zip", "jwk", "jku"];
const CLAIMS: &[&str] =
    &["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "azp", "client_id"];
const JWK: &[&str] = &["kid", "kty", "alg", "crv", "n", "e", "x", "y", "use", "key_ops", "d"];

proptest! {
    #[test]
    fn no_flipped_bit_of_any_token_gets_past(
        of in 0..9usize,
        custom in json_value(),
        bit in any::<prop::sample::Index>(),
    ) {
        let (signer, verifier) = &SIGNERS[of];
        let mut claims = claims();
        claims["custom"] = custom;
        let token = signer.token(&signer.header(), &claims);
        prop_assert!(verify(verifier, &token).is_ok());
        if let Some(token) = flipped(&token, bit.index(token.len() * 8)) {
            prop_assert!(verify(verifier, &token).is_err());
        }
    }

    #[test]
    fn what_decodes_encodes_to_the_same_text(text in "[A-Za-z0-9_=+/ -]{0,24}|.{0,8}") {
        if let Some(bytes) = internals::base64url(&text) {
            prop_assert_eq!(encode(bytes), text);
        }
    }

    #[test]
    fn what_encodes_decodes_to_the_same_bytes(bytes in vec(any::<u8>(), 0..100)) {
        prop_assert_eq!(internals::base64url(&encode(&bytes)), Some(bytes));
    }

    #[test]
    fn a_token_has_one_spelling(token in "[A-Za-z0-9_-]{1,9}(\\.[A-Za-z0-9_=-]{0,9}){1,3}|.{0,40}") {
        if let Ok(parts) = internals::compact(&token) {
            prop_assert_eq!(parts.map(encode).join("."), token);
        }
    }

    #[test]
    fn one_more_scope_never_takes_access_away(
        held in scopes(),
        more in scopes(),
        required in scopes(),
    ) {
        let (signer, verifier) = ed25519();
        let options = AuthenticateOptions::scopes(required);
        let verdict = |scopes: &[String]| {
            let mut claims = claims();
            claims["scope"] = json!(scopes.join(" "));
            verify_with(verifier, &signer.token(&signer.header(), &claims), &options)
        };
        let missing = |scopes: &[String]| match verdict(scopes) {
            Ok(_) => Vec::new(),
            Err(error) => error.into_details().missing_scopes,
        };
        let all = [held.clone(), more].concat();
        let (before, after) = (missing(&held), missing(&all));
        prop_assert!(after.iter().all(|scope| before.contains(scope)), "{before:?} {after:?}");
        prop_assert_eq!(verdict(&all).is_ok(), after.is_empty());
    }

    #[test]
    fn a_scope_is_granted_by_itself_or_by_the_wildcard_of_its_action(
        held in scopes(),
        required in scopes(),
        at in 0..2usize,
    ) {
        let (wildcards, verifier) = &WILDCARDS[at];
        let granted = |scope: &String| {
            held.contains(scope)
                || *wildcards && scope.split_once(':').is_some_and(|(action, resource)| {
                    let wildcard = format!("{action}:*");
                    let plain = !action.is_empty() && action != "*";
                    plain && !resource.is_empty() && held.contains(&wildcard)
                })
        };
        let (signer, _) = ed25519();
        let mut claims = claims();
        claims["scope"] = json!(held.join(" "));
        let token = signer.token(&signer.header(), &claims);
        let options = AuthenticateOptions::scopes(required.clone());
        let lacking: Vec<_> = required.iter().filter(|scope| !granted(scope)).cloned().collect();
        match verify_with(verifier, &token, &options) {
            Ok(_) => prop_assert!(lacking.is_empty(), "{lacking:?}"),
            Err(error) => prop_assert_eq!(error.into_details().missing_scopes, lacking),
        }
    }

    #[test]
    fn no_token_makes_the_verifier_panic(token in ".{0,60}|[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,5}") {
        let error = verify(&ed25519().1, &token).unwrap_err();
        prop_assert_eq!(error.kind(), ErrorKind::InvalidToken);
    }

    #[test]
    fn no_header_makes_the_verifier_panic(header in bytes(HEADER)) {
        let _ = internals::header(&header);
        let (signer, verifier) = ed25519();
        let token = signer.token_of(&header, claims().to_string());
        if let Err(error) = verify(verifier, &token) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidToken);
        }
    }

    #[test]
    fn no_payload_makes_the_verifier_panic(payload in bytes(CLAIMS)) {
        let _ = internals::unverified_issuer(&payload);
        let (signer, verifier) = ed25519();
        if let Err(error) = verify(verifier, &signer.token_of(signer.header().to_string(), &payload)) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidToken);
        }
    }

    /// Claims that pass but for one, so that each check is reached.
    #[test]
    fn no_value_of_any_claim_makes_the_verifier_panic(name in select(CLAIMS), value in json_value()) {
        let (signer, _) = ed25519();
        let mut claims = claims();
        claims[name] = value;
        let payload = claims.to_string();
        for profile in [
            TokenProfile::Stytch,
            TokenProfile::Auth0,
            TokenProfile::OAuth,
        ] {
            let issuer = IssuerConfig { profile, accept_scope_array: true, ..signer.issuer() };
            let options = AuthenticateOptions {
                max_token_age: Some(Duration::MAX),
                clock_tolerance: Duration::from_secs(300),
                ..Default::default()
            };
            if let Ok(claims) = internals::check_claims(payload.as_bytes(), &issuer, &options, NOW as f64) {
                prop_assert!(!claims.client_id.is_empty());
                prop_assert!(serde_json::from_str::<Value>(&claims.custom_claims.to_json()).is_ok());
            }
        }
    }

    #[test]
    fn no_key_set_makes_the_parser_panic(set in prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(object(JWK), 0..4).prop_map(|keys| format!(r#"{{"keys":[{}]}}"#, keys.join(",")).into()),
    ]) {
        let _ = internals::key_set(&set, &Algorithm::ALL);
    }

    #[test]
    fn one_bad_member_costs_one_key(name in select(JWK), value in json_value(), of in 0..9usize) {
        let (good, bad) = (&SIGNERS[(of + 1) % 9].0, &SIGNERS[of].0);
        let mut jwk = bad.jwk();
        jwk[name] = value;
        let set = json!({"keys": [jwk, good.jwk()]}).to_string();
        prop_assert!(internals::key_set(set.as_bytes(), &Algorithm::ALL).is_ok_and(|usable| usable >= 1));
    }

    #[test]
    fn a_base_url_is_a_safe_host_or_refused(
        url in "(https?|ftp|)(:|)(//|/|\\\\|)([a-z.:@\\[\\]0-9%?#]{0,16}|localhost|127\\.0\\.0\\.1|.{0,6})(/|\\?|#|/\\.\\.|)"
    ) {
        if let Ok(url) = internals::base_url(&url) {
            let host = url.host_str().unwrap();
            let loopback = host == "localhost" || host == "[::1]" || host.starts_with("127.");
            prop_assert!(url.scheme() == "https" || url.scheme() == "http" && loopback);
            prop_assert_eq!((url.username(), url.password(), url.path()), ("", None, "/"));
            prop_assert_eq!((url.query(), url.fragment()), (None, None));
        }
        let config = ClientConfig { base_url: Some(url), ..ClientConfig::new("project-test-1", "secret") };
        if let Err(error) = Client::new(config) {
            prop_assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        }
    }

    #[test]
    fn no_header_of_a_server_asks_for_a_wait_without_bounds(
        value in prop_oneof![
            vec(any::<u8>(), 0..40),
            "[0-9]{0,24}|-?[0-9.]{1,6}(e[0-9]{1,4})?|inf|nan".prop_map(String::into_bytes),
            "(Mon|Wed), [0-9]{2} (Jan|Oct|Feb) [0-9]{1,5} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
                .prop_map(String::into_bytes),
        ],
        directive in "(no-store|max-age|MAX-AGE)?=?\"?([0-9]{0,24}|-1|1e400|inf|nan)\"?,? ?[a-z=]{0,9}",
    ) {
        let longest = Duration::from_secs(3600);
        prop_assert!(internals::retry_after(&value, NOW as f64).is_none_or(|wait| wait <= longest));
        for (control, age) in [(directive.as_bytes(), &value[..]), (&value, directive.as_bytes())] {
            prop_assert!((60.0..=3600.0).contains(&internals::soft_lifetime(control, age)));
        }
    }
}
