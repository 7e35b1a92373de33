//! Tokens with custom claims, and tokens that are wrong on purpose.

use jsonwebtoken::{
    DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::JwkSet,
};
use reqwest::Method;
use serde_json::{Value, json};
use stytch_m2m_emulator::{Signature, TemplateError, TokenChanges, TokenRequest, TokenSettings};

use crate::support::Api;

type Verified = Result<Value, ErrorKind>;

/// What an independent library says of a token, given the emulator's keys.
async fn verify(api: &Api, token: &str) -> Verified {
    let keys: JwkSet =
        serde_json::from_value(api.get(&api.jwks_path()).await.ok()).expect("a key set");
    let kid = decode_header(token).unwrap().kid.unwrap_or_default();
    let key = keys.find(&kid).unwrap_or(&keys.keys[0]);
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_nbf = true;
    validation.set_audience(&[api.emulator.project_id()]);
    validation.set_issuer(&[format!("stytch.com/{}", api.emulator.project_id())]);
    let decoded = decode(token, &DecodingKey::from_jwk(key).unwrap(), &validation);
    decoded.map(|token| token.claims).map_err(jsonwebtoken::errors::Error::into_kind)
}

async fn forge(api: &Api, changes: TokenChanges) -> (String, Verified) {
    let request = TokenRequest::new("somebody").scopes(["read:users"]).changes(changes);
    let token = api.emulator.issue_token(&request).unwrap();
    let verified = verify(api, &token).await;
    (token, verified)
}

#[tokio::test]
async fn an_issued_token_is_as_good_as_any() {
    let api = Api::start();
    let (_, verified) = forge(&api, TokenChanges::default()).await;
    let claims = verified.unwrap();
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("somebody"), &json!("read:users")));

    let client = api.create_with_scopes(&["a", "b"]).await;
    let token = api.emulator.issue_token(&TokenRequest::new(&client.id)).unwrap();
    assert_eq!(verify(&api, &token).await.unwrap()["scope"], "a b");
    assert_eq!(api.emulator.counts()["token"], 0);
}

#[tokio::test]
async fn tokens_come_expired_early_and_wrong() {
    let api = Api::start();
    let forged = |changes| async { forge(&api, changes).await.1.unwrap_err() };
    let changes = TokenChanges::default;
    assert_eq!(forged(TokenChanges::expired()).await, ErrorKind::ExpiredSignature);
    assert_eq!(forged(TokenChanges::not_yet_valid()).await, ErrorKind::ImmatureSignature);
    assert_eq!(forged(changes().claim("iss", "stytch.com/other")).await, ErrorKind::InvalidIssuer);
    assert_eq!(forged(changes().claim("aud", json!(["other"]))).await, ErrorKind::InvalidAudience);
    let corrupted = changes().signature(Signature::Corrupted);
    assert_eq!(forged(corrupted).await, ErrorKind::InvalidSignature);
    let unknown = changes().signature(Signature::UnknownKey);
    assert_eq!(forged(unknown).await, ErrorKind::InvalidSignature);
    let no_expiry = changes().claim("exp", Value::Null);
    assert_eq!(forged(no_expiry).await, ErrorKind::MissingRequiredClaim("exp".into()));
}

