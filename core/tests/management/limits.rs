use serde_json::{Map, Value};
use stytch_m2m::{
    Client, ClientConfig, CreateRequest, Error, ErrorKind, SearchRequest, UpdateRequest,
};

use crate::project::Project;

fn metadata(keys: usize, length: usize) -> Option<Map<String, Value>> {
    Some((0..keys).map(|n| (format!("k{n}"), Value::from("x".repeat(length)))).collect())
}

#[track_caller]
fn assert_field(error: &Error, field: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
    assert_eq!(error.details().field.as_deref(), Some(field), "{error}");
}

/// Nothing listens where these would go: they fail before anything is sent.
#[tokio::test]
async fn what_the_api_would_refuse_is_found_before_any_request() {
    let config = ClientConfig {
        base_url: Some("http://127.0.0.1:1".into()),
        ..ClientConfig::new("project-test-1", "secret")
    };
    let clients = Client::new(config).unwrap().clients();
    let create = |change: fn(&mut CreateRequest)| {
        let mut request = CreateRequest::default();
        change(&mut request);
        clients.create(request)
    };
    let of = Result::unwrap_err;
    assert_field(&of(create(|r| r.scopes = vec!["a b".into()]).await), "scopes");
    assert_field(&of(create(|r| r.client_id = Some("..".into())).await), "client_id");
    assert_field(&of(create(|r| r.client_id = Some(String::new())).await), "client_id");
    assert_field(&of(create(|r| r.client_secret = Some("1234567".into())).await), "client_secret");
    assert_field(&of(create(|r| r.trusted_metadata = metadata(21, 1)).await), "trusted_metadata");
    assert_field(&of(create(|r| r.trusted_metadata = metadata(1, 4096)).await), "trusted_metadata");

    let update = |request| clients.update("x", request);
    let long = UpdateRequest { trusted_metadata: metadata(21, 1), ..Default::default() };
    assert_field(&update(long).await.unwrap_err(), "trusted_metadata");
    let scopes = UpdateRequest { scopes: Some(vec![String::new()]), ..Default::default() };
    assert_field(&update(scopes).await.unwrap_err(), "scopes");
    for limit in [0, 1001] {
        let request = SearchRequest { limit: Some(limit), ..Default::default() };
        assert_field(&clients.search(request.clone()).await.unwrap_err(), "limit");
        assert_field(&clients.search_all(request).next().await.unwrap_err(), "limit");
    }
}

#[tokio::test]
async fn what_is_just_within_the_limits_is_accepted() {
    let project = Project::start();
    let clients = project.client.clients();
    let request = CreateRequest {
        client_secret: Some("12345678".into()),
        trusted_metadata: metadata(20, 100),
        ..Default::default()
    };
    let made = clients.create(request).await.unwrap().m2m_client.client;
    // 21 keys on the wire, but one of them goes.
    let mut change = metadata(20, 2).unwrap();
    change.insert("gone".into(), Value::Null);
    let change = UpdateRequest { trusted_metadata: Some(change), ..Default::default() };
    let updated = clients.update(&made.client_id, change).await.unwrap().m2m_client;
    assert_eq!(updated.trusted_metadata.unwrap().len(), 20);
    let most = SearchRequest { limit: Some(1000), ..Default::default() };
    assert_eq!(clients.search(most).await.unwrap().m2m_clients.len(), 1);
}
