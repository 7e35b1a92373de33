use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use stytch_m2m_emulator::{Effect, Fault, FaultError, Operation, RateLimit};

use crate::support::Api;

fn client_count(api: &Api) -> impl Future<Output = u64> {
    let search = api.post("/v1/m2m/clients/search", json!({}));
    async { search.await.ok()["results_metadata"]["total"].as_u64().unwrap() }
}

#[tokio::test]
async fn a_status_replaces_the_answer_once() {
    let api = Api::start();
    api.emulator.add_fault(Fault::new(Effect::status(503)).at(Operation::Create)).unwrap();
    let body = json!({ "scopes": [] });
    api.post("/v1/m2m/clients", body.clone()).await.refused(503, "internal_server_error");
    assert_eq!(client_count(&api).await, 0);
    api.post("/v1/m2m/clients", body).await.ok();
    assert_eq!(api.emulator.counts()["create"], 2);
    assert!(api.emulator.faults().is_empty());
}

#[tokio::test]
async fn a_status_may_have_headers_and_a_body_of_its_own() {
    let api = Api::start();
    let fault = json!({
        "operation": "token",
        "effect": {
            "type": "status",
            "status": 502,
            "headers": { "Content-Type": "text/html", "X-Proxy": "yes" },
            "body": "<html>Bad Gateway</html>",
        },
    });
    api.admin(Method::POST, "faults", Some(fault)).await;
    let response = api.http.post(api.url(&api.token_path())).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.headers()["x-proxy"], "yes");
    assert_eq!(response.text().await.unwrap(), "<html>Bad Gateway</html>");

    let fault = Fault::new(Effect::rate_limited(7));
    api.emulator.add_fault(fault).unwrap();
    let response = api.http.get(api.url(&api.jwks_path())).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
}

#[tokio::test]
async fn faults_last_for_so_many_times_and_only_at_their_endpoint() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let fault = Fault::new(Effect::status(500)).at(Operation::Token).times(2);
    api.emulator.add_fault(fault.clone()).unwrap();
    api.get(&api.jwks_path()).await.ok();
    assert_eq!(api.emulator.faults(), [fault]);
    for status in [500, 500, 200] {
        assert_eq!(api.token(&client, json!({})).await.status, status);
    }
}

#[tokio::test]
async fn faults_last_for_a_time() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    api.emulator.add_fault(Fault::new(Effect::status(500)).seconds(1)).unwrap();
    let started = Instant::now();
    let mut refused = 0;
    while !api.token(&client, json!({})).await.status.is_success() {
        refused += 1;
        assert!(started.elapsed() < Duration::from_secs(10), "it never ended");
    }
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(refused > 1);
}

#[tokio::test]
async fn the_oldest_fault_acts_first() {
    let api = Api::start();
    for status in [500, 502, 503] {
        api.emulator.add_fault(Fault::new(Effect::status(status))).unwrap();
    }
    for status in [500, 502, 503, 200] {
        assert_eq!(api.get(&api.jwks_path()).await.status, status);
    }
    api.emulator.add_fault(Fault::new(Effect::Reset)).unwrap();
    api.emulator.clear_faults();
    api.get(&api.jwks_path()).await.ok();
}

