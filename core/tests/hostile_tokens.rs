//! Tokens and key sets at the edges of the profile, where a verifier is easily too lenient or
//! names the wrong reason.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[path = "support/signing.rs"]
mod signing;

use serde_json::{Value, json};
use signing::{ISSUER, Signer, claims, encode, verifier, verify};
use stytch_m2m::{
    Algorithm, Error, ErrorKind, InvalidTokenReason as Reason, IssuerConfig, KeySource, Result,
    TokenClaims, TokenVerifier, TokenVerifierConfig,
};

fn reason(outcome: Result<TokenClaims>) -> Reason {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidToken, "{error}");
    error.details().reason.unwrap()
}

fn given(keys: &[Value]) -> KeySource {
    KeySource::Jwks(json!({ "keys": keys }).to_string())
}

/// Only a strict spelling is judged at all: no key is looked up for another, and none fetched.
#[test]
fn a_part_that_is_not_canonical_base64url_is_malformed_whatever_else_is_wrong() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = signer.verifier();
    let token = signer.token(&signer.header(), &claims());
    let parts: Vec<_> = token.split('.').collect();
    for part in 0..3 {
        for junk in ["=", "==", " ", "\n", "\0", "?", "#", "+", "/", "%3D"] {
            for dirty in [format!("{}{junk}", parts[part]), format!("{junk}{}", parts[part])] {
                let mut parts = parts.clone();
                parts[part] = &dirty;
                let sent = parts.join(".");
                assert_eq!(reason(verify(&verifier, &sent)), Reason::Malformed, "{sent:?}");
                let input = parts[..2].join(".");
                let signed = format!("{input}.{}", encode(signer.sign(input.as_bytes())));
                if part < 2 {
                    assert_eq!(reason(verify(&verifier, &signed)), Reason::Malformed, "{signed:?}");
                }
            }
        }
    }
    let unknown_kid = signer.token(&json!({"alg": "EdDSA", "kid": "x", "typ": "JWT"}), &claims());
    assert_eq!(reason(verify(&verifier, &format!("{unknown_kid}="))), Reason::Malformed);
    assert_eq!(reason(verify(&verifier, &unknown_kid)), Reason::KeyNotFound);
}

#[test]
fn unused_bits_must_be_zero() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = signer.verifier();
    let [header, payload] = [signer.header().to_string(), claims().to_string()];
    for part in 0..3 {
        // One or two bytes over a multiple of three leave bits that carry nothing.
        for pad in 0..3 {
            let space = " ".repeat(pad);
            let token = signer.token_of(format!("{header}{space}"), format!("{payload}{space}"));
            verify(&verifier, &token).unwrap();
            let mut parts: Vec<_> = token.split('.').map(str::to_owned).collect();
            if parts[part].len() % 4 == 0 {
                continue;
            }
            let last = parts[part].pop().unwrap();
            parts[part].push(sibling(last));
            assert_eq!(reason(verify(&verifier, &parts.join("."))), Reason::Malformed);
        }
    }
}

/// The next character of the alphabet: the same bits but for the lowest.
fn sibling(character: char) -> char {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(character).unwrap();
    char::from(alphabet.as_bytes()[at ^ 1])
}

#[test]
fn an_array_is_not_a_key_set() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    for (jwks, usable) in [
        (json!({"keys": [signer.jwk()]}), true),
        (json!([[signer.jwk()]]), false),
        (json!([signer.jwk()]), false),
    ] {
        let issuer = IssuerConfig { keys: KeySource::Jwks(jwks.to_string()), ..signer.issuer() };
        let config = TokenVerifierConfig { issuers: vec![issuer], ..Default::default() };
        assert_eq!(TokenVerifier::new(config).is_ok(), usable, "{jwks}");
    }
}

/// A key of which any private part is public is nobody's any more (RFC 7518, section 6.3.2).
#[test]
fn a_key_set_that_shows_private_parts_of_a_key_does_not_offer_that_key() {
    let good = Signer::new("good", Algorithm::Rs256);
    let leaked = Signer::new("leaked", Algorithm::Rs256);
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        let mut jwk = leaked.jwk();
        jwk[member] = json!("AQAB");
        let issuer = IssuerConfig { keys: given(&[good.jwk(), jwk]), ..good.issuer() };
        let verifier = verifier(vec![issuer]);
        verify(&verifier, &good.token(&good.header(), &claims())).unwrap();
        let token = leaked.token(&leaked.header(), &claims());
        assert_eq!(reason(verify(&verifier, &token)), Reason::KeyUnusable, "{member}");
    }
}

