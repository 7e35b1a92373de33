//! A function that fails, hangs or panics.

use futures_util::FutureExt as _;
use stytch_m2m::ErrorKind;

use crate::directory::{ACME, Directory, Mood, issuer, token, why};
use crate::issuer::eventually;

const HOUR: u64 = 3600;

#[tokio::test]
async fn a_failure_is_503_with_a_time_to_wait_and_backs_off() {
    for mood in [Mood::Fails, Mood::Panics, Mood::Hangs] {
        let directory = Directory::of(&[ACME]);
        let service = directory.service();
        directory.is(mood.clone());
        let error = service.verify(&token(ACME)).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::KeysUnavailable, 503));
        assert!(error.details().retry_after.is_some(), "{mood:?}");
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.status, 503);
        assert!(!error.details().message.contains('\n'), "{}", error.details().message);

        // Until the delay is over nobody asks, and nobody waits.
        for _ in 0..100 {
            let verdict = service.verify_now(&token(ACME)).unwrap();
            assert_eq!(why(verdict), "keys_unavailable -");
        }
        assert_eq!(directory.calls(), 1, "{mood:?}");
        directory.is(Mood::Answers);
        service.pass(1);
        service.verify(&token(ACME)).await.unwrap();
        assert_eq!(directory.calls(), 2);
    }
}

#[tokio::test]
async fn an_accepted_issuer_stays_in_use_while_the_function_fails_for_six_hours() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    service.verify(&token).await.unwrap();
    directory.is(Mood::Fails);
    for _ in 0..5 * HOUR / 600 {
        service.pass(600);
        service.verify(&token).await.unwrap();
    }
    let health = &service.verifier.health()[0];
    assert_eq!((health.issuer.as_str(), health.last_failure), (ACME, Some(ErrorKind::Network)));
    let message = health.last_failure_message.as_deref().unwrap();
    assert_eq!(message, "issuer_resolver: its function failed: the database\\nis down");
    service.pass(HOUR);
    assert_eq!(why(service.verify(&token).await), "keys_unavailable -");

    directory.is(Mood::Answers);
    service.pass(6);
    service.verify(&token).await.unwrap();
    assert_eq!(service.verifier.health()[0].last_failure, None);
}

#[tokio::test]
async fn bad_settings_do_not_displace_the_good_ones_of_before() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    service.verify(&token(ACME)).await.unwrap();
    directory.add(ACME, issuer("https://other.example.com"));
    service.pass(600);
    service.verify(&token(ACME)).await.unwrap();
    assert_eq!(service.verifier.health()[0].last_failure, Some(ErrorKind::InvalidConfig));
}

#[tokio::test]
async fn a_function_that_hangs_keeps_nobody_waiting_but_the_first() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    service.verify(&token).await.unwrap();
    directory.is(Mood::Hangs);
    service.pass(600);
    service.verify(&token).await.unwrap();
    for _ in 0..10 {
        service.pass(60);
        service.verify_now(&token).unwrap().unwrap();
    }
    eventually(|| directory.calls() > 2).await;
}

#[tokio::test]
async fn a_caller_who_leaves_takes_nothing_from_the_others() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let token = token(ACME);
    assert!(service.verify(&token).now_or_never().is_none());
    service.verify(&token).await.unwrap();
    assert_eq!(directory.calls(), 1);
}
