//! The whole verifier. Without the key nothing passes but the token that was issued; with the key,
//! whatever passes has the header and the claims that it must have.
#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stytch_m2m::internals::Clock;
use stytch_m2m::{Algorithm, AuthenticateOptions, ErrorKind, IssuerConfig, KeySource, TokenVerifier, TokenVerifierConfig, TransportConfig};

const NOW: i64 = 1_800_000_000;
const HEADER: &str = r#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#;
const CLAIMS: &str = r#"{"iss":"i","aud":"a","sub":"s","exp":1800003600,"scope":"read:x"}"#;

struct World {
    pair: Ed25519KeyPair,
    verifier: TokenVerifier,
    issued: String,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let key = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "k", "x": x});
    let keys = KeySource::Jwks(json!({ "keys": [key] }).to_string());
    let issuer = IssuerConfig {
        algorithms: Algorithm::ALL.to_vec(),
        ..IssuerConfig::oauth("i", &["a".to_owned()], keys)
    };
    let transport = TransportConfig { clock: Clock::manual(NOW), ..Default::default() };
    let config = TokenVerifierConfig { issuers: vec![issuer], transport };
    let verifier = TokenVerifier::new(config).expect("a sound configuration");
    let issued = sign(&pair, HEADER.as_bytes(), CLAIMS.as_bytes());
    World { pair, verifier, issued }
});

fn sign(pair: &Ed25519KeyPair, header: &[u8], payload: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = encode(pair.sign(input.as_bytes()).as_ref());
    format!("{input}.{signature}")
}

fn check(token: &str) -> bool {
    let options = AuthenticateOptions::scopes(["read:x"]);
    match WORLD.verifier.authenticate_token_now(token, &options).expect("keys are given") {
        Ok(_) => true,
        Err(error) => {
            let kind = error.kind();
            assert!(matches!(kind, ErrorKind::InvalidToken | ErrorKind::InsufficientScope));
            false
        }
    }
}

fuzz_target!(|input: (bool, &[u8], &[u8])| {
    let (with_key, first, second) = input;
    let World { pair, issued, .. } = &*WORLD;
    if !with_key {
        // The issued token with a piece replaced, or anything at all.
        let at = second.first().map_or(0, |at| usize::from(*at)) * issued.len() / 256;
        let mut token = issued.clone().into_bytes();
        let end = (at + first.len()).min(token.len());
        token.splice(at..end, first.iter().copied());
        for token in [std::str::from_utf8(&token), std::str::from_utf8(first)].into_iter().flatten()
        {
            assert_eq!(check(token), token == issued, "{token}");
        }
        return;
    }
    let payload = if second.is_empty() { CLAIMS.as_bytes() } else { second };
    let header = if first.is_empty() { HEADER.as_bytes() } else { first };
    if check(&sign(pair, header, payload)) {
        let header: Value = serde_json::from_slice(header).expect("JSON");
        assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &json!("k")));
        assert!(header["typ"].is_string());
        assert!(header.get("crit").or(header.get("b64")).or(header.get("zip")).is_none());
        let claims: Value = serde_json::from_slice(payload).expect("JSON");
        assert_eq!(claims["iss"], "i");
        assert!(
            claims["aud"] == "a"
                || claims["aud"].as_array().is_some_and(|a| a.contains(&json!("a")))
        );
        assert!(claims["exp"].as_f64().expect("a number") > NOW as f64);
        let scope = claims["scope"].as_str().expect("a string");
        assert!(scope.split(' ').any(|scope| scope == "read:x" || scope == "read:*"));
    }
});