/// `kid` is optional in a JWK (RFC 7517, section 4.5), and whoever accepts tokens without one has
/// such a set.
#[test]
fn a_key_without_kid_serves_tokens_without_kid_and_no_other() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let unnamed = |signer: &Signer| {
        let mut jwk = signer.jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let with = |keys: &[Value], allow_missing_kid| {
        verifier(vec![IssuerConfig { keys: given(keys), allow_missing_kid, ..signer.issuer() }])
    };
    let no_kid = signer.token(&json!({"alg": "EdDSA", "typ": "JWT"}), &claims());
    let lenient = with(&[unnamed(&signer)], true);
    verify(&lenient, &no_kid).unwrap();
    let named = signer.token(&signer.header(), &claims());
    assert_eq!(reason(verify(&lenient, &named)), Reason::KeyNotFound);

    let other = Signer::new("other", Algorithm::EdDsa);
    for more in [unnamed(&other), other.jwk()] {
        let two = with(&[unnamed(&signer), more], true);
        assert_eq!(reason(verify(&two, &no_kid)), Reason::KeyNotFound, "two keys fit");
    }
    let strict = with(&[unnamed(&signer), other.jwk()], false);
    assert_eq!(reason(verify(&strict, &no_kid)), Reason::KeyNotFound);
}

#[test]
fn endless_key_ops_cost_the_key_and_no_time() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let mut jwk = signer.jwk();
    jwk["kid"] = json!("many");
    jwk["key_ops"] = (0..20_000).map(|n| n.to_string()).chain(["verify".to_owned()]).collect();
    let issuer = IssuerConfig { keys: given(&[signer.jwk(), jwk]), ..signer.issuer() };
    let verifier = verifier(vec![issuer]);
    let token = signer.token(&json!({"alg": "EdDSA", "kid": "many", "typ": "JWT"}), &claims());
    assert_eq!(reason(verify(&verifier, &token)), Reason::KeyUnusable);
}

fn claim_at_fault(error: &Error) -> (Option<Reason>, Option<&str>) {
    (error.details().reason, error.details().claim.as_deref())
}

#[test]
fn an_oauth_client_id_is_never_empty() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let mut claims = claims();
    claims["client_id"] = json!("");
    let error = verify(&signer.verifier(), &signer.token(&signer.header(), &claims)).unwrap_err();
    assert_eq!(claim_at_fault(&error), (Some(Reason::ClaimInvalid), Some("client_id")));
}

/// The same grammar as for a string: what is no scope-token grants nothing.
#[test]
fn scopes_of_an_array_are_read_as_those_of_a_string() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let issuer = IssuerConfig { accept_scope_array: true, ..signer.issuer() };
    let verifier = verifier(vec![issuer]);
    let mut claims = claims();
    claims["scope"] = json!(["read:users", "", "write:a write:b", "x:\t*", "read:ü", "y"]);
    let claims = verify(&verifier, &signer.token(&signer.header(), &claims)).unwrap();
    assert_eq!(claims.scopes, ["read:users", "y"]);
}

