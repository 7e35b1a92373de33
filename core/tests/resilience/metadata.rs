//! Discovery: where documents are found, which are refused, and what an outage of them does.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    AuthenticateOptions, ErrorKind, IssuerConfig, KeySetState, TokenSource, TokenSourceConfig,
    TokenVerifier, TokenVerifierConfig, TransportConfig, Vertical,
};
use stytch_m2m_emulator::{Emulator, Seed, TokenRequest, TokenSettings};

use crate::issuer::{Key, at_noon, eventually, hurried, jwks};
use crate::server::{Act, Seen, Server};

const INSERTED: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn verifier(issuer: &str, transport: TransportConfig) -> TokenVerifier {
    let issuers = vec![IssuerConfig::discover(issuer, &["api".to_owned()])];
    TokenVerifier::new(TokenVerifierConfig { issuers, transport, ..Default::default() }).unwrap()
}

fn host(seen: &Seen) -> String {
    let host = seen.head.lines().find_map(|line| line.strip_prefix("host: "));
    format!("http://{}", host.unwrap().trim())
}

fn path(seen: &Seen) -> String {
    seen.head.split(' ').nth(1).unwrap().to_owned()
}

/// A server whose document is at `place`, for the issuer at `issuer_path`, with its keys at `/jwks`.
fn issuer_at(issuer_path: &'static str, place: String) -> Server {
    let keys = jwks(&[&Key::generate("k")]);
    Server::start(move |seen| match path(seen) {
        asked if asked == "/jwks" => Act::json(200, &keys),
        asked if asked == place => {
            let host = host(seen);
            let document = json!({"issuer": format!("{host}{issuer_path}"),
                "jwks_uri": format!("{host}/jwks"), "token_endpoint": format!("{host}/token")});
            Act::json(200, &document.to_string())
        }
        _ => Act::with(404, "content-type: text/html", "<html>not found</html>"),
    })
}

/// The error of a verifier whose issuer's document is this.
async fn refused(document: impl Fn(&str) -> Value + Send + Sync + 'static) -> String {
    let server = Server::start(move |seen| Act::json(200, &document(&host(seen)).to_string()));
    refusal(&server, at_noon().1).await
}

async fn refusal(server: &Server, transport: TransportConfig) -> String {
    let error = verifier(server.url(), transport).warm_up().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
    error.details().message.clone()
}

/// A project's default domain, its custom domain and Stytch's own host are names of one issuer.
#[tokio::test]
async fn a_project_is_known_by_each_of_its_names() {
    let seed = r#"{
        "clients": [{ "client_id": "job", "client_secret": "job-secret-1" }],
        "token_settings": { "custom_domain": true }
    }"#;
    let emulator = Emulator::builder().seed(Seed::parse(seed).unwrap()).start().unwrap();
    let first = emulator.base_url().to_owned();
    let second = first.replace("127.0.0.1", "localhost");
    let names = [first.clone(), second.clone()];
    let issuers =
        vec![IssuerConfig::stytch_at(emulator.project_id(), &names, Vertical::Consumer).unwrap()];
    let verifier = TokenVerifier::new(TokenVerifierConfig { issuers, ..Default::default() });
    let verifier = verifier.unwrap();
    let options = AuthenticateOptions::default();
    let token = async |base_url: &str| {
        let source = TokenSource::new(TokenSourceConfig {
            issuer: Some(base_url.to_owned()),
            client_id: "job".to_owned(),
            client_secret: Some("job-secret-1".into()),
            ..Default::default()
        });
        source.unwrap().get_token().await.unwrap().access_token.expose().to_owned()
    };
    for name in &names {
        let claims = verifier.authenticate_token(&token(name).await, &options).await.unwrap();
        assert_eq!(claims.issuer, *name);
    }
    let only = IssuerConfig::stytch(emulator.project_id(), Some(&first), Vertical::Consumer);
    let issuers = vec![only.unwrap()];
    let config = TokenVerifierConfig { issuers, ..Default::default() };
    let verifier = TokenVerifier::new(config).unwrap();
    let error = verifier.authenticate_token(&token(&second).await, &options).await.unwrap_err();
    assert_eq!(error.details().claim.as_deref(), Some("iss"), "{error}");
    // Without the setting, each address issues tokens of Stytch's own host.
    emulator.set_token_settings(TokenSettings::default()).unwrap();
    let token = token(&second).await;
    let claims = verifier.authenticate_token(&token, &options).await.unwrap();
    assert_eq!(claims.issuer, format!("stytch.com/{}", emulator.project_id()));
}

