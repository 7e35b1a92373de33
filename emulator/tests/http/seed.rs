use reqwest::Method;
use serde_json::json;
use stytch_m2m_emulator::{ClientSeed, Emulator, Seed, SeedError, StartError};

use crate::support::{Api, Credentials};

const YAML: &str = r#"
project_id: project-test-seeded
secret: secret-test-seeded
clients:
  - client_id: billing
    client_secret: billing-secret-1
    client_name: Billing
    scopes: [read:invoices, write:invoices]
    trusted_metadata: { team: money }
  - client_id: retired
    client_secret: retired-secret-1
    status: inactive
token_settings:
  lifetime_seconds: 60
organization:
  client_id: org-client
  client_secret: org-secret
  authorization: org-token
auth0:
  clients:
    - client_id: from-auth0
"#;

fn billing() -> Credentials {
    Credentials { id: "billing".into(), secret: "billing-secret-1".into() }
}

#[tokio::test]
async fn a_seed_sets_everything() {
    let emulator = Emulator::builder().seed(Seed::parse(YAML).unwrap()).start().unwrap();
    assert_eq!(emulator.project_id(), "project-test-seeded");
    assert_eq!(emulator.secret(), "secret-test-seeded");
    assert_eq!(emulator.organization().authorization, "org-token");
    let api = Api::of(emulator);
    let got = api.get("/v1/m2m/clients/billing").await.ok();
    assert_eq!(got["m2m_client"]["client_name"], "Billing");
    assert_eq!(got["m2m_client"]["trusted_metadata"], json!({ "team": "money" }));
    assert_eq!(api.token(&billing(), json!({})).await.ok()["expires_in"], 60);
    let retired = Credentials { id: "retired".into(), secret: "retired-secret-1".into() };
    api.token(&retired, json!({})).await.oauth_refused(401, "invalid_client");
}

#[tokio::test]
async fn json_is_a_seed_too_and_arguments_win() {
    let json = r#"{"secret": "of the seed", "clients": [{"client_id": "a", "scopes": ["x"]}]}"#;
    let builder = Emulator::builder().secret("of the argument").seed(Seed::parse(json).unwrap());
    let api = Api::of(builder.start().unwrap());
    assert_eq!(api.emulator.secret(), "of the argument");
    api.get("/v1/m2m/clients/a").await.ok();
}

#[tokio::test]
async fn reset_goes_back_to_the_seed() {
    let api = Api::of(Emulator::builder().seed(Seed::parse(YAML).unwrap()).start().unwrap());
    let organization = api.emulator.organization().client_secret;
    api.delete("/v1/m2m/clients/billing").await.ok();
    api.create_with_scopes(&[]).await;
    api.emulator.set_token_settings(Default::default()).unwrap();
    api.admin(Method::POST, "reset", None).await;
    assert_eq!(api.token(&billing(), json!({})).await.ok()["expires_in"], 60);
    let all = api.post("/v1/m2m/clients/search", json!({})).await.ok();
    assert_eq!(all["results_metadata"]["total"], 2);
    assert_eq!(api.emulator.organization().client_secret, organization);
}

#[tokio::test]
async fn a_running_emulator_takes_another_seed() {
    let api = Api::start();
    let made_up = api.emulator.organization().client_secret;
    api.create_with_scopes(&[]).await;
    let seed = json!({
        "clients": [{ "client_id": "billing", "client_secret": "billing-secret-1" }],
    });
    api.admin(Method::PUT, "seed", Some(seed)).await;
    api.token(&billing(), json!({})).await.ok();
    let all = api.post("/v1/m2m/clients/search", json!({})).await.ok();
    assert_eq!(all["results_metadata"]["total"], 1);
    assert_ne!(api.emulator.organization().client_secret, made_up);
    api.emulator.reset();
    api.token(&billing(), json!({})).await.ok();

    let mut seed = Seed::default();
    seed.clients = vec![ClientSeed::new("other", "other-secret-1", ["a"])];
    api.emulator.load(seed).unwrap();
    api.get("/v1/m2m/clients/other").await.ok();
    api.get("/v1/m2m/clients/billing").await.refused(404, "m2m_client_not_found");

    let yaml = "clients:\n  - client_id: third\n";
    let put = api.http.put(api.url("/_emulator/seed")).body(yaml).send().await.unwrap();
    assert_eq!(put.status(), 204);
    api.get("/v1/m2m/clients/third").await.ok();
}

#[tokio::test]
async fn a_wrong_seed_is_refused_and_changes_nothing() {
    let api = Api::start();
    api.create(json!({ "client_id": "kept", "scopes": [] })).await;
    for seed in [
        json!([]),
        json!({ "client": [] }),
        json!({ "clients": [{ "client_id": "a", "client_secret": "short" }] }),
        json!({ "clients": [{ "client_id": "a" }, { "client_id": "a" }] }),
        json!({ "clients": [{ "scopes": ["a b"] }] }),
        json!({ "token_settings": { "custom_claims_template": "x" } }),
        json!({ "auth0": { "clients": [{}] } }),
        json!({ "project_id": "project-test-other" }),
    ] {
        api.admin_refused(Method::PUT, "seed", seed).await.refused(400, "bad_request");
    }
    api.get("/v1/m2m/clients/kept").await.ok();
}

#[test]
fn seed_errors_say_where_and_show_no_secret() {
    let error = Seed::parse("clients:\n  - client_secret: [canary]\n").err().unwrap();
    assert!(matches!(error, SeedError::Syntax { line: 2, .. }), "{error}");
    assert!(!error.to_string().contains("canary"));

    let seed = Seed::parse("clients:\n  - client_id: a\n  - client_secret: canary\n").unwrap();
    let error = Emulator::builder().seed(seed).start().unwrap_err();
    assert!(matches!(error, StartError::Seed(SeedError::Invalid { .. })));
    assert!(error.to_string().starts_with("clients[1] of the seed: "), "{error}");
    assert!(!error.to_string().contains("canary"));
}
