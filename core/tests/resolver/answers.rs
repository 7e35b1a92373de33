//! Answers: whom they are about, and how long they count.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use stytch_m2m::{
    AuthenticateOptions, IssuerConfig, IssuerResolver, TokenVerifier, TokenVerifierConfig,
};

use crate::directory::{ACME, Directory, KEY, LISTED, Mood, issuer, of, token, why};
use crate::issuer::eventually;
use crate::signing::{AUDIENCE, claims};

#[tokio::test]
async fn an_issuer_of_the_directory_is_asked_for_once_and_accepted() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    assert!(service.verify_now(&token).is_none(), "the function must be asked first");
    let verdicts = join_all((0..1000).map(|_| service.verify(&token))).await;
    assert!(verdicts.iter().all(|verdict| verdict.as_deref().is_ok_and(|iss| iss == ACME)));
    assert_eq!(service.verify_now(&token).unwrap().unwrap(), ACME);
    assert_eq!(directory.asked(), [ACME]);
}

#[tokio::test]
async fn an_issuer_that_is_unknown_is_refused_and_remembered_for_a_minute() {
    let directory = Directory::of(&[]);
    let service = directory.service();
    for _ in 0..3 {
        assert_eq!(why(service.verify(&token(ACME)).await), "invalid_token key_not_found");
    }
    assert_eq!(why(service.verify_now(&token(ACME)).unwrap()), "invalid_token key_not_found");
    directory.add(ACME, issuer(ACME));
    service.pass(59);
    assert_eq!(why(service.verify(&token(ACME)).await), "invalid_token key_not_found");
    assert_eq!(directory.calls(), 1);
    service.pass(1);
    service.verify(&token(ACME)).await.unwrap();
    assert_eq!(directory.calls(), 2);
}

#[tokio::test]
async fn a_listed_issuer_is_never_asked_for_and_wins() {
    let directory = Directory::of(&[ACME, LISTED]);
    // The directory would accept any audience, and names the listed issuer beside another one.
    let lax = IssuerConfig { audiences: vec!["other".into()], ..issuer(LISTED) };
    directory.add(LISTED, lax);
    let both = IssuerConfig { issuers: vec![ACME.into(), LISTED.into()], ..issuer(ACME) };
    directory.add(ACME, both);
    let service = directory.service_with(vec![issuer(LISTED)], |resolver| resolver);
    assert_eq!(service.verify_now(&token(LISTED)).unwrap().unwrap(), LISTED);
    assert_eq!(service.verify(&token(ACME)).await.unwrap(), ACME);
    assert_eq!(directory.asked(), [ACME]);
}

#[tokio::test]
async fn settings_count_for_the_issuer_that_was_asked_about_alone() {
    let other = "https://other.example.com";
    let directory = Directory::of(&[]);
    let both = IssuerConfig { issuers: vec![other.into(), ACME.into()], ..issuer(ACME) };
    directory.add(ACME, both);
    let service = directory.service();
    service.verify(&token(ACME)).await.unwrap();
    assert_eq!(why(service.verify(&token(other)).await), "invalid_token key_not_found");
    assert_eq!(directory.asked(), [ACME, other]);
}

#[tokio::test]
async fn settings_that_do_not_name_the_issuer_or_are_invalid_accept_nothing() {
    let other = "https://other.example.com";
    for (settings, said) in [
        (issuer(other), "do not contain the `iss`"),
        (IssuerConfig { issuers: vec![format!("{ACME}/")], ..issuer(ACME) }, "do not contain"),
        (IssuerConfig { audiences: Vec::new(), ..issuer(ACME) }, "audiences must have"),
        (IssuerConfig { require_typ: Some("id+jwt".into()), ..issuer(ACME) }, "require_typ"),
    ] {
        let directory = Directory::of(&[]);
        directory.add(ACME, settings);
        let service = directory.service();
        let error = service.verify(&token(ACME)).await.unwrap_err();
        assert_eq!((error.code(), error.http_status()), ("keys_unavailable", 503));
        let message = &error.details().message;
        assert!(message.contains("issuer_resolver") && message.contains(said), "{message}");
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.starts_with("invalid_config"), "{cause}");
        assert!(service.verifier.health().is_empty());
    }
}

