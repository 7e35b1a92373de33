use std::collections::BTreeSet;

use serde_json::{Value, json};
use stytch_m2m_emulator::Operation;

use crate::support::{Api, Credentials, send};

async fn counts(api: &Api, query: &str) -> Value {
    let url = api.url(&format!("/_emulator/counts{query}"));
    api.http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn counts_name_every_operation() {
    let api = Api::start();
    let names: BTreeSet<String> =
        Operation::ALL.iter().map(|operation| operation.name().to_owned()).collect();
    let zeros = counts(&api, "").await;
    assert_eq!(zeros.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>(), names);
    assert!(zeros.as_object().unwrap().values().all(|count| *count == 0));

    let client = api.create_with_scopes(&["a"]).await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    api.get(&path).await.ok();
    api.get("/v1/m2m/clients/nobody").await;
    api.put(&path, json!({})).await.ok();
    api.post("/v1/m2m/clients/search", json!({})).await.ok();
    api.token(&client, json!({})).await.ok();
    api.get(&api.jwks_path()).await.ok();
    api.delete(&path).await.ok();
    let mut expected = zeros;
    for (name, count) in [
        ("create", 1),
        ("get", 2),
        ("search", 1),
        ("update", 1),
        ("delete", 1),
        ("token", 1),
        ("jwks", 1),
    ] {
        expected[name] = json!(count);
    }
    assert_eq!(counts(&api, "").await, expected);
    assert_eq!(json!(api.emulator.counts()), expected);
}

#[tokio::test]
async fn token_requests_are_counted_by_client() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let other = api.create_with_scopes(&["a"]).await;
    api.token(&client, json!({})).await.ok();
    let wrong = Credentials { id: client.id.clone(), secret: "wrong".into() };
    api.token(&wrong, json!({})).await.oauth_refused(401, "invalid_client");
    api.token(&other, json!({})).await.ok();
    let query = |id: &str| format!("?client_id={id}");
    assert_eq!(counts(&api, &query(&client.id)).await, json!({ "token": 2 }));
    assert_eq!(counts(&api, &query("nobody")).await, json!({ "token": 0 }));
    assert_eq!(api.emulator.token_requests(&other.id), 1);
    assert_eq!(api.emulator.counts()["token"], 3);
}

#[tokio::test]
async fn counts_can_be_reset_alone() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    api.http.post(api.url("/_emulator/counts/reset")).send().await.unwrap();
    assert_eq!(api.emulator.counts()["create"], 0);
    api.token(&client, json!({})).await.ok();
    api.emulator.reset_counts();
    assert_eq!(api.emulator.counts()["token"], 0);
    assert_eq!(api.emulator.token_requests(&client.id), 0);
}

#[tokio::test]
async fn reset_forgets_clients_and_counts_but_no_keys() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let keys = api.get(&api.jwks_path()).await.ok()["keys"].clone();
    let response = api.http.post(api.url("/_emulator/reset")).send().await.unwrap();
    assert_eq!(response.status(), 204);
    assert!(api.emulator.counts().values().all(|count| *count == 0));
    let path = format!("/v1/m2m/clients/{}", client.id);
    api.get(&path).await.refused(404, "m2m_client_not_found");
    assert_eq!(api.get(&api.jwks_path()).await.ok()["keys"], keys);
}

/// A page of the web can make its own name lead here (DNS rebinding), or send a request from afar.
#[tokio::test]
async fn the_emulators_own_endpoints_answer_to_this_machines_names_alone() {
    let api = Api::start();
    let port = api.emulator.base_url().rsplit_once(':').unwrap().1.to_owned();
    let ask = async |header: &str, value: String| {
        let request = api.http.get(api.url("/_emulator/credentials")).header(header, value);
        request.send().await.unwrap().status().as_u16()
    };
    for host in ["localhost", "LOCALHOST", "emulator.localhost", "127.0.0.1", "127.1.2.3", "[::1]"]
    {
        assert_eq!(ask("host", format!("{host}:{port}")).await, 200, "{host}");
        assert_eq!(ask("origin", format!("http://{host}:{port}")).await, 200, "{host}");
    }
    for host in ["rebound.example.com", "localhost.example.com", "127.0.0.1.nip.io", "10.0.0.1", ""]
    {
        assert_eq!(ask("host", format!("{host}:{port}")).await, 403, "{host}");
        assert_eq!(ask("origin", format!("https://{host}")).await, 403, "{host}");
    }
    assert_eq!(ask("origin", "null".into()).await, 403);
    let request = api.http.put(api.url("/_emulator/seed")).header("host", "rebound.example.com");
    send(request.body("clients: []")).await.refused(403, "host_not_allowed");
    // The API itself asks for credentials, and answers to any name.
    let request = api.http.get(api.url(&api.jwks_path())).header("host", "rebound.example.com");
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
}
