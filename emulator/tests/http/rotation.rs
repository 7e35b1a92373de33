use serde_json::json;

use crate::support::{Api, Credentials};

struct Rotation {
    api: Api,
    old: Credentials,
    new: Credentials,
}

impl Rotation {
    async fn start() -> Self {
        let api = Api::start();
        let old = api.create_with_scopes(&["read:users"]).await;
        let path = format!("/v1/m2m/clients/{}/secrets/rotate/start", old.id);
        let started = api.post(&path, json!({})).await.ok();
        let client = &started["m2m_client"];
        let secret = client["next_client_secret"].as_str().unwrap().to_owned();
        assert_eq!(secret.len(), 44);
        assert_ne!(secret, old.secret);
        assert_eq!(client["next_client_secret_last_four"], secret[40..]);
        assert_eq!(client["client_secret_last_four"], old.secret[40..]);
        let new = Credentials { id: old.id.clone(), secret };
        Self { api, old, new }
    }

    fn path(&self, step: &str) -> String {
        format!("/v1/m2m/clients/{}/secrets/rotate{step}", self.old.id)
    }

    async fn works(&self, credentials: &Credentials) -> bool {
        self.api.token(credentials, json!({})).await.status.is_success()
    }
}

#[tokio::test]
async fn both_secrets_work_until_the_rotation_is_finished() {
    let rotation = Rotation::start().await;
    assert!(rotation.works(&rotation.old).await);
    assert!(rotation.works(&rotation.new).await);

    let finished = rotation.api.post(&rotation.path(""), json!({})).await.ok();
    assert_eq!(finished["m2m_client"]["client_secret_last_four"], rotation.new.secret[40..]);
    assert!(finished["m2m_client"]["next_client_secret_last_four"].is_null());
    assert!(!rotation.works(&rotation.old).await);
    assert!(rotation.works(&rotation.new).await);
}

#[tokio::test]
async fn cancel_keeps_the_old_secret() {
    let rotation = Rotation::start().await;
    let cancelled = rotation.api.post(&rotation.path("/cancel"), json!({})).await.ok();
    assert_eq!(cancelled["m2m_client"]["client_secret_last_four"], rotation.old.secret[40..]);
    assert!(cancelled["m2m_client"]["next_client_secret_last_four"].is_null());
    assert!(rotation.works(&rotation.old).await);
    assert!(!rotation.works(&rotation.new).await);
}

#[tokio::test]
async fn each_step_needs_the_one_before() {
    let rotation = Rotation::start().await;
    let api = &rotation.api;
    let again = api.post(&rotation.path("/start"), json!({})).await;
    again.refused(400, "m2m_client_already_rotating_secret");
    api.post(&rotation.path(""), json!({})).await.ok();
    for step in ["", "/cancel"] {
        let early = api.post(&rotation.path(step), json!({})).await;
        early.refused(400, "m2m_client_not_rotating_secret");
    }
    for step in ["", "/start", "/cancel"] {
        let path = format!("/v1/m2m/clients/nobody/secrets/rotate{step}");
        api.post(&path, json!({})).await.refused(404, "m2m_client_not_found");
    }
    let counts = api.emulator.counts();
    assert_eq!([counts["rotate_start"], counts["rotate"], counts["rotate_cancel"]], [3, 3, 2]);
}