#[tokio::test]
async fn after_ten_minutes_the_function_is_asked_again_and_the_issuer_dropped_if_it_says_no() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    service.verify(&token).await.unwrap();
    directory.remove(ACME);
    service.pass(600 * 72 / 100 - 1);
    service.verify_now(&token).unwrap().unwrap();
    assert_eq!(directory.calls(), 1);
    service.pass(600);
    assert!(service.verify_now(&token).is_none(), "also the token in the cache must wait");
    assert_eq!(why(service.verify(&token).await), "invalid_token key_not_found");
    assert_eq!(why(service.verify_now(&token).unwrap()), "invalid_token key_not_found");
    assert_eq!(directory.calls(), 2);
}

#[tokio::test]
async fn an_issuer_in_use_is_asked_for_ahead_and_nobody_waits() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    service.verify(&token).await.unwrap();
    for call in 2..5 {
        service.pass(600 * 88 / 100 + 1);
        // The answer of the call before may still be on its way.
        eventually(|| service.verify_now(&token).is_some()).await;
        for _ in 0..10 {
            service.verify_now(&token).unwrap().unwrap();
        }
        eventually(|| directory.calls() == call).await;
    }
    // The call that says no drops it, in the background too.
    directory.remove(ACME);
    service.pass(600 * 88 / 100 + 1);
    while service.verify(&token).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(service.verifier.health().is_empty());
}

#[tokio::test]
async fn settings_that_have_changed_count_at_once_for_cached_tokens_too() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    service.verify(&token).await.unwrap();
    directory.add(ACME, IssuerConfig { audiences: vec!["another".into()], ..issuer(ACME) });
    service.pass(600);
    assert_eq!(why(service.verify(&token).await), "invalid_token claim_invalid");
    assert_eq!(why(service.verify_now(&token).unwrap()), "invalid_token claim_invalid");
}

#[test]
fn settings_out_of_range_are_refused() {
    let directory = Directory::of(&[]);
    let long = Duration::from_secs(86_401);
    let resolver = directory.resolver();
    for (field, wrong) in [
        ("lifetime", IssuerResolver { lifetime: Duration::ZERO, ..resolver.clone() }),
        ("lifetime", IssuerResolver { lifetime: long, ..resolver.clone() }),
        ("negative_lifetime", IssuerResolver { negative_lifetime: long, ..resolver.clone() }),
        ("max_issuers", IssuerResolver { max_issuers: 0, ..resolver.clone() }),
        ("max_issuers", IssuerResolver { max_issuers: usize::MAX, ..resolver }),
    ] {
        let issuer_resolver = Some(wrong);
        let config = TokenVerifierConfig { issuer_resolver, ..Default::default() };
        let error = TokenVerifier::new(config).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some(field));
    }
    let error = TokenVerifier::new(TokenVerifierConfig::default()).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("issuers"));
    assert_eq!(claims()["aud"], AUDIENCE);
}

#[tokio::test]
async fn an_answer_that_took_longer_than_its_lifetime_counts() {
    let directory = Directory::of(&[ACME]);
    let second = Duration::from_secs(1);
    let short =
        |resolver| IssuerResolver { lifetime: second, negative_lifetime: second, ..resolver };
    let service = directory.service_with(Vec::new(), short);
    directory.is(Mood::Slow(service.clock.clone()));
    service.verify(&token(ACME)).await.unwrap();
    let unknown = token("https://unknown.example.com");
    assert_eq!(why(service.verify(&unknown).await), "invalid_token key_not_found");
    assert_eq!(directory.calls(), 2);
}

#[tokio::test]
async fn a_customers_issuer_cannot_name_another_customers_organization() {
    let globex = "https://globex.example.com";
    let directory = Directory::of(&[]);
    for name in [ACME, globex] {
        let by_name = IssuerConfig { organization_claim: Some("iss".to_owned()), ..issuer(name) };
        directory.add(name, by_name);
    }
    let service = directory.service();
    let mut payload = of(globex);
    payload["org_id"] = json!(ACME);
    let token = KEY.token(&KEY.header(), &payload);
    for (organization, is_its_own) in [(globex, true), (ACME, false)] {
        let options = AuthenticateOptions {
            organization: Some(organization.into()),
            ..AuthenticateOptions::default()
        };
        // From the payload, and from the cache of verified tokens.
        for _ in 0..2 {
            let verdict = service.verifier.authenticate_token(&token, &options).await;
            let verdict = verdict.map(|claims| claims.issuer.clone());
            match is_its_own {
                true => assert_eq!(verdict.unwrap(), globex),
                false => assert_eq!(why(verdict), "insufficient_scope wrong_organization"),
            }
        }
    }
}
