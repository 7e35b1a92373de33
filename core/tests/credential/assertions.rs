//! Assertions from elsewhere: read before each token request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stytch_m2m::{Secret, SecretSource, TokenSourceConfig};

use crate::server::{Act, Server};
use crate::token_endpoint::{Caller, Endpoint, form, settings, token};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[tokio::test]
async fn a_client_assertion_is_read_from_its_file_before_each_request() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, "first.first.first\n").unwrap();
    let server = Server::start(|seen| token(seen.number));
    let caller = Caller::new(TokenSourceConfig {
        client_assertion: Some(SecretSource::file(&path)),
        ..settings(&server)
    });
    caller.another().await.unwrap();
    std::fs::write(&path, "second.second.second\n").unwrap();
    caller.another().await.unwrap();
    let forms: Vec<_> = server.seen().iter().map(form).collect();
    for (form, assertion) in forms.iter().zip(["first.first.first", "second.second.second"]) {
        assert_eq!(form["grant_type"], "client_credentials");
        assert_eq!(form["client_id"], "the-client");
        assert_eq!(form["client_assertion_type"], JWT_BEARER);
        assert_eq!(form["client_assertion"], assertion);
    }
}

#[tokio::test]
async fn an_assertion_is_exchanged_without_a_client() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let server = Server::start(|seen| token(seen.number));
    let caller = Caller::new(TokenSourceConfig {
        client_id: String::new(),
        scopes: vec!["read:users".into()],
        assertion: Some(SecretSource::function(move || {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, std::io::Error>(Secret::new(format!("a.b.{number}"))) }
        })),
        ..settings(&server)
    });
    caller.another().await.unwrap();
    caller.another().await.unwrap();
    let bodies: Vec<_> = server.seen().into_iter().map(|seen| seen.body).collect();
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
    assert_eq!(
        bodies,
        [0, 1].map(|n| format!("{grant}&assertion=a.b.{n}&scope=read%3Ausers")),
        "one call for each request"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_assertion_that_is_refused_is_read_again_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    std::fs::write(&path, "old.old.old").unwrap();
    let renewed = path.clone();
    let server = Server::start(move |seen| {
        // The platform replaces the file while the old assertion is on its way.
        std::fs::write(&renewed, "new.new.new").unwrap();
        match form(seen)["assertion"].as_str() {
            "new.new.new" => token(seen.number),
            _ => Act::json(400, r#"{"error":"invalid_grant","error_description":"expired"}"#),
        }
    });
    let assertion = Some(SecretSource::file(&path));
    let caller = Caller::new(TokenSourceConfig { assertion, ..settings(&server) });
    assert_eq!(caller.another().await.unwrap(), "token-1");
    assert_eq!(server.requests(), 2);
}

/// An assertion also authenticates a client that has a secret beside it.
#[tokio::test]
async fn an_assertion_may_come_with_a_client_secret() {
    let endpoint = Endpoint::accepting(["the-secret"]);
    let caller = Caller::new(TokenSourceConfig {
        client_secret: Some("the-secret".into()),
        assertion: Some("a.b.c".into()),
        ..endpoint.settings()
    });
    caller.another().await.unwrap();
    let form = form(&endpoint.server.seen()[0]);
    assert_eq!((&*form["client_secret"], &*form["assertion"]), ("the-secret", "a.b.c"));
}