#[test]
fn custom_claims_keep_every_digit() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let digits = "123456789012345678901234567890";
    let mut payload = claims().to_string();
    payload.truncate(payload.len() - 1);
    payload.push_str(&format!(r#","big":{digits},"float":0.10000000000000000001}}"#));
    let token = signer.token_of(signer.header().to_string(), payload);
    let claims = verify(&signer.verifier(), &token).unwrap().custom_claims;
    assert_eq!(claims.to_json(), format!(r#"{{"big":{digits},"float":0.10000000000000000001}}"#));
    assert_eq!(claims.get::<u128>("big"), digits.parse().ok());
    assert_eq!(claims.get::<String>("big"), None);
    assert_eq!(claims.get::<String>("iss"), None, "not a custom claim");
}

/// Where two issuers use one key id, each token is judged by its own issuer's key.
#[test]
fn issuers_may_share_a_kid() {
    let ours = Signer::new("1", Algorithm::EdDsa);
    let theirs = Signer::new("1", Algorithm::EdDsa);
    let mut other = theirs.issuer();
    other.issuers = vec!["https://other.example.com/".into()];
    let verifier = verifier(vec![ours.issuer(), other]);
    let mut their_claims = claims();
    their_claims["iss"] = json!("https://other.example.com/");
    let token = |signer: &Signer, claims: &Value| {
        verify(&verifier, &signer.token(&signer.header(), claims))
    };
    assert_eq!(token(&ours, &claims()).unwrap().issuer, ISSUER);
    assert_eq!(token(&theirs, &their_claims).unwrap().issuer, "https://other.example.com/");
    assert_eq!(reason(token(&ours, &their_claims)), Reason::SignatureInvalid);
    assert_eq!(reason(token(&theirs, &claims())), Reason::SignatureInvalid);
}

/// A token of exactly so many bytes, by white space in its header and payload.
fn token_of_size(signer: &Signer, size: usize) -> String {
    let (header, payload) = (signer.header().to_string(), claims().to_string());
    let fitting = (0..3).find_map(|spaces| {
        let header = format!("{header}{}", " ".repeat(spaces));
        let left = size - encode(&header).len() - 2 - encode([0; 64]).len();
        let padded = left * 3 / 4;
        Some(signer.token_of(header, format!("{payload:padded$}"))).filter(|t| t.len() == size)
    });
    fitting.unwrap()
}

#[test]
fn each_limit_is_where_it_is_said_to_be() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = signer.verifier();
    let header = signer.header().to_string();
    let of_header = |size: usize| signer.token_of(format!("{header:size$}"), claims().to_string());
    let of_scope = |scope: String| {
        let mut claims = claims();
        claims["scope"] = json!(scope);
        signer.token(&signer.header(), &claims)
    };
    let of_kid = |size| {
        let named = Signer::new(&"k".repeat(size), Algorithm::EdDsa);
        let issuer = IssuerConfig { keys: given(&[named.jwk(), signer.jwk()]), ..signer.issuer() };
        verify(&signing::verifier(vec![issuer]), &named.token(&named.header(), &claims()))
    };
    for (most, more) in [
        (token_of_size(&signer, 16 << 10), token_of_size(&signer, (16 << 10) + 1)),
        (of_header(4 << 10), of_header((4 << 10) + 1)),
        (of_scope(vec!["a"; 1000].join(" ")), of_scope(vec!["a"; 1001].join(" "))),
        (of_scope("a".repeat(256)), of_scope("a".repeat(257))),
    ] {
        verify(&verifier, &most).unwrap();
        assert_eq!(reason(verify(&verifier, &more)), Reason::Malformed);
    }
    of_kid(256).unwrap();
    assert_eq!(reason(of_kid(257)), Reason::Malformed);
}

#[test]
fn a_type_is_an_access_tokens_or_refused() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let verifier = signer.verifier();
    let of = |typ: &str| {
        let header = json!({"alg": "EdDSA", "kid": "k", "typ": typ});
        verify(&verifier, &signer.token(&header, &claims()))
    };
    for typ in ["JWT", "jwt", "at+jwt", "application/jwt", "APPLICATION/AT+JWT"] {
        of(typ).unwrap();
    }
    for typ in ["", "application/", "application-jwt", "multipart/x-jwt", "jwt ", "id+jwt", "jwtt"]
    {
        assert_eq!(reason(of(typ)), Reason::WrongTokenKind, "{typ}");
    }
}

#[test]
fn a_key_set_has_at_most_1000_keys_and_no_kid_beyond_a_headers() {
    let signer = Signer::new("k", Algorithm::EdDsa);
    let jwk = |kid: String| {
        let mut jwk = signer.jwk();
        jwk["kid"] = json!(kid);
        jwk
    };
    let taken = |keys: &[Value]| {
        let issuer = IssuerConfig { keys: given(keys), ..signer.issuer() };
        TokenVerifier::new(TokenVerifierConfig { issuers: vec![issuer], ..Default::default() })
    };
    let keys: Vec<_> = (0..1001).map(|n| jwk(n.to_string())).collect();
    taken(&keys[..1000]).unwrap();
    let refused = taken(&keys).unwrap_err().to_string();
    assert!(refused.contains("it has 1001 keys, and max_jwks_keys is 1000"), "{refused}");
    taken(&[jwk("k".repeat(256))]).unwrap();
    let refused = taken(&[jwk("k".repeat(257))]).unwrap_err().to_string();
    assert!(refused.contains("no usable key: a key without `kid`"), "{refused}");
}
