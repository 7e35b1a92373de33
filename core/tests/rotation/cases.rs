//! Single courses of events that no emulator brings about.

use std::sync::{Arc, Mutex};

use stytch_m2m::{Client, ClientConfig, ErrorKind, Secret};

use crate::rotation_server::{Fault, Hooks, PROJECT, Server, State, Step};

const ID: &str = "billing";
const FIRST: &str = "first-secret-0000";

struct Nobody;

impl Hooks for Nobody {
    fn is_safe(&self, _: &State) -> bool {
        true
    }
}

/// A rotation that has started; its end meets the faults of `plan`, by the step and how often it was
/// taken before.
async fn started(plan: impl Fn(Step, usize) -> Fault + Send + 'static) -> (Server, Client, Secret) {
    let server = Server::start();
    let taken = Mutex::new(Vec::new());
    let plan = move |step, _| {
        let mut taken = taken.lock().unwrap();
        let before = taken.iter().filter(|one| **one == step).count();
        taken.push(step);
        plan(step, before)
    };
    server.add(ID, FIRST, plan, Arc::new(Nobody));
    let config = ClientConfig {
        base_url: Some(server.url.clone()),
        ..ClientConfig::new(PROJECT, "secret-test-model")
    };
    let client = Client::new(config).unwrap();
    let started = client.secrets().rotate_start(ID).await.unwrap();
    (server, client, started.m2m_client.next_client_secret)
}

#[tokio::test]
async fn an_end_that_cannot_be_resolved_says_so_and_finishing_again_ends_well() {
    let (server, client, next) = started(|step, before| match (step, before) {
        (Step::Commit, 0) => Fault::After(503, false),
        (Step::Look, 1..=9) => Fault::Before(503, true),
        _ => Fault::Nothing,
    })
    .await;
    let error = client.secrets().rotate_finish(ID, &next).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.details().recovery.as_deref().unwrap().contains("keep both secrets"));
    assert_eq!(server.state(ID), State { current: next.expose().into(), next: None });
    client.secrets().rotate_finish(ID, &next).await.unwrap();
}

#[tokio::test]
async fn a_5xx_after_the_fact_is_looked_up_and_the_end_is_not_repeated() {
    let (server, client, next) = started(|step, before| match (step, before) {
        (Step::Commit, 0) => Fault::After(503, true),
        _ => Fault::Nothing,
    })
    .await;
    let ended = client.secrets().rotate_finish(ID, &next).await.unwrap();
    assert_eq!(ended.m2m_client.next_client_secret_last_four, None);
    let asked = server.with(ID, |client| client.log.iter().map(|one| one.0).collect::<Vec<_>>());
    assert_eq!(asked, [Step::Start, Step::Look, Step::Token, Step::Commit, Step::Look]);
}

#[tokio::test]
async fn a_rotation_that_is_replaced_before_its_end_is_a_conflict() {
    let (server, client, next) = started(|step, _| match step {
        Step::Commit => Fault::Replaced,
        _ => Fault::Nothing,
    })
    .await;
    let error = client.secrets().rotate_finish(ID, &next).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains("was replaced while it ended"), "{error}");
    assert!(error.details().recovery.as_deref().unwrap().contains("client_secret_last_four"));
    assert!(!server.state(ID).accepts(next.expose()));
}

#[tokio::test]
async fn a_replica_that_lags_delays_the_end_and_does_not_prevent_it() {
    let (server, client, next) = started(|step, before| match (step, before) {
        (Step::Look, 0 | 1) | (Step::Token, 0..=2) => Fault::Lag(1),
        (Step::Commit, 0) => Fault::AnswerLost,
        (Step::Look, 3 | 4) => Fault::Lag(2),
        _ => Fault::Nothing,
    })
    .await;
    client.secrets().rotate_finish(ID, &next).await.unwrap();
    assert_eq!(server.state(ID).current, next.expose());
}

/// The answer to the commit was lost, and a replica shows the client before the rotation.
#[tokio::test]
async fn a_cancel_after_the_end_does_not_claim_that_the_old_secret_stayed() {
    let (server, client, next) = started(|step, before| match (step, before) {
        (Step::Cancel, 0) => Fault::Before(503, false),
        (Step::Look, 0) => Fault::Lag(2),
        _ => Fault::Nothing,
    })
    .await;
    client.secrets().rotate(ID).await.unwrap();
    let error = client.secrets().rotate_cancel(ID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.details().recovery.as_deref().unwrap().contains("compare"));
    assert_eq!(server.state(ID).current, next.expose());
}

#[tokio::test]
async fn a_dropped_call_leaves_both_secrets_working() {
    for step in [Step::Look, Step::Token] {
        let stopped = Arc::new(tokio::sync::Notify::new());
        struct Stop(Arc<tokio::sync::Notify>);
        impl Hooks for Stop {
            fn is_safe(&self, _: &State) -> bool {
                true
            }
            fn kill(&self) {
                self.0.notify_one();
            }
        }
        let server = Server::start();
        let plan = move |asked, _| match asked == step {
            true => Fault::Kill { done: true },
            false => Fault::Nothing,
        };
        server.add(ID, FIRST, plan, Arc::new(Stop(Arc::clone(&stopped))));
        let config = ClientConfig {
            base_url: Some(server.url.clone()),
            ..ClientConfig::new(PROJECT, "secret-test-model")
        };
        let client = Client::new(config).unwrap();
        let started = client.secrets().rotate_start(ID).await.unwrap().m2m_client;
        let next = started.next_client_secret;
        let secrets = client.secrets();
        tokio::select! {
            biased;
            () = stopped.notified() => {}
            outcome = secrets.rotate_finish(ID, &next) => panic!("{outcome:?}"),
        }
        assert!(server.state(ID).accepts(FIRST) && server.state(ID).accepts(next.expose()));
    }
}

/// What the library did after a failed proof: callers had the next secret alone by then.
#[tokio::test]
async fn the_server_notices_a_secret_that_dies_with_its_owner() {
    struct Holds(Mutex<String>);
    impl Hooks for Holds {
        fn is_safe(&self, now: &State) -> bool {
            now.accepts(&self.0.lock().unwrap())
        }
    }
    let (server, hooks) = (Server::start(), Arc::new(Holds(Mutex::new(FIRST.to_owned()))));
    server.add(ID, FIRST, |_, _| Fault::Nothing, Arc::clone(&hooks) as _);
    let config = ClientConfig {
        base_url: Some(server.url.clone()),
        ..ClientConfig::new(PROJECT, "secret-test-model")
    };
    let client = Client::new(config).unwrap();
    let started = client.secrets().rotate_start(ID).await.unwrap().m2m_client;
    assert_eq!(server.with(ID, |client| client.violations.len()), 0);
    started.next_client_secret.expose().clone_into(&mut hooks.0.lock().unwrap());
    client.secrets().rotate_cancel(ID).await.unwrap();
    assert_eq!(server.with(ID, |client| client.violations.len()), 1);
}