#[tokio::test]
async fn any_claim_and_any_header_can_change() {
    let api = Api::start();
    let changes = TokenChanges::default()
        .claim("scope", json!(["not", "a", "string"]))
        .claim("nbf", Value::Null)
        .claim("tenant", json!({ "id": 1 }))
        .header("typ", "at+jwt")
        .header("jku", "https://attacker.example");
    let (token, verified) = forge(&api, changes).await;
    let claims = verified.unwrap();
    assert_eq!(claims["scope"], json!(["not", "a", "string"]));
    assert_eq!(claims["tenant"], json!({ "id": 1 }));
    assert!(claims.get("nbf").is_none());
    let header = decode_header(&token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!(header.jku.as_deref(), Some("https://attacker.example"));

    let (token, _) = forge(&api, TokenChanges::default().header("kid", Value::Null)).await;
    assert_eq!(decode_header(&token).unwrap().kid, None);
}

#[tokio::test]
async fn an_unknown_key_is_in_no_key_set() {
    let api = Api::start();
    let changes = TokenChanges::default().signature(Signature::UnknownKey);
    let (token, _) = forge(&api, changes).await;
    let kid = decode_header(&token).unwrap().kid.unwrap();
    assert!(!api.get(&api.jwks_path()).await.ok().to_string().contains(&kid));
}

#[tokio::test]
async fn the_token_endpoint_changes_its_tokens_too() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let settings = json!({ "lifetime_seconds": 30, "changes": { "claims": { "sub": "x" } } });
    api.admin(Method::PUT, "token-settings", Some(settings)).await;
    let answer = api.token(&client, json!({})).await.ok();
    assert_eq!(answer["expires_in"], 30);
    let claims = verify(&api, answer["access_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 30);
    assert_eq!(claims["sub"], "x");

    api.admin(Method::PUT, "token-settings", Some(json!({}))).await;
    assert_eq!(api.emulator.token_settings(), TokenSettings::default());
    let answer = api.token(&client, json!({})).await.ok();
    assert_eq!(answer["expires_in"], 3600);
}

#[tokio::test]
async fn a_template_makes_custom_claims_of_parameters() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let settings = json!({
        "custom_claims_template":
            r#"{"user_id": {{ request.user_id }}, "plan": "pro", "team": {{ request.team.id }}}"#,
        "custom_audience": "https://api.example",
    });
    api.admin(Method::PUT, "token-settings", Some(settings)).await;
    let extra = json!({ "user_id": "123", "team": { "id": 7 } });
    let answer = api.token(&client, extra).await.ok();
    let claims = verify(&api, answer["access_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(claims["user_id"], "123");
    assert_eq!(claims["plan"], "pro");
    assert_eq!(claims["team"], 7);
    assert_eq!(claims["aud"], json!([api.emulator.project_id(), "https://api.example"]));

    let answer = api.token(&client, json!({})).await.ok();
    let claims = verify(&api, answer["access_token"].as_str().unwrap()).await.unwrap();
    assert!(claims.get("user_id").is_none());

    let too_large = api.token(&client, json!({ "user_id": "x".repeat(4096) })).await;
    too_large.oauth_refused(400, "invalid_request");

    let request = TokenRequest::new(&client.id).extra("user_id", 9);
    let token = api.emulator.issue_token(&request).unwrap();
    assert_eq!(verify(&api, &token).await.unwrap()["user_id"], 9);
}

/// `request.*` is the caller's word, `client.trusted_metadata.*` the project's.
#[tokio::test]
async fn a_template_makes_custom_claims_of_metadata_that_no_caller_can_change() {
    let api = Api::start();
    let metadata = json!({ "organization_id": "org-a\"", "place": { "region": "eu" } });
    let client = api.create(json!({ "scopes": ["a"], "trusted_metadata": metadata })).await;
    let template = r#"{
        "org_id": {{ client.trusted_metadata.organization_id }},
        "region": {{ client.trusted_metadata.place.region }},
        "said": {{ request.organization_id }}
    }"#;
    let settings = json!({ "custom_claims_template": template });
    api.admin(Method::PUT, "token-settings", Some(settings)).await;
    let attacks = [
        json!({ "organization_id": "org-b", "org_id": "org-b" }),
        json!({ "trusted_metadata": { "organization_id": "org-b" } }),
        json!({ "client": { "trusted_metadata": { "organization_id": "org-b" } } }),
        json!({ "client.trusted_metadata.organization_id": "org-b" }),
        json!({ "organization_id": "\", \"org_id\": \"org-b" }),
        json!({ "organization_id": { "org_id": "org-b" } }),
        json!({ "organization_id": "{{ client.trusted_metadata.place }}" }),
    ];
    for extra in attacks {
        let answer = api.token(&client, extra.clone()).await.ok();
        let claims = verify(&api, answer["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!(claims["org_id"], "org-a\"", "{extra}");
        assert_eq!(claims["region"], "eu");
        assert_eq!(claims["said"], extra["organization_id"]);
    }
    let token = api.emulator.issue_token(&TokenRequest::new(&client.id)).unwrap();
    assert_eq!(verify(&api, &token).await.unwrap()["org_id"], "org-a\"");

    // Without the value there is no claim, whatever the caller says.
    let path = format!("/v1/m2m/clients/{}", client.id);
    let gone = json!({ "trusted_metadata": { "organization_id": null, "place": null } });
    api.put(&path, gone).await.ok();
    for extra in [json!({}), json!({ "organization_id": "org-b", "region": "us" })] {
        let answer = api.token(&client, extra).await.ok();
        let claims = verify(&api, answer["access_token"].as_str().unwrap()).await.unwrap();
        assert_eq!((claims.get("org_id"), claims.get("region")), (None, None));
    }
}

#[tokio::test]
async fn a_wrong_template_is_refused_and_changes_nothing() {
    let api = Api::start();
    for (template, error_type) in [
        ("no json", "jwt_template_invalid_json"),
        ("{\"a\": {{ request.a }", "jwt_template_mismatched_tag"),
        ("{\"a\": {{ user.a }}}", "jwt_template_invalid_tag"),
        ("{\"a\": {{ client.trusted_metadata }}}", "jwt_template_invalid_tag"),
        ("{\"a\": \"{{ client.trusted_metadata.a }}\"}", "jwt_template_invalid_json"),
        ("{\"iss\": \"me\"}", "reserved_claims_in_custom_claims"),
        ("{\"https://stytch.com/session\": {}}", "stytch_claims_in_custom_claims"),
    ] {
        let settings = json!({ "custom_claims_template": template });
        let answer = api.admin_refused(Method::PUT, "token-settings", settings).await;
        answer.refused(400, error_type);
    }
    for settings in [json!([]), json!({ "changes": [] }), json!({ "lifetime": 1 })] {
        let answer = api.admin_refused(Method::PUT, "token-settings", settings).await;
        answer.refused(400, "bad_request");
    }
    let mut settings = TokenSettings::default();
    settings.custom_claims_template = Some("[]".into());
    assert_eq!(api.emulator.set_token_settings(settings), Err(TemplateError::InvalidJson));
    assert_eq!(api.emulator.token_settings(), TokenSettings::default());
}

#[tokio::test]
async fn the_admin_api_issues_tokens() {
    let api = Api::start();
    let request = json!({
        "client_id": "somebody",
        "scopes": ["a"],
        "changes": { "issued_at_offset_seconds": -7200 },
    });
    let issued = api.admin(Method::POST, "tokens", Some(request)).await;
    let verified = verify(&api, issued["access_token"].as_str().unwrap()).await;
    assert_eq!(verified, Err(ErrorKind::ExpiredSignature));
    let wrong = json!({ "scopes": ["a"] });
    api.admin_refused(Method::POST, "tokens", wrong).await.refused(400, "bad_request");
}

#[tokio::test]
async fn keys_rotate_and_retire_over_http() {
    let api = Api::start();
    let old = api.emulator.issue_token(&TokenRequest::new("a")).unwrap();
    api.admin(Method::POST, "keys/rotate", None).await;
    assert_eq!(api.get(&api.jwks_path()).await.ok()["keys"].as_array().unwrap().len(), 2);
    verify(&api, &old).await.unwrap();
    api.admin(Method::POST, "keys/retire", None).await;
    assert_eq!(api.get(&api.jwks_path()).await.ok()["keys"].as_array().unwrap().len(), 1);
    assert_eq!(verify(&api, &old).await, Err(ErrorKind::InvalidSignature));
    let new = api.emulator.issue_token(&TokenRequest::new("a")).unwrap();
    verify(&api, &new).await.unwrap();
}
