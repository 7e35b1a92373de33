//! Tokens made to have the function asked too often, or about the wrong issuer.

use futures_util::future::join_all;
use serde_json::{Value, json};
use stytch_m2m::{Algorithm, IssuerConfig, IssuerResolver};

use crate::directory::{ACME, Directory, KEY, LISTED, Mood, issuer, of, token, why};
use crate::signing::{Signer, encode};

fn header(change: impl FnOnce(&mut Value)) -> Value {
    let mut header = KEY.header();
    change(&mut header);
    header
}

#[tokio::test]
async fn a_token_that_is_refused_before_its_payload_asks_nobody() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service_with(vec![issuer(LISTED)], |resolver| resolver);
    let bad = |change: &dyn Fn(&mut Value)| KEY.token(&header(change), &of(ACME));
    let good = token(ACME);
    for token in [
        bad(&|header| header["alg"] = json!("none")),
        bad(&|header| header["alg"] = json!("HS256")),
        bad(&|header| header["alg"] = Value::Null),
        bad(&|header| header["typ"] = json!("logout+jwt")),
        bad(&|header| header["typ"] = json!(7)),
        bad(&|header| header["crit"] = json!(["exp"])),
        bad(&|header| header["b64"] = json!(false)),
        bad(&|header| header["zip"] = json!("DEF")),
        bad(&|header| header["cty"] = json!("JWT")),
        bad(&|header| header["kid"] = json!("")),
        bad(&|header| header["kid"] = json!(7)),
        bad(&|header| header["kid"] = json!("k".repeat(257))),
        good.replace('.', ".."),
        format!("{good}="),
        format!("{good}.{good}"),
        "x".repeat(20_000),
        String::new(),
    ] {
        let verdict = service.verify_now(&token).expect("nobody waits");
        assert!(why(verdict).starts_with("invalid_token"));
    }
    assert_eq!(directory.calls(), 0);
}

