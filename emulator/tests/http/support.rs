//! An emulator, and a client of its API that knows no more than HTTP and JSON.

use std::io::Write as _;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use stytch_m2m_emulator::Emulator;

pub(crate) struct Api {
    pub(crate) emulator: Emulator,
    pub(crate) http: reqwest::Client,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

/// The credentials of a client made for a test.
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: String,
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let status = response.status();
    Answer { status, body: response.json().await.expect("a JSON body") }
}

/// Tells people what a test did or left out; unlike what `println!` prints, it always shows.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

impl Api {
    pub(crate) fn start() -> Self {
        Self::of(Emulator::start().expect("the emulator starts"))
    }

    pub(crate) fn of(emulator: Emulator) -> Self {
        // A proxy of the environment could not reach it.
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { emulator, http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.base_url())
    }

    /// A request with the project's credentials and no body.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let (name, password) = (self.emulator.project_id(), self.emulator.secret());
        self.http.request(method, self.url(path)).basic_auth(name, Some(password))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn create(&self, body: Value) -> Credentials {
        let mut answer = self.post("/v1/m2m/clients", body).await.ok();
        let text = |value: Value| value.as_str().expect("a string").to_owned();
        let client = &mut answer["m2m_client"];
        Credentials {
            id: text(client["client_id"].take()),
            secret: text(client["client_secret"].take()),
        }
    }

    pub(crate) async fn create_with_scopes(&self, scopes: &[&str]) -> Credentials {
        self.create(json!({ "scopes": scopes })).await
    }

    pub(crate) fn token_path(&self) -> String {
        format!("/v1/public/{}/oauth2/token", self.emulator.project_id())
    }

    /// Asks for a token as Stytch's guide does: JSON, credentials in the body.
    pub(crate) async fn token(&self, client: &Credentials, extra: Value) -> Answer {
        let mut body = json!({
            "client_id": client.id,
            "client_secret": client.secret,
            "grant_type": "client_credentials",
        });
        for (name, value) in extra.as_object().expect("an object") {
            body[name] = value.clone();
        }
        send(self.http.post(self.url(&self.token_path())).json(&body)).await
    }

    /// Calls the emulator's own API, whose successes are plain JSON or nothing.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method, self.url(&format!("/_emulator/{path}")));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        assert!(response.status().is_success(), "{}: {path}", response.status());
        let text = response.text().await.expect("a body");
        if text.is_empty() { Value::Null } else { text.parse().expect("JSON") }
    }

    pub(crate) async fn admin_refused(&self, method: Method, path: &str, body: Value) -> Answer {
        send(self.http.request(method, self.url(&format!("/_emulator/{path}"))).json(&body)).await
    }

    pub(crate) fn jwks_path(&self) -> String {
        format!("/v1/sessions/jwks/{}", self.emulator.project_id())
    }
}

impl Answer {
    /// A success, with the fields that all of them have.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.check_common_fields();
        self.body
    }

    /// Stytch's error shape.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error_type: &str) {
        assert_eq!(self.body["error_type"], error_type, "{}", self.body);
        assert_eq!(self.status.as_u16(), status);
        self.check_common_fields();
        assert!(self.body["error_message"].as_str().is_some_and(|text| !text.is_empty()));
        let url = format!("https://stytch.com/docs/api/errors/{status}#{error_type}");
        assert_eq!(self.body["error_url"], url);
    }

    /// OAuth 2.0's error shape.
    #[track_caller]
    pub(crate) fn oauth_refused(&self, status: u16, error: &str) {
        assert_eq!(self.body["error"], error, "{}", self.body);
        assert_eq!(self.status.as_u16(), status);
        self.check_common_fields();
        assert!(self.body["error_description"].as_str().is_some_and(|text| !text.is_empty()));
        assert!(self.body["error_uri"].as_str().is_some_and(|uri| uri.starts_with("https://")));
        assert!(self.body.get("error_type").is_none());
    }

    #[track_caller]
    fn check_common_fields(&self) {
        assert_eq!(self.body["status_code"], self.status.as_u16());
        let request_id = self.body["request_id"].as_str().expect("a request_id");
        let uuid = request_id.strip_prefix("request-id-test-").expect("the prefix");
        assert_eq!(uuid.len(), 36, "{request_id}");
    }
}
