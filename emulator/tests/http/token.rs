use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};

use crate::support::{Answer, Api, Credentials, send};

async fn key_set(api: &Api) -> JwkSet {
    let jwks = api.http.get(api.url(&api.jwks_path())).send().await.unwrap();
    assert_eq!(jwks.headers()["cache-control"], "public, max-age=900");
    serde_json::from_value(jwks.json().await.unwrap()).unwrap()
}

/// The claims, once an independent library has verified the signature with the key set.
async fn verified(api: &Api, answer: Answer) -> Value {
    let answer = answer.ok();
    let token = answer["access_token"].as_str().unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    let keys = key_set(api).await;
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key is published")).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.set_audience(&[api.emulator.project_id()]);
    decode(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_token_is_as_the_guide_shows_it() {
    let api = Api::start();
    let client = api.create_with_scopes(&["read:users", "write:users"]).await;
    let before = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let answer = api.token(&client, json!({})).await;
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(answer.body.as_object().unwrap().len(), 5);

    let header = decode_header(answer.body["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    assert_eq!(header.kid.unwrap().strip_prefix("jwk-test-").unwrap().len(), 36);

    let claims = verified(&api, answer).await;
    let issued_at = claims["iat"].as_u64().unwrap();
    assert!((before..=before + 60).contains(&issued_at));
    let project_id = api.emulator.project_id();
    assert_eq!(
        claims,
        json!({
            "iss": format!("stytch.com/{project_id}"),
            "aud": [project_id],
            "sub": client.id,
            "scope": "read:users write:users",
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + 3600,
        })
    );
}

#[tokio::test]
async fn a_scope_narrows_the_token() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a:1", "a:2", "a:3"]).await;
    for (asked, granted) in
        [("a:3", "a:3"), ("a:3 a:1", "a:3 a:1"), ("  a:2  a:2 ", "a:2"), ("", "a:1 a:2 a:3")]
    {
        let claims = verified(&api, api.token(&client, json!({ "scope": asked })).await).await;
        assert_eq!(claims["scope"], granted, "{asked:?}");
    }
    for asked in ["a:4", "a:1 a:4", "a:*"] {
        let answer = api.token(&client, json!({ "scope": asked })).await;
        answer.oauth_refused(400, "invalid_scope");
    }
}

#[tokio::test]
async fn credentials_come_in_body_or_header_as_form_or_json() {
    let api = Api::start();
    let Credentials { id, secret } = api.create_with_scopes(&["a"]).await;
    let post = || api.http.post(api.url(&api.token_path()));
    let grant = [("grant_type", "client_credentials")];
    let full = [grant[0], ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let json_grant = json!({ "grant_type": "client_credentials" });
    let requests = [
        post().form(&full),
        post().form(&grant).basic_auth(&id, Some(&secret)),
        post().json(&json_grant).basic_auth(&id, Some(&secret)),
        // As official clients do: the project's own credentials in the header as well.
        post().form(&full).basic_auth(api.emulator.project_id(), Some(api.emulator.secret())),
    ];
    for request in requests {
        assert_eq!(verified(&api, send(request).await).await["sub"], id);
    }
    let same = [grant[0], ("client_id", id.as_str())];
    let request = post().form(&same).basic_auth(&id, Some(&secret));
    assert_eq!(verified(&api, send(request).await).await["sub"], id);
    // Otherwise a template's `request.client_id` would not be the client that was authenticated.
    let other = [grant[0], ("client_id", "other")];
    let request = post().form(&other).basic_auth(&id, Some(&secret));
    send(request).await.oauth_refused(400, "invalid_request");
    let project_only =
        post().form(&grant).basic_auth(api.emulator.project_id(), Some(api.emulator.secret()));
    send(project_only).await.oauth_refused(401, "invalid_client");
}

#[tokio::test]
async fn extra_parameters_are_accepted() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let extra = json!({ "user_id": "123", "nested": { "a": [1] }, "scopes": ["ignored"] });
    let claims = verified(&api, api.token(&client, extra).await).await;
    assert_eq!(claims["scope"], "a");
    assert!(claims.get("user_id").is_none());
}

#[tokio::test]
async fn bad_requests_get_oauth_errors() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let wrong = Credentials { id: client.id.clone(), secret: client.secret.to_lowercase() };
    let unknown = Credentials { id: "nobody".into(), secret: client.secret.clone() };
    api.token(&wrong, json!({})).await.oauth_refused(401, "invalid_client");
    api.token(&unknown, json!({})).await.oauth_refused(401, "invalid_client");
    let cases = [
        (json!({ "grant_type": "password" }), "unsupported_grant_type"),
        (json!({ "grant_type": null }), "invalid_request"),
        (json!({ "grant_type": 1 }), "invalid_request"),
        (json!({ "client_id": null }), "invalid_request"),
        (json!({ "client_secret": 12345678 }), "invalid_request"),
        (json!({ "scope": ["a"] }), "invalid_request"),
    ];
    for (extra, error) in cases {
        api.token(&client, extra).await.oauth_refused(400, error);
    }
    let post = || api.http.post(api.url(&api.token_path()));
    let form = "application/x-www-form-urlencoded";
    for (content_type, body) in [
        (form, "grant_type=client_credentials&grant_type=client_credentials"),
        (form, ""),
        ("application/json", "[]"),
        ("application/json", "{"),
        ("text/plain", "{}"),
    ] {
        let request = post().header("content-type", content_type).body(body);
        send(request).await.oauth_refused(400, "invalid_request");
    }
    send(post().body("{}")).await.oauth_refused(400, "invalid_request");
}

#[tokio::test]
async fn an_inactive_client_gets_no_token_and_an_active_one_does_again() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    api.put(&path, json!({ "status": "inactive" })).await.ok();
    api.token(&client, json!({})).await.oauth_refused(401, "invalid_client");
    api.put(&path, json!({ "status": "active" })).await.ok();
    api.token(&client, json!({})).await.ok();
}

#[tokio::test]
async fn tokens_of_both_keys_verify_after_the_keys_rotate() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let old = api.token(&client, json!({})).await;
    api.emulator.rotate_keys();
    let new = api.token(&client, json!({})).await;
    let kid = |answer: &Answer| {
        decode_header(answer.body["access_token"].as_str().unwrap()).unwrap().kid.unwrap()
    };
    assert_ne!(kid(&old), kid(&new));
    assert_eq!(key_set(&api).await.keys.len(), 2);
    verified(&api, old).await;
    verified(&api, new).await;
}

