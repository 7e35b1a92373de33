//! What a verifier is given and gives back, beyond the verdicts of `tests/vectors`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use signing::{Signer, claims, verifier, verify, verify_with};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, ErrorKind, InvalidTokenReason as Reason, IssuerConfig,
    KeySource, TokenClaims, TokenProfile, TokenVerifier, TokenVerifierConfig, Vertical,
};

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

#[test]
fn a_function_decides_in_place_of_the_scopes() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let (verifier, token) = (signer.verifier(), signer.token(&signer.header(), &claims()));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let decide = |verdict: bool| {
        let asked = Arc::clone(&asked);
        let authorize = move |claims: &TokenClaims, required: &[String]| {
            asked.lock().unwrap().push((claims.client_id.clone(), required.to_vec()));
            verdict
        };
        let authorize: stytch_m2m::Authorize = Arc::new(authorize);
        let required = AuthenticateOptions::scopes(["write:users", "delete:users"]);
        AuthenticateOptions { authorize: Some(authorize), ..required }
    };
    verify_with(&verifier, &token, &decide(true)).unwrap();
    let error = verify_with(&verifier, &token, &decide(false)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InsufficientScope);
    assert_eq!(error.details().missing_scopes, ["delete:users"]);
    let seen = ("m2m-client-1".to_owned(), vec!["write:users".into(), "delete:users".into()]);
    assert_eq!(*asked.lock().unwrap(), [seen.clone(), seen]);
    let forged = Signer::new("k", Algorithm::EdDsa).token(&signer.header(), &claims());
    assert!(verify_with(&verifier, &forged, &decide(true)).is_err());
    assert_eq!(asked.lock().unwrap().len(), 2, "a refused token is not put before it");
}

#[tokio::test]
async fn keys_fetched_ahead_leave_nothing_to_wait_for() {
    let emulator = stytch_m2m_emulator::Emulator::start().unwrap();
    let (project, base) = (emulator.project_id(), emulator.base_url());
    let issuer = IssuerConfig::stytch(project, Some(base), Vertical::Consumer).unwrap();
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = verifier(vec![issuer, signer.issuer()]);
    let iss = format!("stytch.com/{project}");
    let header = json!({"alg": "RS256", "kid": "unknown", "typ": "JWT"});
    let token = signer.token(&header, &with(&claims(), "iss", json!(iss)));
    let options = AuthenticateOptions::default();
    assert!(verifier.authenticate_token_now(&token, &options).is_none());
    verifier.warm_up().await.unwrap();
    // Its keys are there, and they lack this one: it may be new, so they would be asked for again.
    assert_eq!(emulator.counts()["jwks"], 1);
    let error = verifier.authenticate_token(&token, &options).await.unwrap_err();
    assert_eq!(error.details().reason, Some(Reason::KeyNotFound));
    assert_eq!(emulator.counts()["jwks"], 2);
}

/// People read messages: each reason has its own.
#[test]
fn every_refusal_says_something_else() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let twin = Signer::new("twin", Algorithm::EdDsa);
    let namesake = Signer::new("twin", Algorithm::EdDsa);
    let encrypting = with(&with(&twin.jwk(), "kid", json!("enc")), "use", json!("enc"));
    let keys = json!({"keys": [signer.jwk(), twin.jwk(), namesake.jwk(), encrypting]});
    let issuer = IssuerConfig { keys: KeySource::Jwks(keys.to_string()), ..signer.issuer() };
    let verifier = verifier(vec![issuer]);
    let (header, claims) = (signer.header(), claims());
    let of = |header: &Value, claims: &Value| {
        verify(&verifier, &signer.token(header, claims)).unwrap_err()
    };
    let forged = Signer::new("k", Algorithm::EdDsa).token(&header, &claims);
    let mut messages = HashSet::new();
    for (error, reason) in [
        (of(&with(&header, "alg", json!("none")), &claims), Reason::AlgorithmNotAllowed),
        (of(&with(&header, "kid", json!("other")), &claims), Reason::KeyNotFound),
        (of(&with(&header, "kid", json!("twin")), &claims), Reason::KeyAmbiguous),
        (of(&with(&header, "kid", json!("enc")), &claims), Reason::KeyUnusable),
        (verify(&verifier, &forged).unwrap_err(), Reason::SignatureInvalid),
        (of(&with(&header, "crit", json!([])), &claims), Reason::HeaderUnsupported),
        (of(&with(&header, "typ", json!("x")), &claims), Reason::WrongTokenKind),
        (of(&header, &with(&claims, "exp", json!(1))), Reason::Expired),
        (of(&header, &with(&claims, "nbf", json!(2_000_000_000))), Reason::NotYetValid),
        (of(&header, &with(&claims, "sub", json!(1))), Reason::ClaimInvalid),
        (verify(&verifier, "a.b").unwrap_err(), Reason::Malformed),
    ] {
        assert_eq!(error.details().reason, Some(reason), "{error}");
        assert!(messages.insert(error.details().message.clone()), "{error}");
    }
}

