//! What a server says beside what is needed costs nothing, and advice names what the caller set.

use stytch_m2m::{
    Client, ClientConfig, ClientStatus, CreateRequest, ErrorKind, SearchRequest, TokenSource,
    TokenSourceConfig, TransportConfig,
};

use crate::issuer::{PROJECT, config, hurried, token_request};
use crate::server::{Act, Server, refusing};

fn client(status: u16, headers: &str, body: &str) -> Client {
    let server = Server::always(Act::with(status, headers, body));
    Client::new(config(server.url(), hurried())).unwrap()
}

#[tokio::test]
async fn null_fields_a_strange_status_and_an_envelope_without_ids_cost_nothing() {
    let headers = "x-request-id: from-the-header";
    let nulls = r#"{"client_id": "a", "client_name": null, "client_description": null,
        "status": "suspended", "scopes": null, "client_secret_last_four": null,
        "next_client_secret_last_four": null, "trusted_metadata": null}"#;
    let one = client(200, headers, &format!(r#"{{"m2m_client": {nulls}}}"#));
    let got = one.clients().get("a").await.unwrap();
    assert_eq!((got.request_id.as_str(), got.status_code), ("from-the-header", 200));
    assert_eq!(got.m2m_client.status, ClientStatus::Unknown);
    assert_eq!(got.m2m_client.client_name, "");
    assert!(got.m2m_client.scopes.is_empty());
    assert_eq!(got.m2m_client.trusted_metadata, None);

    let odd = r#"{"client_id": "a", "client_name": 7, "client_description": {}, "status": null,
        "client_secret_last_four": [], "trusted_metadata": "none"}"#;
    let envelope = r#""request_id": 12, "status_code": "200""#;
    let one = client(200, headers, &format!(r#"{{"m2m_client": {odd}, {envelope}}}"#));
    let got = one.clients().get("a").await.unwrap();
    assert_eq!((got.request_id.as_str(), got.status_code), ("from-the-header", 200));
    assert_eq!(got.m2m_client.status, ClientStatus::Unknown);

    let created = r#"{"m2m_client": {"client_id": "a", "client_secret": "made-by-the-server",
        "client_description": null}}"#;
    let created =
        client(201, "", created).clients().create(CreateRequest::default()).await.unwrap();
    assert_eq!(created.status_code, 201);
    assert_eq!(created.m2m_client.client_secret.expose(), "made-by-the-server");

    let page = format!(r#"{{"m2m_clients": [{nulls}], "results_metadata": null}}"#);
    let found = client(200, "", &page).clients().search(SearchRequest::default()).await.unwrap();
    assert_eq!((found.m2m_clients.len(), found.results_metadata.total), (1, -1));
    let none = r#"{"m2m_clients": null, "results_metadata": {"total": null, "next_cursor": null}}"#;
    let found = client(200, "", none).clients().search(SearchRequest::default()).await.unwrap();
    assert!(found.m2m_clients.is_empty());

    let deleted = client(200, "", "{}").clients().delete("a").await.unwrap();
    assert_eq!((deleted.client_id.as_str(), deleted.status_code), ("a", 200));

    let token = r#"{"access_token": "t", "token_type": "bearer", "expires_in": 60, "scope": null,
        "request_id": 5, "status_code": null}"#;
    let token = client(200, "", token).token(token_request()).await.unwrap();
    assert_eq!((token.granted_scopes, token.request_id), (None, None));
}

#[tokio::test]
async fn what_is_needed_is_still_required() {
    for body in [r#"{"m2m_client": {"client_name": "a"}}"#, r#"{"m2m_client": null}"#, "{}", "[]"] {
        let error = client(200, "", body).clients().get("a").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
    }
    let without_secret = r#"{"m2m_client": {"client_id": "a", "client_secret": null}}"#;
    let create = CreateRequest::default();
    client(200, "", without_secret).clients().create(create).await.unwrap_err();
}

#[tokio::test]
async fn an_error_is_read_whatever_is_beside_what_it_says() {
    let body = r#"{"status_code": "four hundred", "request_id": 7, "error_type": "m2m_client_not_found",
        "error_message": {"en": "none"}, "error_url": null, "error_details": [1, {}]}"#;
    let error = client(404, "", body).clients().get("a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.details().error_type.as_deref(), Some("m2m_client_not_found"));
    assert_eq!(error.details().error_message, None);
}

#[test]
fn an_unknown_status_cannot_be_set() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request =
        stytch_m2m::UpdateRequest { status: Some(ClientStatus::Unknown), ..Default::default() };
    let unused = Client::new(config(&refusing(), hurried())).unwrap();
    let error = runtime.block_on(unused.clients().update("a", request)).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("status"));
}

