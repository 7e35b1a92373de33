//! The main job against a real server: the emulator, over loopback.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::json;
use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, ClientStatus, CreateRequest, ErrorKind,
    M2MClientWithClientSecret, SearchFilter, SearchOperator, SearchQuery, SearchRequest,
    TokenRequest, TokenSource, TokenSourceConfig, UpdateRequest, Vertical,
};
use stytch_m2m_emulator::Emulator;

fn config(emulator: &Emulator) -> ClientConfig {
    ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    }
}

fn count(emulator: &Emulator, operation: &str) -> u64 {
    emulator.counts()[operation]
}

async fn create(client: &Client, scopes: &[&str]) -> M2MClientWithClientSecret {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let request = CreateRequest { scopes, ..Default::default() };
    client.clients().create(request).await.unwrap().m2m_client
}

fn grant(created: &M2MClientWithClientSecret) -> TokenRequest {
    TokenRequest {
        client_id: created.client.client_id.clone(),
        client_secret: created.client_secret.clone(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_client_lives_and_dies() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let request = CreateRequest {
        scopes: vec!["read:users".into()],
        client_name: Some("worker".into()),
        client_description: Some("does the work".into()),
        trusted_metadata: json!({"team": "a", "tier": 1}).as_object().cloned(),
        ..Default::default()
    };
    let created = client.clients().create(request).await.unwrap();
    assert_eq!(created.status_code, 200);
    let made = created.m2m_client;
    let id = made.client.client_id.as_str();
    assert!(made.client_secret.expose().ends_with(&made.client.client_secret_last_four));

    let got = client.clients().get(id).await.unwrap().m2m_client;
    assert_eq!(got, made.client);

    let update = UpdateRequest {
        status: Some(ClientStatus::Inactive),
        trusted_metadata: json!({"tier": null, "owner": "x"}).as_object().cloned(),
        ..Default::default()
    };
    let updated = client.clients().update(id, update).await.unwrap().m2m_client;
    assert_eq!(updated.status, ClientStatus::Inactive);
    assert_eq!(updated.client_name, "worker");
    assert_eq!(updated.trusted_metadata, json!({"team": "a", "owner": "x"}).as_object().cloned());

    assert_eq!(client.clients().delete(id).await.unwrap().client_id, id);
    let gone = client.clients().get(id).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
    assert_eq!(gone.details().error_type.as_deref(), Some("m2m_client_not_found"));
    assert!(gone.details().request_id.is_some());
}

#[tokio::test]
async fn search_pages_through_all() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let mut ids = Vec::new();
    for n in 0..5 {
        let scope = if n % 2 == 0 { "even:x" } else { "odd:x" };
        ids.push(create(&client, &[scope]).await.client.client_id);
    }
    let mut found = Vec::new();
    let request = SearchRequest { limit: Some(2), ..Default::default() };
    let mut all = client.clients().search_all(request);
    while let Some(one) = all.next().await.unwrap() {
        found.push(one.client_id);
    }
    found.sort();
    ids.sort();
    assert_eq!(found, ids);
    assert_eq!(count(&emulator, "search"), 3);

    let query = SearchQuery {
        operator: SearchOperator::And,
        operands: vec![SearchFilter::Scopes(vec!["even:x".into()])],
    };
    let request = SearchRequest { query: Some(query), ..Default::default() };
    let page = client.clients().search(request).await.unwrap();
    assert_eq!(page.m2m_clients.len(), 3);
    assert_eq!(page.results_metadata.next_cursor, None);
}

#[tokio::test]
async fn both_secrets_work_until_the_rotation_ends() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let made = create(&client, &["read:users"]).await;
    let id = made.client.client_id.clone();
    let old = grant(&made);

    let started = client.secrets().rotate_start(&id).await.unwrap().m2m_client;
    let new = TokenRequest { client_secret: started.next_client_secret.clone(), ..old.clone() };
    client.token(old.clone()).await.unwrap();
    client.token(new.clone()).await.unwrap();
    let again = client.secrets().rotate_start(&id).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);

    let ended = client.secrets().rotate(&id).await.unwrap().m2m_client;
    assert_eq!(ended.next_client_secret_last_four, None);
    let forced = TokenRequest { force_refresh: true, ..old };
    assert_eq!(client.token(forced).await.unwrap_err().kind(), ErrorKind::Authentication);
    client.token(TokenRequest { force_refresh: true, ..new }).await.unwrap();

    let started = client.secrets().rotate_start(&id).await.unwrap().m2m_client;
    let cancelled = client.secrets().rotate_cancel(&id).await.unwrap().m2m_client;
    assert_eq!(cancelled.client_secret_last_four, started.client.client_secret_last_four);
    let none = client.secrets().rotate_cancel(&id).await.unwrap_err();
    assert_eq!(none.kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_token_is_fetched_once_and_verified_locally() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let made = create(&client, &["read:users", "write:*"]).await;
    let request = grant(&made);

    let (first, second) = tokio::join!(client.token(request.clone()), client.token(request));
    let token = first.unwrap();
    assert_eq!(second.unwrap().access_token, token.access_token);
    assert_eq!(count(&emulator, "token"), 1);
    assert!((3590..=3600).contains(&token.expires_in), "{}", token.expires_in);

    let access_token = token.access_token.expose();
    let options = AuthenticateOptions::scopes(["read:users", "write:anything"]);
    for _ in 0..3 {
        let claims = client.authenticate_token(access_token, &options).await.unwrap();
        assert_eq!(claims.client_id, made.client.client_id);
        assert_eq!(claims.scopes, ["read:users", "write:*"]);
        assert_eq!(claims.issuer, format!("stytch.com/{}", emulator.project_id()));
        assert_eq!(claims.audience, [emulator.project_id()]);
    }
    assert_eq!(count(&emulator, "jwks"), 1);

    let lacking = AuthenticateOptions::scopes(["read:users", "delete:users", "admin"]);
    let error = client.authenticate_token(access_token, &lacking).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InsufficientScope);
    assert_eq!(error.details().missing_scopes, ["delete:users", "admin"]);
    assert_eq!(error.http_status(), 403);
}