#[tokio::test]
async fn both_key_set_paths_serve_the_same_keys() {
    let api = Api::start();
    let mut sets = Vec::new();
    for prefix in ["/v1", "/v1/b2b"] {
        let path = format!("{prefix}/sessions/jwks/{}", api.emulator.project_id());
        let response = api.http.get(api.url(&path)).send().await.unwrap();
        assert_eq!(response.headers()["cache-control"], "public, max-age=900");
        sets.push(response.json::<Value>().await.unwrap()["keys"].clone());
    }
    assert_eq!(sets[0], sets[1]);
    let key = sets[0][0].as_object().unwrap();
    assert_eq!(
        (&key["kty"], &key["use"], &key["alg"]),
        (&json!("RSA"), &json!("sig"), &json!("RS256"))
    );
    assert!(!key.contains_key("d"));
}

#[tokio::test]
async fn another_project_gets_neither_tokens_nor_keys() {
    let api = Api::start();
    let body = json!({ "grant_type": "client_credentials" });
    let other = api.http.post(api.url("/v1/public/project-test-other/oauth2/token")).json(&body);
    send(other).await.oauth_refused(404, "invalid_request");
    let other = api.http.get(api.url("/v1/sessions/jwks/project-test-other"));
    send(other).await.refused(404, "project_not_found");
}