#[tokio::test]
async fn an_iss_that_is_no_text_of_at_most_2048_bytes_asks_nobody() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    let long = format!("{ACME}/{}", "x".repeat(2048 - ACME.len()));
    for iss in [
        Value::Null,
        json!(7),
        json!(true),
        json!([ACME]),
        json!({"iss": ACME}),
        json!(""),
        json!(long),
        json!("\u{1F511}".repeat(513)),
    ] {
        let mut payload = of(ACME);
        payload["iss"] = iss.clone();
        let verdict = service.verify_now(&KEY.token(&KEY.header(), &payload)).unwrap();
        assert!(why(verdict).starts_with("invalid_token"), "{iss}");
    }
    let whole = of(ACME).to_string();
    for payload in [
        format!(r#"{{"iss":"{ACME}",{}"#, &whole[1..]),
        format!(r#"{{"iss":"{LISTED}",{}"#, &whole[1..]),
        format!(r#"{{"\u0069ss":"{ACME}",{}"#, &whole[1..]),
        format!(r#"["{ACME}"]"#),
        format!("{whole} x"),
        r#"{"iss":"\ud800"}"#.to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        let verdict = service.verify_now(&KEY.token_of(KEY.header().to_string(), &payload));
        assert!(why(verdict.unwrap()).starts_with("invalid_token"), "{payload}");
    }
    assert_eq!(directory.calls(), 0);

    let longest = format!("{ACME}/{}", "x".repeat(2048 - ACME.len() - 1));
    assert_eq!(why(service.verify(&token(&longest)).await), "invalid_token key_not_found");
    assert_eq!(directory.asked(), [longest]);
}

#[tokio::test]
async fn an_iss_is_compared_byte_by_byte_however_it_is_written() {
    let directory = Directory::of(&[ACME]);
    let service = directory.service();
    // Escapes are only another spelling of the same text.
    let escaped = of(ACME).to_string().replace("https", "\\u0068ttps");
    service.verify(&KEY.token_of(KEY.header().to_string(), escaped)).await.unwrap();
    assert_eq!(directory.calls(), 1);
    for other in [
        "https://ACME.example.com",
        "https://acme.example.com/",
        "https://acme.example.com\u{0}",
        "https://acme.example.com\u{200b}",
        "https://\u{430}cme.example.com",
        " https://acme.example.com",
    ] {
        assert_eq!(why(service.verify(&token(other)).await), "invalid_token key_not_found");
        assert_eq!(directory.asked().last().map(String::as_str), Some(other));
    }
}

#[tokio::test]
async fn random_names_displace_no_accepted_issuer_and_few_are_asked_about_at_once() {
    let directory = Directory::of(&[ACME]);
    let few = |resolver| IssuerResolver { max_issuers: 20, ..resolver };
    let service = directory.service_with(Vec::new(), few);
    service.verify(&token(ACME)).await.unwrap();
    for number in 0..200 {
        let name = format!("https://random-{number}.example.com");
        assert_eq!(why(service.verify(&token(&name)).await), "invalid_token key_not_found");
    }
    service.verify_now(&token(ACME)).unwrap().unwrap();
    assert_eq!(directory.asked().iter().filter(|name| *name == ACME).count(), 1);

    directory.is(Mood::Hangs);
    let before = directory.calls();
    let names: Vec<_> = (0..200).map(|n| format!("https://hang-{n}.example.com")).collect();
    let tokens: Vec<_> = names.iter().map(|name| token(name)).collect();
    let verdicts = join_all(tokens.iter().map(|token| service.verify(token))).await;
    for verdict in verdicts {
        assert_eq!(why(verdict), "keys_unavailable -");
    }
    assert!(directory.calls() - before <= 20, "{} calls", directory.calls() - before);
    service.verify_now(&token(ACME)).unwrap().unwrap();

    // And whoever is accepted is asked for ahead of them.
    service.pass(700);
    directory.is(Mood::Answers);
    service.verify(&token(ACME)).await.unwrap();
}

#[tokio::test]
async fn the_least_used_of_too_many_accepted_issuers_leaves() {
    let names: Vec<_> = (0..4).map(|n| format!("https://{n}.example.com")).collect();
    let directory = Directory::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let few = |resolver| IssuerResolver { max_issuers: 3, ..resolver };
    let service = directory.service_with(Vec::new(), few);
    for name in &names {
        service.verify(&token(name)).await.unwrap();
        service.pass(1);
        service.verify_now(&token(&names[0])).map(Result::unwrap);
    }
    let health = service.verifier.health();
    let left: Vec<_> = health.iter().map(|set| set.issuer.as_str()).collect();
    assert_eq!(left, [&names[0], &names[2], &names[3]]);
    assert!(service.verify_now(&token(&names[1])).is_none(), "its cached token is asked for again");
    service.verify(&token(&names[1])).await.unwrap();
}

#[tokio::test]
async fn a_key_of_one_issuer_signs_nothing_for_another() {
    let rival = Signer::new("k1", Algorithm::EdDsa);
    let globex = "https://globex.example.com";
    let directory = Directory::of(&[ACME]);
    let keys = json!({"keys": [rival.jwk()]}).to_string();
    let settings = IssuerConfig { keys: stytch_m2m::KeySource::Jwks(keys), ..issuer(globex) };
    directory.add(globex, settings);
    let service = directory.service();
    service.verify(&token(ACME)).await.unwrap();
    service.verify(&rival.token(&rival.header(), &of(globex))).await.unwrap();
    for forged in [rival.token(&rival.header(), &of(ACME)), token(globex)] {
        assert_eq!(why(service.verify(&forged).await), "invalid_token signature_invalid");
    }
    // The key of a listed issuer with the same id is not tried either.
    let service = directory.service_with(vec![issuer(LISTED)], |resolver| resolver);
    assert_eq!(why(service.verify(&token(globex)).await), "invalid_token signature_invalid");
    let unsigned =
        format!("{}.{}.", encode(KEY.header().to_string()), encode(of(ACME).to_string()));
    assert!(service.verify(&unsigned).await.is_err());
}