#[tokio::test]
async fn the_b2b_key_set_and_a_rotated_key_are_found() {
    let emulator = Emulator::start().unwrap();
    let client =
        Client::new(ClientConfig { vertical: Vertical::B2b, ..config(&emulator) }).unwrap();
    let request = grant(&create(&client, &["a:b"]).await);
    let options = AuthenticateOptions::default();
    let old = client.token(request.clone()).await.unwrap();
    client.authenticate_token(old.access_token.expose(), &options).await.unwrap();

    emulator.rotate_keys();
    let new = client.token(TokenRequest { force_refresh: true, ..request }).await.unwrap();
    client.authenticate_token(new.access_token.expose(), &options).await.unwrap();
    client.authenticate_token(old.access_token.expose(), &options).await.unwrap();
    assert_eq!(count(&emulator, "jwks"), 2);
}

#[tokio::test]
async fn a_deactivated_client_gets_no_new_token() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let made = create(&client, &["a:b"]).await;
    let request = grant(&made);
    let token = client.token(request.clone()).await.unwrap();
    let off = UpdateRequest { status: Some(ClientStatus::Inactive), ..Default::default() };
    client.clients().update(&made.client.client_id, off).await.unwrap();

    let refused = client.token(TokenRequest { force_refresh: true, ..request }).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Authentication);
    assert_eq!(refused.details().error_type.as_deref(), Some("invalid_client"));
    let options = AuthenticateOptions::default();
    client.authenticate_token(token.access_token.expose(), &options).await.unwrap();
}

#[tokio::test]
async fn a_token_source_needs_no_project_secret() {
    let emulator = Emulator::start().unwrap();
    let client = Client::new(config(&emulator)).unwrap();
    let made = create(&client, &["a:b", "c:d"]).await;
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(emulator.project_id().to_owned()),
        base_url: Some(emulator.base_url().to_owned()),
        client_id: made.client.client_id.clone(),
        client_secret: Some(made.client_secret.clone().into()),
        scopes: vec!["c:d".into()],
        ..Default::default()
    })
    .unwrap();
    assert!(source.cached_token().is_none());
    let token = source.get_token().await.unwrap();
    assert_eq!(source.cached_token().unwrap().access_token, token.access_token);
    let header = source.authorization_header().await.unwrap();
    assert_eq!(header.expose(), format!("Bearer {}", token.access_token.expose()));
    assert_eq!(count(&emulator, "token"), 1);

    source.invalidate("another token");
    assert!(source.cached_token().is_some());
    source.invalidate(token.access_token.expose());
    source.get_token().await.unwrap();
    assert_eq!(count(&emulator, "token"), 2);
}
