use reqwest::Method;
use serde_json::json;
use stytch_m2m_emulator::{Emulator, StartError};

use crate::support::{Api, send};

#[tokio::test]
async fn management_needs_the_projects_credentials() {
    let api = Api::start();
    let (id, secret) = (api.emulator.project_id(), api.emulator.secret());
    let request = || api.http.get(api.url("/v1/m2m/clients/x"));
    let refused = [
        request(),
        request().basic_auth(id, Some("wrong")),
        request().basic_auth("project-test-other", Some(secret)),
        request().basic_auth(id, None::<&str>),
        request().bearer_auth(secret),
        request().header("authorization", "Basic !"),
    ];
    for request in refused {
        let response = request.try_clone().unwrap().send().await.unwrap();
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
        send(request).await.refused(401, "unauthorized_credentials");
    }
    send(request().basic_auth(id, Some(secret))).await.refused(404, "m2m_client_not_found");
}

#[tokio::test]
async fn every_management_path_is_guarded() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let one = format!("/v1/m2m/clients/{}", client.id);
    let guarded = [
        (Method::POST, "/v1/m2m/clients".to_owned()),
        (Method::POST, "/v1/m2m/clients/search".to_owned()),
        (Method::GET, one.clone()),
        (Method::PUT, one.clone()),
        (Method::POST, one.clone()),
        (Method::DELETE, one.clone()),
        (Method::POST, format!("{one}/secrets/rotate/start")),
        (Method::POST, format!("{one}/secrets/rotate")),
        (Method::POST, format!("{one}/secrets/rotate/cancel")),
    ];
    for (method, path) in guarded {
        let request = api.http.request(method, api.url(&path)).json(&json!({ "scopes": [] }));
        send(request).await.refused(401, "unauthorized_credentials");
    }
}

#[tokio::test]
async fn a_content_type_with_a_charset_is_refused() {
    let api = Api::start();
    for content_type in ["application/json; charset=utf-8", "application/json;charset=UTF-8"] {
        let create = api
            .request(Method::POST, "/v1/m2m/clients")
            .header("content-type", content_type)
            .body(r#"{"scopes":[]}"#);
        send(create).await.refused(400, "bad_request");
        let token = api
            .http
            .post(api.url(&api.token_path()))
            .header("content-type", content_type)
            .body(r#"{"grant_type":"client_credentials"}"#);
        send(token).await.oauth_refused(400, "invalid_request");
    }
    assert_eq!(api.post("/v1/m2m/clients/search", json!({})).await.ok()["m2m_clients"], json!([]));
}

#[tokio::test]
async fn a_form_may_name_its_charset() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        client.id, client.secret
    );
    let content_type = "application/x-www-form-urlencoded;charset=UTF-8";
    let request = api.http.post(api.url(&api.token_path())).header("content-type", content_type);
    send(request.body(body)).await.ok();
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let api = Api::start();
    let create = || api.request(Method::POST, "/v1/m2m/clients");
    for body in ["", "{", "{} {}", "scopes=a", "null"] {
        let request = create().header("content-type", "application/json").body(body);
        send(request).await.refused(400, "bad_request");
    }
    let large = json!({ "scopes": [], "client_name": "x".repeat(1 << 20) });
    send(create().json(&large)).await.refused(413, "bad_request");
}

#[tokio::test]
async fn unknown_routes_and_methods_have_stytchs_shape() {
    let api = Api::start();
    api.get("/v1/m2m/nothing").await.refused(404, "route_not_found");
    api.get("/").await.refused(404, "route_not_found");
    api.delete("/v1/m2m/clients").await.refused(405, "method_not_allowed");
    assert!(api.emulator.counts().values().all(|count| *count == 0));
}

#[test]
fn live_projects_are_refused() {
    let error = Emulator::builder().project_id("project-live-1234").start().unwrap_err();
    assert!(matches!(error, StartError::LiveProject(_)), "{error}");
    for id in ["", "project test", "project/test"] {
        let error = Emulator::builder().project_id(id).start().unwrap_err();
        assert!(matches!(error, StartError::InvalidProjectId), "{error}");
    }
    let error = Emulator::builder().secret("").start().unwrap_err();
    assert!(matches!(error, StartError::EmptySecret), "{error}");
}

#[test]
fn addresses_that_others_can_reach_are_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let address: std::net::SocketAddr = address.parse().unwrap();
        let error = Emulator::builder().address(address).start().unwrap_err();
        assert!(matches!(error, StartError::NotLoopback(refused) if refused == address));
    }
}

#[test]
fn a_taken_port_is_an_error() {
    let emulator = Emulator::start().unwrap();
    let address: std::net::SocketAddr =
        emulator.base_url().strip_prefix("http://").unwrap().parse().unwrap();
    let error = Emulator::builder().address(address).start().unwrap_err();
    assert!(matches!(error, StartError::Io { .. }), "{error}");
}
