//! What a token says never makes the verifier talk to anyone: only configured issuers are asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use signing::{ISSUER, Signer, claims, encode, verifier};
use stytch_m2m::{Algorithm, InvalidTokenReason as Reason, IssuerConfig, KeySource};

/// Answers every connection with one body, and counts the connections.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start(body: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 8192]);
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
                let _ = write!(stream, "{head}: {}\r\n\r\n{body}", body.len());
            }
        });
        Self { url, connections }
    }

    fn of(signer: &Signer) -> Self {
        Self::start(json!({"keys": [signer.jwk()]}).to_string())
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn fetched(signer: &Signer, server: &Server) -> IssuerConfig {
    IssuerConfig { keys: KeySource::Url(server.url.clone()), ..signer.issuer() }
}

fn with(header: &Value, more: &Value) -> Value {
    let mut header = header.clone();
    header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    header
}

#[tokio::test]
async fn keys_and_addresses_in_a_token_are_neither_used_nor_visited() {
    let signer = Signer::new("ours", Algorithm::Rs256);
    let attacker = Signer::new("theirs", Algorithm::Rs256);
    let (keys, canary) = (Server::of(&signer), Server::of(&attacker));
    let verifier = verifier(vec![fetched(&signer, &keys)]);
    verifier.warm_up().await.unwrap();
    let certificate = encode("no certificate");
    let lures = [
        json!({"jku": canary.url}),
        json!({"x5u": canary.url}),
        json!({"jku": canary.url, "x5u": canary.url, "iss": canary.url}),
        json!({"jwk": attacker.jwk()}),
        json!({"jwk": {"kty": "oct", "k": "AA"}}),
        json!({"jwk": "junk", "x5c": 1}),
        json!({"x5c": [certificate], "x5t": certificate, "x5t#S256": certificate}),
        json!({"jku": "file:///etc/passwd", "x5u": "http://169.254.169.254/latest/meta-data"}),
    ];
    let options = Default::default();
    for lure in &lures {
        let token = signer.token(&with(&signer.header(), lure), &claims());
        verifier.authenticate_token(&token, &options).await.unwrap();

        for (kid, reason) in [("ours", Reason::SignatureInvalid), ("theirs", Reason::KeyNotFound)] {
            let header = with(&with(&signer.header(), lure), &json!({"kid": kid}));
            let mut claims = claims();
            for names in ["jku", "x5u", "jwks_uri"] {
                claims[names] = json!(canary.url);
            }
            let token = attacker.token(&header, &claims);
            let error = verifier.authenticate_token(&token, &options).await.unwrap_err();
            assert_eq!(error.details().reason, Some(reason), "{lure}: {error}");
        }
        let elsewhere = with(&claims(), &json!({"iss": canary.url}));
        let token = attacker.token(&with(&attacker.header(), lure), &elsewhere);
        let error = verifier.authenticate_token(&token, &options).await.unwrap_err();
        assert_eq!(error.details().reason, Some(Reason::KeyNotFound), "{lure}: {error}");
    }
    assert_eq!(canary.connections(), 0);
    // The first load, and the refreshes that unknown key ids may cause, at the configured URL.
    assert!((1..=3).contains(&keys.connections()), "{}", keys.connections());
}

/// Garbage costs no fetch, even while no key is at hand.
#[tokio::test]
async fn a_token_that_could_never_pass_causes_no_fetch() {
    let signer = Signer::new("ours", Algorithm::Rs256);
    let keys = Server::of(&signer);
    let issuer = IssuerConfig { allow_missing_kid: false, ..fetched(&signer, &keys) };
    let verifier = verifier(vec![issuer]);
    let header = signer.header();
    let token = signer.token(&header, &claims());
    let elsewhere = with(&claims(), &json!({"iss": "https://elsewhere.example.com"}));
    for (token, reason) in [
        (format!("{token}="), Reason::Malformed),
        (token.replace('.', ".="), Reason::Malformed),
        (signer.token_of("[]", "{}"), Reason::Malformed),
        (
            signer.token(&with(&header, &json!({"alg": "none"})), &claims()),
            Reason::AlgorithmNotAllowed,
        ),
        (
            signer.token(&with(&header, &json!({"alg": "HS256"})), &claims()),
            Reason::AlgorithmNotAllowed,
        ),
        (
            signer.token(&with(&header, &json!({"alg": "PS256"})), &claims()),
            Reason::AlgorithmNotAllowed,
        ),
        (
            signer.token(&with(&header, &json!({"crit": ["exp"]})), &claims()),
            Reason::HeaderUnsupported,
        ),
        (
            signer.token(&with(&header, &json!({"typ": "logout+jwt"})), &claims()),
            Reason::WrongTokenKind,
        ),
        (signer.token(&with(&header, &json!({"kid": ""})), &claims()), Reason::Malformed),
        (signer.token(&json!({"alg": "RS256", "typ": "JWT"}), &claims()), Reason::KeyNotFound),
        (signer.token(&header, &elsewhere), Reason::KeyNotFound),
        (signer.token_of(header.to_string(), "{"), Reason::KeyNotFound),
        (signer.token_of(header.to_string(), b"\xff"), Reason::KeyNotFound),
    ] {
        let error = verifier.authenticate_token(&token, &Default::default()).await.unwrap_err();
        assert_eq!(error.details().reason, Some(reason), "{token}: {error}");
        assert_eq!(keys.connections(), 0, "{token}");
    }
    verifier.authenticate_token(&token, &Default::default()).await.unwrap();
    assert_eq!(keys.connections(), 1);
}

/// `"kid": "1"` is common: before an issuer's keys were ever fetched, another's key of that name
/// must not stand in for it.
#[tokio::test]
async fn a_kid_known_from_one_issuer_does_not_hide_anothers() {
    let (ours, theirs) = (Signer::new("1", Algorithm::EdDsa), Signer::new("1", Algorithm::EdDsa));
    let (our_keys, their_keys) = (Server::of(&ours), Server::of(&theirs));
    let name = "https://other.example.com/";
    let other = IssuerConfig { issuers: vec![name.into()], ..fetched(&theirs, &their_keys) };
    let verifier = verifier(vec![fetched(&ours, &our_keys), other]);
    let our_token = ours.token(&ours.header(), &claims());
    let their_token = theirs.token(&theirs.header(), &with(&claims(), &json!({"iss": name})));
    let stray = with(&claims(), &json!({"iss": "https://nobody.example.com/"}));
    let stray = ours.token(&ours.header(), &stray);
    let options = Default::default();
    let ok = verifier.authenticate_token(&our_token, &options).await.unwrap();
    assert_eq!((ok.issuer.as_str(), their_keys.connections()), (ISSUER, 0));
    let error = verifier.authenticate_token(&stray, &options).await.unwrap_err();
    assert_eq!(error.details().claim.as_deref(), Some("iss"), "signed by us, in no one's name");
    assert_eq!(their_keys.connections(), 0);
    let ok = verifier.authenticate_token(&their_token, &options).await.unwrap();
    assert_eq!((ok.issuer.as_str(), their_keys.connections()), (name, 1));
    let ok = verifier.authenticate_token(&our_token, &options).await.unwrap();
    assert_eq!((ok.issuer.as_str(), our_keys.connections()), (ISSUER, 1));
    let error = verifier.authenticate_token(&stray, &options).await.unwrap_err();
    assert_eq!(error.details().reason, Some(Reason::KeyNotFound), "two issuers have that kid");
}

/// Where a kid belongs to one issuer alone, tokens in another's name are that other's to vouch for:
/// its set is asked, as for any key id that it may have since, and decides.
#[tokio::test]
async fn a_token_in_anothers_name_is_refused_before_and_after_that_others_keys_are_known() {
    let (ours, theirs) =
        (Signer::new("ours", Algorithm::EdDsa), Signer::new("theirs", Algorithm::EdDsa));
    let (our_keys, their_keys) = (Server::of(&ours), Server::of(&theirs));
    let name = "https://other.example.com/";
    let other = IssuerConfig { issuers: vec![name.into()], ..fetched(&theirs, &their_keys) };
    let verifier = verifier(vec![fetched(&ours, &our_keys), other]);
    let our_token = ours.token(&ours.header(), &claims());
    verifier.authenticate_token(&our_token, &Default::default()).await.unwrap();
    let forged = ours.token(&ours.header(), &with(&claims(), &json!({"iss": name})));
    for asked in [1, 2] {
        let error = verifier.authenticate_token(&forged, &Default::default()).await.unwrap_err();
        assert_eq!(error.details().reason, Some(Reason::KeyNotFound), "{error}");
        assert_eq!(their_keys.connections(), asked);
    }
}
