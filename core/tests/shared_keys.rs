//! Issuers that share keys or their names, as the tenants of one provider do: whoever signed, the
//! keys of the issuer that the token names decide, before and after a rotation.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use signing::{Signer, claims, verifier};
use stytch_m2m::{
    Algorithm, ErrorKind, InvalidTokenReason as Reason, IssuerConfig, KeySource, TokenVerifier,
};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";

/// An issuer's key set, which may change, and how often it was asked for.
struct Keys {
    url: String,
    body: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Keys {
    fn of(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let body = Arc::new(Mutex::new(String::new()));
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (Arc::clone(&body), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 4096]);
                count.fetch_add(1, Ordering::SeqCst);
                let body = answer.lock().unwrap().clone();
                let (status, length) = (if body.is_empty() { 503 } else { 200 }, body.len());
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all((head + &body).as_bytes());
            }
        });
        let keys = Self { url, body, asked };
        keys.publish(signers);
        keys
    }

    fn publish(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| signer.jwk()).collect();
        *self.body.lock().unwrap() = json!({ "keys": keys }).to_string();
    }

    fn fails(&self) {
        self.body.lock().unwrap().clear();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn issuer(&self, name: &str, signer: &Signer) -> IssuerConfig {
        let keys = KeySource::Url(self.url.clone());
        IssuerConfig { issuers: vec![name.to_owned()], keys, ..signer.issuer() }
    }
}

fn token(signer: &Signer, iss: &str) -> String {
    let mut claims = claims();
    claims["iss"] = json!(iss);
    signer.token(&signer.header(), &claims)
}

async fn accepts(verifier: &TokenVerifier, signer: &Signer, iss: &str) {
    let outcome = verifier.authenticate_token(&token(signer, iss), &Default::default()).await;
    assert_eq!(outcome.unwrap().issuer, iss);
}

#[tokio::test]
async fn issuers_that_share_keys_both_get_the_new_ones_after_a_rotation() {
    let old = Signer::new("old", Algorithm::EdDsa);
    let new = Signer::new("new", Algorithm::EdDsa);
    let (one, two) = (Keys::of(&[&old]), Keys::of(&[&old]));
    let verifier = verifier(vec![one.issuer(ONE, &old), two.issuer(TWO, &old)]);
    for iss in [ONE, TWO] {
        accepts(&verifier, &old, iss).await;
    }
    one.publish(&[&old, &new]);
    two.publish(&[&old, &new]);
    // The first issuer's cache has the new key now; the second's has not asked yet.
    accepts(&verifier, &new, ONE).await;
    accepts(&verifier, &new, TWO).await;
    accepts(&verifier, &new, ONE).await;
    accepts(&verifier, &old, TWO).await;
    assert_eq!((one.asked(), two.asked()), (2, 2));
}

#[tokio::test]
async fn an_issuer_that_publishes_anothers_key_ids_blocks_nobody() {
    let good = Signer::new("shared", Algorithm::EdDsa);
    let thief = Signer::new("shared", Algorithm::EdDsa);
    let (one, two) = (Keys::of(&[&thief]), Keys::of(&[&good]));
    let verifier = verifier(vec![one.issuer(ONE, &thief), two.issuer(TWO, &good)]);
    accepts(&verifier, &thief, ONE).await;
    accepts(&verifier, &good, TWO).await;
    for (signer, iss) in [(&thief, TWO), (&good, ONE)] {
        let outcome = verifier.authenticate_token(&token(signer, iss), &Default::default()).await;
        assert_eq!(outcome.unwrap_err().details().reason, Some(Reason::SignatureInvalid));
    }
}

#[tokio::test]
async fn an_issuer_whose_server_is_away_blocks_nobody() {
    let signer = Signer::new("shared", Algorithm::EdDsa);
    let (one, two) = (Keys::of(&[]), Keys::of(&[&signer]));
    one.fails();
    let verifier = verifier(vec![one.issuer(ONE, &signer), two.issuer(TWO, &signer)]);
    accepts(&verifier, &signer, TWO).await;
    let outcome = verifier.authenticate_token(&token(&signer, ONE), &Default::default()).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::KeysUnavailable);
    accepts(&verifier, &signer, TWO).await;
    assert_eq!(two.asked(), 1);
}
