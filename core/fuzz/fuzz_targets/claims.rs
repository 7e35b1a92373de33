//! Claims whose signature holds. Whatever passes says, to a lenient reader too, what it must say.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use stytch_m2m::{AuthenticateOptions, IssuerConfig, KeySource, TokenProfile, internals};

const NOW: f64 = 1_800_000_000.0;
const ISSUER: &str = "i";
const AUDIENCE: &str = "a";

fuzz_target!(|input: (u8, &[u8])| {
    let (how, payload) = input;
    let profile = match how % 3 {
        0 => TokenProfile::Stytch,
        1 => TokenProfile::Auth0,
        _ => TokenProfile::OAuth,
    };
    let keys = KeySource::Jwks(String::new());
    let issuer = IssuerConfig {
        profile,
        accept_scope_array: how & 4 != 0,
        ..IssuerConfig::oauth(ISSUER, &[AUDIENCE.to_owned()], keys)
    };
    let options = AuthenticateOptions {
        max_token_age: (how & 8 != 0).then_some(Duration::from_secs(3600)),
        clock_tolerance: Duration::from_secs(u64::from(how & 16 != 0) * 300),
        ..Default::default()
    };
    let named = internals::unverified_issuer(payload);
    let Ok(claims) = internals::check_claims(payload, &issuer, &options, NOW) else { return };
    let text = std::str::from_utf8(payload).expect("UTF-8");
    let seen: Map<String, Value> = serde_json::from_str(text).expect("a JSON object");
    let string = |name: &str| seen.get(name).map(|value| value.as_str().expect("a string"));
    let text = |name: &str| seen.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let number = |name: &str| seen.get(name).map(|value| value.as_f64().expect("a number"));
    let tolerance = options.clock_tolerance.as_secs_f64();
    let ahead = tolerance.max(5.0);

    assert_eq!((string("iss"), named.as_deref()), (Some(ISSUER), Some(ISSUER)));
    assert!(claims.audience.iter().any(|aud| aud == AUDIENCE));
    assert!(NOW < number("exp").expect("exp") + tolerance);
    assert!(number("nbf").is_none_or(|nbf| nbf <= NOW + ahead));
    assert!(number("iat").is_none_or(|iat| iat <= NOW + ahead));
    if let Some(limit) = options.max_token_age {
        assert!(NOW - number("iat").expect("iat") < limit.as_secs_f64());
    }
    assert!(!seen.contains_key("https://stytch.com/session"));
    assert!(seen.get("cnf").is_none_or(Value::is_null));
    let sub = string("sub").expect("sub");
    assert!(!sub.is_empty() && !claims.client_id.is_empty());
    match profile {
        TokenProfile::Stytch => assert_eq!(claims.client_id, sub),
        TokenProfile::Auth0 => assert_eq!(format!("{}@clients", claims.client_id), sub),
        TokenProfile::OAuth => {
            assert!(
                ["nonce", "at_hash", "c_hash"]
                    .iter()
                    .all(|name| seen.get(*name).is_none_or(Value::is_null))
            );
            let named = ["client_id", "azp", "appid"].map(text);
            assert!(named.contains(&Some(&claims.client_id)) || claims.client_id == sub);
        }
    }
    for scope in &claims.scopes {
        assert!(!scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic()), "{scope}");
    }
    let custom: Map<String, Value> =
        serde_json::from_str(&claims.custom_claims.to_json()).expect("JSON");
    assert!(custom.iter().all(|(name, value)| seen.get(name) == Some(value)));
    assert_eq!(custom, claims.custom_claims.to_map());
});
