use jsonwebtoken::dangerous::insecure_decode;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stytch_m2m_emulator::OrganizationCredentials;

use crate::support::{Answer, Api, send};

struct Organization {
    api: Api,
    credentials: OrganizationCredentials,
}

impl Organization {
    fn start() -> Self {
        let api = Api::start();
        let credentials = api.emulator.organization();
        Self { api, credentials }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.api.http.request(method, self.api.url(path));
        request.bearer_auth(&self.credentials.authorization)
    }

    async fn token(&self, secret: &str) -> Answer {
        let body = json!({
            "grant_type": "client_credentials",
            "client_id": self.credentials.client_id,
            "client_secret": secret,
        });
        send(self.request(Method::POST, "/m2m/token").json(&body)).await
    }
}

#[tokio::test]
async fn it_tells_its_credentials_and_issues_tokens_for_a_day() {
    let organization = Organization::start();
    let OrganizationCredentials { client_id, client_secret, .. } = &organization.credentials;
    let id = send(organization.request(Method::GET, "/m2m/client-id")).await;
    assert_eq!(id.body, json!({ "client_id": client_id }));
    let secret = send(organization.request(Method::GET, "/m2m/client-secret")).await;
    assert_eq!(secret.body, json!({ "client_secret": client_secret }));

    let token = organization.token(client_secret).await;
    assert_eq!(token.status, 200);
    assert_eq!(
        (&token.body["token_type"], &token.body["expires_in"]),
        (&json!("Bearer"), &json!(86_400))
    );
    let claims: Value =
        insecure_decode(token.body["access_token"].as_str().unwrap()).unwrap().claims;
    assert_eq!(claims["sub"], format!("{client_id}@clients"));
    assert_eq!(organization.api.emulator.counts()["organization_token"], 1);
}

#[tokio::test]
async fn a_rotation_ends_the_old_secret_at_once() {
    let organization = Organization::start();
    let old = &organization.credentials.client_secret;
    let rotated = send(organization.request(Method::POST, "/m2m/rotate")).await;
    let new = rotated.body["client_secret"].as_str().unwrap();
    assert_ne!(new, old);
    assert_eq!(organization.token(old).await.status, 401);
    assert_eq!(organization.token(new).await.status, 200);
    assert_eq!(organization.api.emulator.organization().client_secret, new);
    organization.api.emulator.reset();
    assert_eq!(organization.token(old).await.status, 200);
}

#[tokio::test]
async fn every_path_needs_the_authorization() {
    let organization = Organization::start();
    for (method, path) in [
        (Method::GET, "/m2m/client-id"),
        (Method::GET, "/m2m/client-secret"),
        (Method::POST, "/m2m/token"),
        (Method::POST, "/m2m/rotate"),
    ] {
        let request = organization.api.http.request(method, organization.api.url(path));
        assert_eq!(send(request.try_clone().unwrap()).await.status, 401, "{path}");
        assert_eq!(send(request.bearer_auth("wrong")).await.status, 401, "{path}");
    }
    let secret = &organization.credentials.client_secret;
    assert_eq!(organization.api.emulator.organization().client_secret, *secret);
}

#[tokio::test]
async fn its_credentials_are_at_an_admin_path() {
    let organization = Organization::start();
    let shown = organization.api.admin(Method::GET, "credentials", None).await;
    let OrganizationCredentials { client_id, client_secret, authorization, .. } =
        &organization.credentials;
    assert_eq!(
        shown["organization"],
        json!({ "client_id": client_id, "client_secret": client_secret, "authorization": authorization })
    );
}
