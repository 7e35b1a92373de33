use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::{Api, send};

#[tokio::test]
async fn create_shows_the_secret_once() {
    let api = Api::start();
    let created = api
        .post(
            "/v1/m2m/clients",
            json!({
                "scopes": ["read:users", "write:users", "read:users"],
                "client_name": "billing",
                "client_description": "sends the bills",
                "trusted_metadata": { "team": "money", "tier": 1 },
            }),
        )
        .await
        .ok();
    let client = &created["m2m_client"];
    let id = client["client_id"].as_str().unwrap();
    let secret = client["client_secret"].as_str().unwrap();
    assert_eq!(id.strip_prefix("m2m-client-test-").unwrap().len(), 36);
    assert_eq!(secret.len(), 44);
    assert!(secret.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)));

    let mut expected = client.clone();
    expected.as_object_mut().unwrap().remove("client_secret");
    let got = api.get(&format!("/v1/m2m/clients/{id}")).await.ok();
    assert_eq!(got["m2m_client"], expected);
    assert_eq!(
        expected,
        json!({
            "client_id": id,
            "client_name": "billing",
            "client_description": "sends the bills",
            "status": "active",
            "scopes": ["read:users", "write:users"],
            "client_secret_last_four": secret[40..],
            "next_client_secret_last_four": null,
            "trusted_metadata": { "team": "money", "tier": 1 },
        })
    );
}

#[tokio::test]
async fn create_imports_an_id_and_a_secret() {
    let api = Api::start();
    let import = json!({
        "client_id": "auth0|ä/b c".replace(' ', "-"),
        "client_secret": "from another provider 1",
        "scopes": [],
    });
    let client = api.create(import.clone()).await;
    assert_eq!(client.secret, "from another provider 1");
    api.get("/v1/m2m/clients/auth0%7C%C3%A4%2Fb-c").await.ok();
    api.token(&client, json!({})).await.ok();
    api.post("/v1/m2m/clients", import).await.refused(400, "duplicate_m2m_client_id");
}

#[tokio::test]
async fn create_refuses_what_stytch_refuses() {
    let api = Api::start();
    let keys =
        |n: usize| -> Map<String, Value> { (0..n).map(|i| (i.to_string(), json!(1))).collect() };
    let cases = [
        (json!([]), "bad_request"),
        (json!({ "scopes": "read" }), "bad_request"),
        (json!({ "scopes": ["a b"] }), "invalid_m2m_client_scope"),
        (json!({ "scopes": [""] }), "invalid_m2m_client_scope"),
        (json!({ "scopes": vec!["a"; 257] }), "too_many_m2m_client_scopes"),
        (json!({ "scopes": [], "client_id": "" }), "m2m_client_invalid_client_id"),
        (json!({ "scopes": [], "client_id": "a\nb" }), "m2m_client_invalid_client_id"),
        (json!({ "scopes": [], "client_id": "a".repeat(257) }), "m2m_client_invalid_client_id"),
        (json!({ "scopes": [], "client_secret": "Abc123!" }), "insecure_m2m_client_secret"),
        (json!({ "scopes": [], "client_secret": "aaaaaaaabbbb" }), "insecure_m2m_client_secret"),
        (
            json!({ "scopes": [], "client_secret": "pässwörter" }),
            "m2m_client_invalid_client_secret",
        ),
        (json!({ "scopes": [], "client_secret": "Abc123!".repeat(40) }), "client_secret_too_long"),
        (json!({ "scopes": [], "client_name": "a".repeat(257) }), "m2m_client_invalid_client_name"),
        (
            json!({ "scopes": [], "client_description": "a".repeat(1025) }),
            "m2m_client_invalid_client_description",
        ),
        (json!({ "scopes": [], "trusted_metadata": [1] }), "metadata_invalid_format"),
        (json!({ "scopes": [], "trusted_metadata": keys(21) }), "metadata_too_many_keys"),
        (
            json!({ "scopes": [], "trusted_metadata": { "a": "x".repeat(4096) } }),
            "metadata_too_large",
        ),
    ];
    for (body, error_type) in cases {
        api.post("/v1/m2m/clients", body).await.refused(400, error_type);
    }
    api.post("/v1/m2m/clients", json!({ "scopes": [], "trusted_metadata": keys(20) })).await.ok();
}

