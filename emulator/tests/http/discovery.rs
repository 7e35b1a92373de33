//! Discovery documents, and what a token is asked for.

use jsonwebtoken::dangerous::insecure_decode_claims;
use reqwest::Method;
use serde_json::{Value, json};
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{Api, send};

fn claims(answer: &Value) -> Value {
    insecure_decode_claims(answer["access_token"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn discovery_documents_name_the_endpoints() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    api.admin(Method::PUT, "token-settings", Some(json!({ "custom_domain": true }))).await;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let document = send(api.http.get(api.url(path))).await.body;
        assert_eq!(document["issuer"], api.emulator.base_url());
        assert_eq!(document["token_endpoint"], api.url("/v1/oauth2/token"));
        assert_eq!(document["jwks_uri"], api.url(&api.jwks_path()));
        let methods =
            json!(["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]);
        assert_eq!(document["token_endpoint_auth_methods_supported"], methods);
        let token = claims(&api.token(&client, json!({})).await.ok());
        assert_eq!(token["iss"], document["issuer"]);
    }
    assert_eq!(api.emulator.counts()["authorization_server"], 1);
    assert_eq!(api.emulator.counts()["openid_configuration"], 1);
}

/// `localhost` and `127.0.0.1` are two names of one emulator, as a project may have two domains.
#[tokio::test]
async fn a_token_names_the_address_that_was_called() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let project = format!("stytch.com/{}", api.emulator.project_id());
    let port = api.emulator.base_url().rsplit_once(':').unwrap().1.to_owned();
    let called = |host: &str, path: &str| {
        api.http.post(api.url(path)).header("host", host).form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &client.id),
            ("client_secret", &client.secret),
        ])
    };
    let local = format!("localhost:{port}");
    let paths = [api.token_path(), "/v1/oauth2/token".to_owned()];
    for path in &paths {
        assert_eq!(claims(&send(called(&local, path)).await.ok())["iss"], project);
    }
    api.admin(Method::PUT, "token-settings", Some(json!({ "custom_domain": true }))).await;
    for path in &paths {
        let answer = send(called(&local, path)).await.ok();
        assert_eq!(claims(&answer)["iss"], format!("http://{local}"));
        assert_eq!(claims(&answer)["aud"], json!([api.emulator.project_id()]));
        let answer = send(called("Login.Example.com", path)).await.ok();
        assert_eq!(claims(&answer)["iss"], "http://login.example.com");
        let behind_proxy = called("login.example.com", path).header("x-forwarded-proto", "https");
        let answer = send(behind_proxy).await.ok();
        assert_eq!(claims(&answer)["iss"], "https://login.example.com");
        for no_host in ["a@b", "a b", "a/b"] {
            let answer = send(called(no_host, path)).await.ok();
            assert_eq!(claims(&answer)["iss"], api.emulator.base_url());
        }
    }
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let request = api.http.get(api.url(path)).header("host", "login.example.com");
        let document = send(request.header("x-forwarded-proto", "https")).await.body;
        assert_eq!(document["issuer"], "https://login.example.com");
        assert_eq!(document["token_endpoint"], "https://login.example.com/v1/oauth2/token");
        let keys = format!("https://login.example.com{}", api.jwks_path());
        assert_eq!(document["jwks_uri"], keys);
    }
    let request = api.http.post(api.url("/_emulator/tokens")).header("host", &local);
    let issued = send(request.json(&json!({ "client_id": client.id }))).await.body;
    assert_eq!(claims(&issued)["iss"], format!("http://{local}"));
}

/// RFC 6749: a form, with the client's credentials in it or in the header.
#[tokio::test]
async fn the_token_endpoint_of_a_domain_is_a_token_endpoint() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let post = || api.http.post(api.url("/v1/oauth2/token"));
    let grant = ("grant_type", "client_credentials");
    let (id, secret) = (("client_id", &*client.id), ("client_secret", &*client.secret));
    let basic = post().form(&[grant]).basic_auth(&client.id, Some(&client.secret));
    for request in [post().form(&[grant, id, secret]), basic] {
        assert_eq!(claims(&send(request).await.ok())["sub"], client.id);
    }
    assert_eq!(api.emulator.token_requests(&client.id), 2);
    let wrong = [grant, id, ("client_secret", "wrong")];
    send(post().form(&wrong)).await.oauth_refused(401, "invalid_client");
    let wrong = post().form(&[grant]).basic_auth(&client.id, Some("wrong"));
    send(wrong).await.oauth_refused(401, "invalid_client");
    send(post().form(&[grant])).await.oauth_refused(400, "invalid_request");
}

#[tokio::test]
async fn resources_and_audiences_are_audiences_of_the_token() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let project_id = api.emulator.project_id();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client.id),
        ("client_secret", &client.secret),
        ("resource", "https://orders.example"),
        ("resource", "https://billing.example/v1"),
        ("audience", "urn:orders"),
        ("audience", "https://orders.example"),
    ];
    let answer = send(api.http.post(api.url(&api.token_path())).form(&form)).await.ok();
    let expected =
        json!([project_id, "https://orders.example", "https://billing.example/v1", "urn:orders"]);
    assert_eq!(claims(&answer)["aud"], expected);
    for resource in ["orders", "/orders", "https://orders.example#part"] {
        let answer = api.token(&client, json!({ "resource": resource })).await;
        answer.oauth_refused(400, "invalid_target");
    }
    let answer = api.token(&client, json!({ "resource": 1 })).await;
    answer.oauth_refused(400, "invalid_request");
}

#[tokio::test]
async fn a_fault_changes_members_of_an_answer() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let set = json!({ "expires_in": "3600", "scope": [], "token_type": null });
    let effect = json!({ "type": "change_body", "set": set, "remove": ["request_id"] });
    let fault = json!({ "operation": "token", "effect": effect });
    api.admin(Method::POST, "faults", Some(fault)).await;
    let changed = api.token(&client, json!({})).await.body;
    assert_eq!(changed["expires_in"], "3600");
    assert_eq!(changed["scope"], json!([]));
    assert_eq!(changed["token_type"], Value::Null);
    assert_eq!(changed.get("request_id"), None);
    assert_eq!(claims(&changed)["sub"], client.id);
    let effect = Effect::ChangeBody { set: serde_json::Map::new(), remove: vec!["keys".into()] };
    api.emulator.add_fault(Fault::new(effect).at(Operation::Jwks)).unwrap();
    let keys = send(api.http.get(api.url(&api.jwks_path()))).await.body;
    assert_eq!(keys.get("keys"), None);
}
