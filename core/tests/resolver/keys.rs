//! The keys of issuers that the function accepted.

use serde_json::json;
use stytch_m2m::{Algorithm, ErrorKind, IssuerConfig, KeySetState, KeySource};

use crate::directory::{ACME, Directory, KEY, of, settings, token, why};
use crate::issuer::{at, eventually};
use crate::server::{Act, Server};
use crate::signing::{NOW, Signer};

const GLOBEX: &str = "https://globex.example.com";

fn set() -> String {
    json!({"keys": [KEY.jwk()]}).to_string()
}

fn at_server(server: &Server, name: &str) -> IssuerConfig {
    settings(name, KeySource::Url(format!("{}/jwks", server.url())))
}

#[tokio::test]
async fn the_keys_are_fetched_once_kept_with_the_answer_and_shared_by_equal_sources() {
    let server = Server::always(Act::json(200, &set()));
    let directory = Directory::of(&[]);
    directory.add(ACME, at_server(&server, ACME));
    directory.add(GLOBEX, at_server(&server, GLOBEX));
    let service = directory.service();
    service.verify(&token(ACME)).await.unwrap();
    service.verify(&token(GLOBEX)).await.unwrap();
    assert_eq!((directory.calls(), server.requests()), (2, 1), "one set for both");
    service.pass(600);
    service.verify(&token(ACME)).await.unwrap();
    eventually(|| directory.calls() == 3).await;
    assert_eq!(server.requests(), 1, "the answer is the same, so the keys stay");

    let health = service.verifier.health();
    let shown: Vec<_> = health.iter().map(|set| (set.issuer.as_str(), set.state)).collect();
    assert_eq!(shown, [(ACME, KeySetState::Fresh), (GLOBEX, KeySetState::Fresh)]);
    let stats = service.verifier.stats();
    assert_eq!((stats.refreshes, stats.misses), (1, 1));
    directory.remove(ACME);
    directory.remove(GLOBEX);
    service.pass(600);
    assert!(service.verify(&token(ACME)).await.is_err());
    assert_eq!(service.verifier.stats().refreshes, 1, "counters do not shrink");
}

#[tokio::test]
async fn the_keys_of_an_accepted_issuer_change_as_those_of_a_listed_one() {
    let server = Server::always(Act::json(200, &set()));
    let directory = Directory::of(&[]);
    directory.add(ACME, at_server(&server, ACME));
    let service = directory.service();
    service.verify(&token(ACME)).await.unwrap();
    let next = Signer::new("k2", Algorithm::EdDsa);
    server.does(Act::json(200, &json!({"keys": [next.jwk()]}).to_string()));
    service.verify(&next.token(&next.header(), &of(ACME))).await.unwrap();
    assert_eq!(why(service.verify(&token(ACME)).await), "invalid_token key_not_found");
    // Unknown ids cost two fetches, and then none for a while.
    for number in 0..20 {
        let unknown = Signer::new(&format!("unknown-{number}"), Algorithm::EdDsa);
        assert!(service.verify(&unknown.token(&unknown.header(), &of(ACME))).await.is_err());
    }
    assert!(server.requests() <= 5, "{} requests", server.requests());
    assert_eq!(directory.calls(), 1);
}

#[tokio::test]
async fn an_outage_of_the_keys_is_the_issuers_own() {
    let server = Server::always(Act::json(500, "{}"));
    let directory = Directory::of(&[GLOBEX]);
    directory.add(ACME, at_server(&server, ACME));
    let service = directory.service();
    assert_eq!(why(service.verify(&token(ACME)).await), "keys_unavailable -");
    service.verify(&token(GLOBEX)).await.unwrap();
    let health = service.verifier.health();
    assert_eq!(health[0].last_failure, Some(ErrorKind::Service));
    server.does(Act::json(200, &set()));
    service.verifier.warm_up().await.unwrap_err();
    service.pass(5);
    service.verifier.warm_up().await.unwrap();
    assert_eq!(service.verifier.health()[0].state, KeySetState::Fresh);
}

#[tokio::test]
async fn exported_keys_start_another_process_without_a_request_for_keys() {
    let server = Server::always(Act::json(200, &set()));
    let directory = Directory::of(&[]);
    directory.add(ACME, at_server(&server, ACME));
    let first = directory.service();
    first.verify(&token(ACME)).await.unwrap();
    let exported = first.verifier.export_jwks();
    assert_eq!((exported.len(), exported[0].issuer.as_str()), (1, ACME));

    let second = directory.service();
    second.verifier.seed_jwks(Some(ACME), &exported[0].jwks, at(NOW)).unwrap();
    second.verify(&token(ACME)).await.unwrap();
    assert_eq!(server.requests(), 1);
    // An unusable one is as good as none.
    let third = directory.service();
    third.verifier.seed_jwks(Some(ACME), "{}", at(NOW)).unwrap();
    third.verify(&token(ACME)).await.unwrap();
    assert_eq!(server.requests(), 2);
}