#[tokio::test]
async fn a_secret_of_the_wrong_type_is_not_quoted() {
    let api = Api::start();
    let answer = api
        .post("/v1/m2m/clients", json!({ "scopes": [], "client_secret": 31337424242_u64 }))
        .await;
    answer.refused(400, "bad_request");
    assert!(!answer.body.to_string().contains("31337424242"));
    assert!(answer.body["error_message"].as_str().unwrap().contains("client_secret"));
}

#[tokio::test]
async fn update_changes_only_what_is_given() {
    let api = Api::start();
    let client = api
        .create(json!({
            "scopes": ["a"],
            "client_name": "before",
            "client_description": "kept",
            "trusted_metadata": { "kept": 1, "gone": 2, "nested": { "a": 1, "b": 2 } },
        }))
        .await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    let change = json!({
        "client_name": "after",
        "scopes": ["b", "c"],
        "trusted_metadata": { "gone": null, "nested": { "a": 3 }, "new": "x" },
    });
    let updated = api.put(&path, change).await.ok();
    assert_eq!(updated["m2m_client"], api.get(&path).await.ok()["m2m_client"]);
    assert_eq!(
        updated["m2m_client"],
        json!({
            "client_id": client.id,
            "client_name": "after",
            "client_description": "kept",
            "status": "active",
            "scopes": ["b", "c"],
            "client_secret_last_four": client.secret[40..],
            "next_client_secret_last_four": null,
            "trusted_metadata": { "kept": 1, "nested": { "a": 3 }, "new": "x" },
        })
    );
}

#[tokio::test]
async fn update_takes_post_as_the_guide_shows() {
    let api = Api::start();
    let client = api.create_with_scopes(&["a"]).await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    let updated = api.post(&path, json!({ "status": "inactive" })).await.ok();
    assert_eq!(updated["m2m_client"]["status"], "inactive");
    assert_eq!(api.emulator.counts()["update"], 1);
}

#[tokio::test]
async fn a_refused_update_changes_nothing() {
    let api = Api::start();
    let client = api.create(json!({ "scopes": ["a"], "client_name": "before" })).await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    let change = json!({ "client_name": "after", "status": "asleep" });
    api.put(&path, change).await.refused(400, "m2m_client_invalid_status");
    let change = json!({ "client_name": "after", "scopes": ["b c"] });
    api.put(&path, change).await.refused(400, "invalid_m2m_client_scope");
    assert_eq!(api.get(&path).await.ok()["m2m_client"]["client_name"], "before");
}

#[tokio::test]
async fn delete_answers_with_the_id_and_then_not_found() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let path = format!("/v1/m2m/clients/{}", client.id);
    let deleted = api.delete(&path).await.ok();
    assert_eq!(deleted["client_id"], client.id);
    assert_eq!(deleted.as_object().unwrap().len(), 3);
    api.delete(&path).await.refused(404, "m2m_client_not_found");
    api.get(&path).await.refused(404, "m2m_client_not_found");
    api.put(&path, json!({})).await.refused(404, "m2m_client_not_found");
    api.token(&client, json!({})).await.oauth_refused(401, "invalid_client");
}

#[tokio::test]
async fn a_body_may_be_absent_only_where_nothing_is_asked() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let start = format!("/v1/m2m/clients/{}/secrets/rotate/start", client.id);
    send(api.request(Method::POST, &start)).await.ok();
    send(api.request(Method::POST, "/v1/m2m/clients")).await.refused(400, "bad_request");
}
