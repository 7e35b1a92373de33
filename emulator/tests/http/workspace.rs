use jsonwebtoken::dangerous::insecure_decode;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stytch_m2m_emulator::WorkspaceCredentials;

use crate::support::{Answer, Api, send};

struct Workspace {
    api: Api,
    credentials: WorkspaceCredentials,
}

impl Workspace {
    fn start() -> Self {
        let api = Api::start();
        let credentials = api.emulator.workspace();
        Self { api, credentials }
    }

    /// The path of the project's environment, and what is below it.
    fn path(&self, rest: &str) -> String {
        let WorkspaceCredentials { project_slug, environment_slug, .. } = &self.credentials;
        format!("/pwa/v3/projects/{project_slug}/environments/{environment_slug}{rest}")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let WorkspaceCredentials { key_id, key_secret, .. } = &self.credentials;
        self.api.http.request(method, self.api.url(path)).basic_auth(key_id, Some(key_secret))
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    async fn set(&self, body: Value) -> Answer {
        let path = self.path("/jwt_templates/M2M");
        send(self.request(Method::PUT, &path).json(&body)).await
    }
}

#[tokio::test]
async fn the_template_that_a_workspace_key_sets_makes_the_tokens() {
    let workspace = Workspace::start();
    let path = workspace.path("/jwt_templates/M2M");
    let none = workspace.get(&path).await.ok();
    let empty =
        json!({ "template_content": "", "custom_audience": "", "jwt_template_type": "M2M" });
    assert_eq!(none["jwt_template"], empty);

    let content = r#"{"plan": {{ request.plan }}}"#;
    let given = json!({ "template_content": content, "custom_audience": "https://api.example" });
    let set = workspace.set(given.clone()).await.ok();
    assert_eq!(set["jwt_template"]["template_content"], content);
    assert_eq!(workspace.get(&path).await.ok()["jwt_template"], set["jwt_template"]);

    let client = workspace.api.create_with_scopes(&["a"]).await;
    let answer = workspace.api.token(&client, json!({ "plan": "pro" })).await.ok();
    let token = answer["access_token"].as_str().unwrap();
    let claims = insecure_decode::<Value>(token).unwrap().claims;
    assert_eq!(claims["plan"], "pro");
    assert_eq!(claims["aud"][1], "https://api.example");

    let wrong = json!({ "template_content": "{", "custom_audience": "" });
    workspace.set(wrong).await.refused(400, "jwt_template_invalid_json");
    workspace.set(json!({ "custom_audience": "" })).await.refused(400, "bad_request");
    assert_eq!(workspace.get(&path).await.ok()["jwt_template"], set["jwt_template"]);
}

#[tokio::test]
async fn a_workspace_key_opens_its_own_project_alone() {
    let workspace = Workspace::start();
    let environment = workspace.get(&workspace.path("")).await.ok();
    let project_id = workspace.api.emulator.project_id();
    assert_eq!(environment["environment"]["project_id"], project_id);

    let template = workspace.path("/jwt_templates/M2M");
    workspace.api.get(&template).await.refused(401, "unauthorized_credentials");
    let slug = &workspace.credentials.project_slug;
    for (path, error_type) in [
        ("/pwa/v3/projects/other/environments/test".to_owned(), "project_not_found"),
        (format!("/pwa/v3/projects/{slug}/environments/other"), "environment_not_found"),
        (workspace.path("/jwt_templates/SESSION"), "jwt_template_not_found"),
    ] {
        workspace.get(&path).await.refused(404, error_type);
    }
}