/// Keycloak says `unauthorized_client` of a wrong secret, and others of a grant that is not allowed.
#[tokio::test]
async fn an_unauthorized_client_is_a_wrong_secret_where_the_status_says_so() {
    for (status, kind) in [
        (401, ErrorKind::Authentication),
        (400, ErrorKind::PermissionDenied),
        (403, ErrorKind::PermissionDenied),
    ] {
        let body = r#"{"error":"unauthorized_client","error_description":"Invalid client"}"#;
        let server = Server::always(Act::json(status, body));
        let client = Client::new(config(server.url(), hurried())).unwrap();
        let error = client.token(token_request()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status}");
    }
}

#[tokio::test]
async fn a_key_set_that_is_not_found_or_not_shown_names_its_address_or_the_setting() {
    for (status, path, said, slash) in [
        (404, "/realms/r1//certs", "/realms/r1//certs", true),
        (404, "/jwks/", "/jwks/", true),
        (404, "/jwks", "/jwks. ", false),
        (401, "/jwks", "jwks_token_file", false),
        (403, "/jwks", "jwks_token_file", false),
    ] {
        for page in ["{}", "<html>"] {
            let server = Server::always(Act::json(status, page));
            let keys = stytch_m2m::KeySource::Url(format!("{}{path}", server.url()));
            let issuer = stytch_m2m::IssuerConfig::oauth("https://a.test", &["a".into()], keys);
            let verifier = stytch_m2m::TokenVerifier::new(stytch_m2m::TokenVerifierConfig {
                issuers: vec![issuer],
                transport: hurried(),
                ..Default::default()
            });
            let error = verifier.unwrap().warm_up().await.unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
            assert_eq!(error.contains("A slash too many"), slash, "{error}");
        }
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_found_names_its_address() {
    for (path, slash) in [("/oauth//token", true), ("/oauth/token/", true), ("/oauth/token", false)]
    {
        for (media_type, page) in [("application/json", "{}"), ("text/html", "<html>")] {
            let server =
                Server::always(Act::with(404, &format!("content-type: {media_type}"), page));
            let url = format!("{}{path}", server.url());
            let source = TokenSource::new(TokenSourceConfig {
                token_url: Some(url.clone()),
                client_id: "a".to_owned(),
                client_secret: Some("client-secret".into()),
                transport: hurried(),
                ..Default::default()
            });
            let error = source.unwrap().get_token().await.unwrap_err().to_string();
            assert!(error.contains(&format!("It was asked for {url}")), "{error}");
            assert_eq!(error.contains("A slash too many in it may be the cause"), slash, "{error}");
        }
    }
}

/// Only a setting that the caller used is worth checking.
#[tokio::test]
async fn advice_names_the_setting_that_names_the_server() {
    let source = |config: TokenSourceConfig| {
        let transport = TransportConfig { connect_timeout: hurried().connect_timeout, ..hurried() };
        let client_id = "a".to_owned();
        let client_secret = Some("client-secret".into());
        TokenSource::new(TokenSourceConfig { client_id, client_secret, transport, ..config })
            .unwrap()
    };
    let away = refusing();
    let by_url = TokenSourceConfig { token_url: Some(format!("{away}/t")), ..Default::default() };
    let error = source(by_url).get_token().await.unwrap_err().to_string();
    assert!(error.contains("token_url") && !error.contains("base_url"), "{error}");

    let by_host = TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        base_url: Some(away.clone()),
        ..Default::default()
    };
    let error = source(by_host).get_token().await.unwrap_err().to_string();
    assert!(error.contains("base_url") && !error.contains("token_url"), "{error}");

    let page = Server::always(Act::with(200, "content-type: text/html", "<html>"));
    let redirect = Server::always(Act::with(302, "location: https://elsewhere.example", ""));
    for server in [page, redirect] {
        let url = Some(format!("{}/t", server.url()));
        let config = TokenSourceConfig { token_url: url, ..Default::default() };
        let error = source(config).get_token().await.unwrap_err().to_string();
        assert!(error.contains("check token_url"), "{error}");
    }

    // Nobody set where Stytch is.
    let proxy = stytch_m2m::plain::proxy(&away);
    let transport = TransportConfig { proxy, ..hurried() };
    let config = ClientConfig { transport, ..ClientConfig::new(PROJECT, "secret") };
    let error = Client::new(config).unwrap().token(token_request()).await.unwrap_err().to_string();
    assert!(!error.contains("base_url") && error.contains("proxy"), "{error}");
}
