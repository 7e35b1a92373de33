//! private_key_jwt: every kind of key, in every form, as another library sees what it signs.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};
use stytch_m2m::{Algorithm, TokenSource, TokenSourceConfig};

use crate::server::{Act, Server};
use crate::token_endpoint::{form, settings, token};

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// A key, in each of its forms, and what verifies its signatures.
struct Key {
    forms: Vec<String>,
    verifier: DecodingKey,
}

fn rsa() -> Key {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pkcs8 = der.as_ref().to_vec();
    // After the version, the algorithm and the head of the octet string (RFC 5208, section 5).
    let pkcs1 = &pkcs8[26..];
    let public = pair.public_key();
    let (n, e) = (
        public.modulus().big_endian_without_leading_zero(),
        public.exponent().big_endian_without_leading_zero(),
    );
    Key {
        forms: vec![
            pem("PRIVATE KEY", &pkcs8),
            pem("RSA PRIVATE KEY", pkcs1),
            rsa_jwk(pkcs1).to_string(),
        ],
        verifier: DecodingKey::from_rsa_raw_components(n, e),
    }
}

/// The members of an RSAPrivateKey (RFC 8017, appendix A.1.2), which are all integers.
fn rsa_jwk(mut der: &[u8]) -> Value {
    fn head(der: &mut &[u8]) -> usize {
        let (length, rest) = match der[1] {
            short @ ..=0x7f => (usize::from(short), &der[2..]),
            0x80 | 0x81 => (usize::from(der[2]), &der[3..]),
            _ => (usize::from(der[2]) << 8 | usize::from(der[3]), &der[4..]),
        };
        *der = rest;
        length
    }
    head(&mut der);
    let mut integers = Vec::new();
    while !der.is_empty() {
        let length = head(&mut der);
        let (integer, rest) = der.split_at(length);
        let significant = integer.iter().position(|byte| *byte != 0).unwrap_or(integer.len());
        integers.push(URL_SAFE_NO_PAD.encode(&integer[significant..]));
        der = rest;
    }
    let [_, n, e, d, p, q, dp, dq, qi] = integers.try_into().unwrap();
    json!({ "kty": "RSA", "n": n, "e": e, "d": d, "p": p, "q": q, "dp": dp, "dq": dq, "qi": qi })
}

fn ec(algorithm: &'static EcdsaSigningAlgorithm, curve: &str) -> Key {
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let sec1: aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_> =
        pair.private_key().as_der().unwrap();
    let d: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    let (x, y) = point.split_at(point.len() / 2);
    let [x, y, d] = [x, y, d.as_ref()].map(|part| URL_SAFE_NO_PAD.encode(part));
    let jwk = json!({ "kty": "EC", "crv": curve, "x": x, "y": y, "d": d });
    Key {
        forms: vec![
            pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()),
            pem("EC PRIVATE KEY", sec1.as_ref()),
            jwk.to_string(),
        ],
        verifier: DecodingKey::from_ec_components(&x, &y).unwrap(),
    }
}

fn ed25519() -> Key {
    let pair = Ed25519KeyPair::generate().unwrap();
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let seed = pair.seed().unwrap();
    let d: aws_lc_rs::encoding::Curve25519SeedBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&seed).unwrap();
    let jwk =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "d": URL_SAFE_NO_PAD.encode(d.as_ref()) });
    Key {
        forms: vec![
            pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()),
            pem("PRIVATE KEY", pair.to_pkcs8().unwrap().as_ref()),
            jwk.to_string(),
        ],
        verifier: DecodingKey::from_ed_components(&x).unwrap(),
    }
}