#[tokio::test]
async fn a_verifier_needs_the_issuer_alone() {
    let seed = json!({ "token_settings": { "custom_domain": true } }).to_string();
    let emulator = Emulator::builder().seed(Seed::parse(&seed).unwrap()).start().unwrap();
    let audiences = [emulator.project_id().to_owned()];
    let issuers = vec![IssuerConfig::discover(emulator.base_url(), &audiences)];
    let config = TokenVerifierConfig { issuers, ..Default::default() };
    let verifier = TokenVerifier::new(config).unwrap();
    let token = emulator.issue_token(&TokenRequest::new("a-client")).unwrap();
    for _ in 0..3 {
        let claims = verifier.authenticate_token(&token, &Default::default()).await.unwrap();
        assert_eq!(claims.issuer, emulator.base_url());
    }
    let counts = emulator.counts();
    let asked: Vec<_> = counts.iter().filter(|(_, count)| **count > 0).collect();
    let expected = [(&"authorization_server".to_owned(), &1), (&"jwks".to_owned(), &1)];
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn documents_are_found_where_servers_have_them() {
    for (issuer_path, place, requests) in [
        ("", INSERTED.to_owned(), 2),
        ("/", INSERTED.to_owned(), 2),
        ("", OPENID.to_owned(), 3),
        ("/tenant", format!("{INSERTED}/tenant"), 2),
        ("/tenant/", format!("{INSERTED}/tenant"), 2),
        ("/tenant", format!("/tenant{OPENID}"), 3),
        ("/realms/a/", format!("/realms/a{OPENID}"), 3),
        ("/tenant", format!("{OPENID}/tenant"), 4),
    ] {
        let server = issuer_at(issuer_path, place.clone());
        let verifier = verifier(&format!("{}{issuer_path}", server.url()), at_noon().1);
        verifier.warm_up().await.unwrap();
        assert_eq!(server.requests(), requests, "{issuer_path} {place}");
        assert_eq!(verifier.health()[0].state, KeySetState::Fresh);
    }
}

#[tokio::test]
async fn a_page_at_the_first_place_does_not_hide_the_document_at_the_second() {
    let server = Server::start(|seen| {
        let host = host(seen);
        match path(seen).as_str() {
            OPENID => Act::json(200, &json!({"issuer": host, "jwks_uri": host}).to_string()),
            "/" => Act::json(200, &jwks(&[&Key::generate("k")])),
            _ => Act::with(200, "content-type: text/html", "<html>an app</html>"),
        }
    });
    verifier(server.url(), at_noon().1).warm_up().await.unwrap();
}

#[tokio::test]
async fn a_document_of_another_issuer_is_refused() {
    let another = "https://another.example";
    let message = refused(move |_| json!({"issuer": another, "jwks_uri": another})).await;
    assert!(message.contains("names another issuer, https://another.example"), "{message}");
    let message = refused(|host| json!({"issuer": format!("{host}/"), "jwks_uri": host})).await;
    assert!(message.contains("with or without a slash at the end"), "{message}");
    let message = refused(|host| json!({"issuer": [host], "jwks_uri": host})).await;
    assert!(message.contains("does not name its issuer"), "{message}");
    let message = refused(|host| json!({"jwks_uri": host})).await;
    assert!(message.contains("does not name its issuer"), "{message}");
}

#[tokio::test]
async fn addresses_of_a_document_must_be_https() {
    for address in ["http://keys.example/jwks", "ftp://keys.example", "/jwks", "javascript:0"] {
        let message = refused(move |host| json!({"issuer": host, "jwks_uri": address})).await;
        assert!(message.contains("is refused: its jwks_uri"), "{address}: {message}");
        let message = refused(
            move |host| json!({"issuer": host, "jwks_uri": host, "token_endpoint": address}),
        )
        .await;
        assert!(message.contains("is refused: its token_endpoint"), "{address}: {message}");
    }
    let message = refused(|host| json!({"issuer": host})).await;
    assert!(message.contains("names no jwks_uri"), "{message}");
}

#[tokio::test]
async fn hostile_documents_are_refused_and_nothing_is_followed() {
    let canary = Server::always(Act::json(200, "{}"));
    let redirect = Act::with(302, &format!("location: {}", canary.url()), "");
    for (act, named) in [
        (redirect, "redirect"),
        (Act::Answer("200 OK".into(), vec![b' '; 300 << 10]), "more than 262144 bytes"),
        (Act::Chunks(1 << 20), "more than 262144 bytes"),
        (Act::json(404, "{}"), "has no discovery document at"),
        (Act::json(200, "[]"), "discovery document"),
        (Act::json(200, "{\"issuer\":\"a\",\"issuer\":\"b\"}"), "a body that is not"),
        (Act::Answer("200 OK\r\ncontent-encoding: gzip".into(), vec![1]), "compressed"),
    ] {
        let server = Server::always(act);
        let message = refusal(&server, at_noon().1).await;
        assert!(message.contains(named), "{named}: {message}");
    }
    assert_eq!(canary.requests(), 0);
    for act in [Act::Hold, Act::SlowBody, Act::SlowHeaders] {
        let server = Server::always(act);
        refusal(&server, hurried()).await;
    }
}

/// The document on a server of its own, and its keys on another.
struct Apart {
    documents: Server,
    keys: Server,
    verifier: TokenVerifier,
    clock: Clock,
}

impl Apart {
    fn new() -> Self {
        let keys = Server::always(Act::json(200, &jwks(&[&Key::generate("k")])));
        let jwks_uri = keys.url().to_owned();
        let documents = Server::start(move |seen| {
            let document = json!({"issuer": host(seen), "jwks_uri": jwks_uri});
            Act::with(200, "cache-control: max-age=600", &document.to_string())
        });
        let (clock, transport) = at_noon();
        let verifier = verifier(documents.url(), transport);
        Self { documents, keys, verifier, clock }
    }
}

#[tokio::test]
async fn an_outage_of_the_document_harms_nobody_who_has_it() {
    for outage in [Act::json(503, "{}"), Act::Reset, Act::json(404, "{}"), Act::json(200, "{}")] {
        let Apart { documents, keys, verifier, clock } = Apart::new();
        verifier.warm_up().await.unwrap();
        documents.does(outage);
        for day in 1..=3 {
            clock.advance(Duration::from_secs(86_400));
            verifier.warm_up().await.unwrap();
            assert_eq!(keys.requests(), 1 + day);
            eventually(|| documents.requests() > day).await;
        }
        assert!(documents.requests() < 30, "{}", documents.requests());
    }
}

#[tokio::test]
async fn a_document_is_fetched_once_for_all_and_refreshed_ahead() {
    let Apart { documents, verifier, clock, .. } = Apart::new();
    let calls = (0..100).map(|_| verifier.warm_up());
    futures_util::future::join_all(calls).await.into_iter().for_each(|done| done.unwrap());
    assert_eq!(documents.requests(), 1);
    // Keys are gone after six hours; the document was due long before.
    clock.advance(Duration::from_secs(7 * 3600));
    verifier.warm_up().await.unwrap();
    eventually(|| documents.requests() == 2).await;
}

#[tokio::test]
async fn keys_that_have_moved_are_found_again() {
    let Apart { documents, keys, verifier, clock } = Apart::new();
    verifier.warm_up().await.unwrap();
    let moved = Server::always(Act::json(200, &jwks(&[&Key::generate("k")])));
    let document = json!({"issuer": documents.url(), "jwks_uri": moved.url()}).to_string();
    documents.follows(Act::json(200, &document));
    keys.does(Act::json(404, "{}"));
    clock.advance(Duration::from_secs(7 * 3600));
    while verifier.warm_up().await.is_err() {
        clock.advance(Duration::from_secs(5));
        tokio::task::yield_now().await;
    }
    assert_eq!(moved.requests(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_at_first_is_asked_again_at_growing_intervals() {
    let (clock, transport) = at_noon();
    let server = Server::always(Act::json(503, "{}"));
    let verifier = verifier(server.url(), transport);
    for _ in 0..600 {
        assert!(verifier.warm_up().await.unwrap_err().details().retry_after.is_some());
        clock.advance(Duration::from_millis(100));
    }
    assert!(server.requests() < 320, "{} requests in a minute", server.requests());
}

#[test]
fn an_issuer_is_checked_before_any_request() {
    for (issuer, named) in [
        ("http://issuer.example", "must be https"),
        ("issuer.example", "is not a URL"),
        ("https://issuer.example?tenant=1", "must not have a query"),
        ("https://issuer.example/.well-known/openid-configuration", "must be the issuer, not"),
        ("https://a:b@issuer.example", "must not contain a user name"),
    ] {
        let issuers = vec![IssuerConfig::discover(issuer, &["api".to_owned()])];
        let config = TokenVerifierConfig { issuers, ..Default::default() };
        let error = TokenVerifier::new(config).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("issuer"), "{issuer}");
        assert!(error.details().message.contains(named), "{issuer}: {error}");
    }
}