#[tokio::test]
async fn a_delay_comes_before_the_answer() {
    let api = Api::start();
    api.emulator.add_fault(Fault::new(Effect::Delay { milliseconds: 300 })).unwrap();
    let started = Instant::now();
    api.get(&api.jwks_path()).await.ok();
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn a_reset_performs_nothing_and_a_dropped_answer_everything() {
    for (effect, made) in [(Effect::Reset, 0), (Effect::DropAnswer, 1)] {
        let api = Api::start();
        api.emulator.add_fault(Fault::new(effect).at(Operation::Create)).unwrap();
        let request = api.request(Method::POST, "/v1/m2m/clients").json(&json!({ "scopes": [] }));
        let error = request.send().await.unwrap_err();
        assert!(error.is_request(), "{error:?}");
        assert_eq!(client_count(&api).await, made);
        assert_eq!(api.emulator.counts()["create"], 1);
        let logged = &api.emulator.requests()[0];
        assert_eq!((logged.operation, logged.status), (Some(Operation::Create), None));
    }
}

#[test]
fn a_reset_is_a_reset_on_the_wire() {
    let api = Api::start();
    api.emulator.add_fault(Fault::new(Effect::Reset)).unwrap();
    let address = api.emulator.base_url().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_malformed_body_comes_after_the_operation() {
    let api = Api::start();
    api.emulator.add_fault(Fault::new(Effect::MalformedBody).at(Operation::Create)).unwrap();
    let request = api.request(Method::POST, "/v1/m2m/clients").json(&json!({ "scopes": [] }));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.text().await.unwrap();
    assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err());
    assert_eq!(client_count(&api).await, 1);
}

#[tokio::test]
async fn wrong_faults_are_refused() {
    let api = Api::start();
    for (effect, error) in [
        (Effect::status(101), FaultError::Status),
        (Effect::status(600), FaultError::Status),
        (Effect::Delay { milliseconds: 600_001 }, FaultError::Delay),
    ] {
        assert_eq!(api.emulator.add_fault(Fault::new(effect)), Err(error));
    }
    for fault in [
        json!({}),
        json!({ "effect": { "type": "status", "status": 1000 } }),
        json!({ "effect": { "type": "status", "status": 200, "headers": { "a b": "c" } } }),
        json!({ "effect": { "type": "explode" } }),
        json!({ "effect": { "type": "reset" }, "operation": "nothing" }),
        json!({ "effect": { "type": "reset" }, "time": 1 }),
    ] {
        api.admin_refused(Method::POST, "faults", fault).await.refused(400, "bad_request");
    }
    assert_eq!(api.admin(Method::GET, "faults", None).await, json!({ "faults": [] }));
}

#[tokio::test]
async fn faults_are_listed_and_cleared_over_http() {
    let api = Api::start();
    let fault = json!({ "operation": "jwks", "effect": { "type": "reset" }, "times": 3 });
    api.admin(Method::POST, "faults", Some(fault.clone())).await;
    assert_eq!(api.admin(Method::GET, "faults", None).await, json!({ "faults": [fault] }));
    api.admin(Method::DELETE, "faults", None).await;
    api.get(&api.jwks_path()).await.ok();
}

#[tokio::test]
async fn a_rate_limit_counts_each_endpoint_in_fixed_windows() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    let limit = json!({ "requests": 2, "per_seconds": 3600 });
    api.admin(Method::PUT, "rate-limit", Some(limit.clone())).await;
    for _ in 0..2 {
        api.token(&client, json!({})).await.ok();
    }
    let answer = api.token(&client, json!({})).await;
    answer.refused(429, "too_many_requests");
    let response = api.http.post(api.url(&api.token_path())).send().await.unwrap();
    let retry_after: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&retry_after));
    api.get(&api.jwks_path()).await.ok();

    assert_eq!(api.admin(Method::GET, "rate-limit", None).await, json!({ "rate_limit": limit }));
    api.admin(Method::DELETE, "rate-limit", None).await;
    api.token(&client, json!({})).await.ok();

    let limit = RateLimit { requests: 1, per_seconds: 1.try_into().unwrap() };
    api.emulator.set_rate_limit(Some(limit));
    let started = Instant::now();
    let mut granted = 0;
    while granted < 2 {
        granted += u32::from(api.token(&client, json!({})).await.status.is_success());
        assert!(started.elapsed() < Duration::from_secs(10), "no new window came");
    }
}

#[tokio::test]
async fn the_log_tells_what_was_asked_and_never_a_secret() {
    let api = Api::start();
    let client = api.create_with_scopes(&[]).await;
    api.token(&client, json!({})).await.ok();
    api.emulator.add_fault(Fault::new(Effect::status(500)).at(Operation::Token)).unwrap();
    api.token(&client, json!({})).await;
    api.get("/nowhere?secret=canary").await.refused(404, "route_not_found");

    let log = api.admin(Method::GET, "requests", None).await;
    let seen: Vec<Value> = log["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            json!([
                one["operation"],
                one["method"],
                one["path"],
                one["client_id"],
                one["fault"],
                one["status"]
            ])
        })
        .collect();
    let token_path = api.token_path();
    assert_eq!(
        seen,
        [
            json!(["create", "POST", "/v1/m2m/clients", null, null, 200]),
            json!(["token", "POST", token_path, client.id, null, 200]),
            json!(["token", "POST", token_path, client.id, "status", 500]),
            json!([null, "GET", "/nowhere", null, null, 404]),
        ]
    );
    for secret in [&client.secret, api.emulator.secret(), "canary"] {
        assert!(!log.to_string().contains(secret));
    }

    let path = format!("requests?operation=token&client_id={}", client.id);
    assert_eq!(api.admin(Method::GET, &path, None).await["requests"].as_array().unwrap().len(), 2);
    let path = "requests?client_id=nobody";
    assert_eq!(api.admin(Method::GET, path, None).await, json!({ "requests": [] }));
    api.admin(Method::DELETE, "requests", None).await;
    assert!(api.emulator.requests().is_empty());
}