#[test]
fn custom_claims_are_equal_by_value_and_shown_by_name() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = signer.verifier();
    let of = |name: &str, value: Value| {
        let token = signer.token(&signer.header(), &with(&claims(), name, value));
        verify(&verifier, &token).unwrap().custom_claims
    };
    assert_eq!(of("team", json!("canary")), of("team", json!("canary")));
    assert_ne!(of("team", json!("canary")), of("team", json!("another")));
    assert_eq!(format!("{:?}", of("team", json!("canary"))), r#"{"team"}"#);
}

#[test]
fn settings_show_what_was_set() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    assert!(format!("{:?}", signer.verifier()).contains(signing::ISSUER));
    let options = AuthenticateOptions {
        max_token_age: Some(Duration::from_secs(77)),
        clock_tolerance: Duration::from_secs(66),
        authorize: Some(Arc::new(|_, _| true)),
        ..AuthenticateOptions::scopes(["read:x"])
    };
    let shown = format!("{options:?}");
    assert!(["read:x", "77", "66", "authorize: true"].iter().all(|part| shown.contains(part)));
}

#[test]
fn a_stytch_project_is_an_issuer_with_its_own_names_keys_and_kind_of_token() {
    let project = "project-test-1";
    let config = |base, vertical| IssuerConfig::stytch(project, base, vertical).unwrap();
    let own = config(None, Vertical::Consumer);
    assert_eq!(own.issuers, ["stytch.com/project-test-1"]);
    assert_eq!((own.audiences, own.profile), (vec![project.to_owned()], TokenProfile::Stytch));
    assert_eq!(own.algorithms, [Algorithm::Rs256]);
    let url = "https://test.stytch.com/v1/sessions/jwks/project-test-1";
    assert_eq!(own.keys, KeySource::Url(url.into()));
    let custom = config(Some("https://login.example.com/"), Vertical::B2b);
    assert_eq!(custom.issuers, ["stytch.com/project-test-1", "https://login.example.com"]);
    let url = "https://login.example.com/v1/b2b/sessions/jwks/project-test-1";
    assert_eq!(custom.keys, KeySource::Url(url.into()));
}

#[test]
fn an_issuer_has_names_and_audiences_none_of_them_empty() {
    let good = Signer::new("k", Algorithm::EdDsa).issuer();
    let refused = |issuer: IssuerConfig| {
        let config = TokenVerifierConfig { issuers: vec![issuer], ..Default::default() };
        TokenVerifier::new(config).unwrap_err().into_details().field.unwrap()
    };
    for names in [vec![], vec![String::new()], vec!["x".into(), String::new()]] {
        let issuer = IssuerConfig { issuers: names.clone(), ..good.clone() };
        assert_eq!(refused(issuer), "issuers");
        let issuer = IssuerConfig { audiences: names, ..good.clone() };
        assert_eq!(refused(issuer), "audiences");
    }
    assert_eq!(refused(IssuerConfig { algorithms: vec![], ..good }), "algorithms");
}