/// The claims of a request's assertion, if its signature is `name`'s.
fn verified(seen: &crate::server::Seen, key: &Key, name: &str) -> (Option<String>, Value) {
    let mut form = form(seen);
    assert_eq!(form.remove("client_id").as_deref(), Some("the-client"));
    assert_eq!(
        form.remove("client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let mut validation = Validation::new(name.parse().unwrap());
    validation.set_audience(&["the-audience"]);
    validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
    let assertion = &form["client_assertion"];
    let decoded = jsonwebtoken::decode::<Value>(assertion, &key.verifier, &validation).unwrap();
    (decoded.header.kid, decoded.claims)
}

#[tokio::test]
async fn every_kind_and_form_of_key_signs_what_another_library_verifies() {
    use Algorithm::{EdDsa, Es256, Es384, Ps256, Ps384, Rs256, Rs512};
    let p256 = || ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let p384 = || ec(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384");
    let cases = [
        (rsa(), vec![(None, "RS256"), (Some(Rs256), "RS256"), (Some(Rs512), "RS512")]),
        (rsa(), vec![(Some(Ps256), "PS256"), (Some(Ps384), "PS384")]),
        (p256(), vec![(None, "ES256"), (Some(Es256), "ES256")]),
        (p384(), vec![(None, "ES384"), (Some(Es384), "ES384")]),
        (ed25519(), vec![(None, "EdDSA"), (Some(EdDsa), "EdDSA")]),
    ];
    for (key, algorithms) in cases {
        for text in &key.forms {
            for (signing_algorithm, name) in &algorithms {
                let server = Server::start(|seen| token(seen.number));
                let source = TokenSource::new(TokenSourceConfig {
                    private_key: Some(text.as_str().into()),
                    key_id: Some("key-1".into()),
                    signing_algorithm: *signing_algorithm,
                    assertion_audience: Some("the-audience".into()),
                    ..settings(&server)
                });
                source.unwrap().get_token().await.unwrap();
                let (kid, claims) = verified(&server.seen()[0], &key, name);
                assert_eq!(kid.as_deref(), Some("key-1"));
                assert_eq!(
                    (&claims["iss"], &claims["sub"]),
                    (&json!("the-client"), &json!("the-client"))
                );
                let (iat, exp) = (claims["iat"].as_u64().unwrap(), claims["exp"].as_u64().unwrap());
                assert_eq!(exp - iat, 120);
            }
        }
    }
}

/// A server refuses an assertion that it has seen, also one whose answer was lost.
#[tokio::test]
async fn each_attempt_has_an_assertion_of_its_own() {
    let key = ed25519();
    let server = Server::script(vec![Act::json(503, "{}"), token(1)]);
    let source = TokenSource::new(TokenSourceConfig {
        private_key: Some(key.forms[2].as_str().into()),
        assertion_audience: Some("the-audience".into()),
        ..settings(&server)
    })
    .unwrap();
    source.get_token().await.unwrap();
    let seen = server.seen();
    let ids: Vec<_> =
        seen.iter().map(|seen| verified(seen, &key, "EdDSA").1["jti"].clone()).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_jwk_brings_its_key_id_and_the_endpoint_is_the_audience() {
    let key = ec(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256");
    let mut jwk: Value = serde_json::from_str(&key.forms[2]).unwrap();
    jwk["kid"] = json!("of-the-jwk");
    jwk["alg"] = json!("ES256");
    let server = Server::start(|seen| token(seen.number));
    let source = TokenSource::new(TokenSourceConfig {
        private_key: Some(jwk.to_string().into()),
        ..settings(&server)
    });
    source.unwrap().get_token().await.unwrap();
    let assertion = form(&server.seen()[0]).remove("client_assertion").unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[format!("{}/token", server.url())]);
    let decoded = jsonwebtoken::decode::<Value>(&assertion, &key.verifier, &validation).unwrap();
    assert_eq!(decoded.header.kid.as_deref(), Some("of-the-jwk"));
}

#[test]
fn an_unusable_key_is_refused_unseen() {
    let (rsa, ed) = (rsa(), ed25519());
    let source = |text: &str, signing_algorithm| {
        TokenSource::new(TokenSourceConfig {
            token_url: Some("https://idp.example.com/token".into()),
            client_id: "the-client".into(),
            private_key: Some(text.into()),
            signing_algorithm,
            ..Default::default()
        })
        .unwrap_err()
    };
    let encrypted = rsa.forms[0].replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let mut public: Value = serde_json::from_str(&ed.forms[2]).unwrap();
    public.as_object_mut().unwrap().remove("d");
    let mut torn: Value = serde_json::from_str(&rsa.forms[2]).unwrap();
    torn["q"] = torn["p"].clone();
    let half = rsa.forms[0].get(..200).unwrap().to_owned();
    for (text, what) in [
        ("canary", "PEM"),
        ("{canary", "not a JWK"),
        (r#"{"kty":"oct","k":"canary"}"#, "public key"),
        (&encrypted, "encrypted"),
        (&public.to_string(), "public key cannot sign"),
        (&torn.to_string(), "members"),
        (&half, "PEM"),
    ] {
        let error = source(text, None);
        assert_eq!(error.details().field.as_deref(), Some("private_key"), "{error}");
        let shown = format!("{error:?}");
        assert!(shown.contains(what) && !shown.contains("canary"), "{shown}");
    }
    let error = source(&ed.forms[0], Some(Algorithm::Rs256));
    assert_eq!(error.details().field.as_deref(), Some("signing_algorithm"));
    assert!(error.to_string().contains("RS256 does not fit the private key (Ed25519)"), "{error}");
}
