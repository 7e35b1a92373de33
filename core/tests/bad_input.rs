//! Bad settings and bad servers: one typed error each, and no secret in any of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, CreateRequest, Error, ErrorKind, IssuerConfig,
    KeySource, OrganizationClient, OrganizationConfig, Token, TokenRequest, TokenSource,
    TokenSourceConfig, TokenVerifier, TokenVerifierConfig,
};

const PROJECT: &str = "project-test-00000000-0000-4000-8000-000000000000";

fn config(base_url: &str) -> ClientConfig {
    ClientConfig {
        base_url: Some(base_url.into()),
        ..ClientConfig::new(PROJECT, "secret-test-canary")
    }
}

fn field(error: &Error) -> &str {
    assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
    error.details().field.as_deref().unwrap()
}

#[test]
fn an_id_and_a_secret_the_wrong_way_round_are_refused_unseen() {
    let client_id = "m2m-client-test-1";
    let source = |client_id: &str, client_secret: &str| {
        TokenSource::new(TokenSourceConfig {
            project_id: Some(PROJECT.to_owned()),
            client_id: client_id.into(),
            client_secret: Some(client_secret.into()),
            ..Default::default()
        })
    };
    let refused = [
        Client::new(ClientConfig::new("secret-test-canary", PROJECT)).unwrap_err(),
        IssuerConfig::stytch("secret-test-canary", None, Default::default()).unwrap_err(),
        Client::new(ClientConfig::new(PROJECT, PROJECT)).unwrap_err(),
        source("secret-test-canary", client_id).unwrap_err(),
        source(client_id, client_id).unwrap_err(),
    ];
    let fields = ["project_id", "project_id", "secret", "client_id", "client_secret"];
    for (error, expected) in refused.iter().zip(fields) {
        assert_eq!(field(error), expected);
        assert!(error.to_string().contains("the wrong way round"), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && !shown.contains(PROJECT), "{shown}");
    }
}

#[test]
fn a_client_id_with_white_space_around_it_is_refused_before_it_is_sent() {
    for client_id in [" m2m-client-test-1", "m2m-client-test-1 ", "m2m-client-test-1\n"] {
        let refused = TokenSource::new(TokenSourceConfig {
            project_id: Some(PROJECT.to_owned()),
            client_id: client_id.into(),
            client_secret: Some("secret-test-canary".into()),
            ..Default::default()
        });
        assert_eq!(field(&refused.unwrap_err()), "client_id");
    }
}

#[tokio::test]
async fn a_server_of_this_machine_that_does_not_run_is_named_with_its_port() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let source = TokenSource::new(TokenSourceConfig {
        token_url: Some(format!("http://127.0.0.1:{port}/token")),
        client_id: "job".into(),
        client_secret: Some("secret-test-canary".into()),
        ..Default::default()
    });
    let error = source.unwrap().get_token().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    let message = error.to_string();
    assert!(message.contains(&format!("cannot reach 127.0.0.1:{port}: ")), "{message}");
    assert!(
        message.ends_with(
            "Check token_url, the port, and whether a server, such as an emulator, runs there"
        ),
        "{message}"
    );
}

#[test]
fn wrong_settings_name_their_field() {
    let refused = |config| Client::new(config).unwrap_err();
    assert_eq!(field(&refused(ClientConfig::default())), "project_id");
    assert_eq!(field(&refused(ClientConfig::new("", "s"))), "project_id");
    assert_eq!(field(&refused(ClientConfig::new("project/../x", "s"))), "project_id");
    assert_eq!(field(&refused(ClientConfig::new(PROJECT, ""))), "secret");
    assert_eq!(field(&refused(ClientConfig::new(PROJECT, "trailing\n"))), "secret");
    for url in [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "http://api.example.com",
        "http://127.0.0.1.example.com",
        "https://user:pass@api.example.com",
        "https://api.example.com/v1",
        "https://api.example.com/?x=1",
        "https://api.example.com/#x",
    ] {
        assert_eq!(field(&refused(config(url))), "base_url", "{url}");
    }
    for url in
        ["https://login.example.com", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost"]
    {
        Client::new(config(url)).unwrap();
    }
}

#[tokio::test]
async fn wrong_arguments_are_found_before_any_request() {
    let client = Client::new(config("http://127.0.0.1:1")).unwrap();
    for id in ["", ".", "..", "a\nb"] {
        assert_eq!(field(&client.clients().get(id).await.unwrap_err()), "client_id");
    }
    let no_secret = ClientConfig { secret: None, ..config("http://127.0.0.1:1") };
    let no_secret = Client::new(no_secret).unwrap();
    assert_eq!(field(&no_secret.clients().get("x").await.unwrap_err()), "secret");

    let request = TokenRequest {
        client_id: "m2m-client-test-1".into(),
        client_secret: "canary".into(),
        ..Default::default()
    };
    let cases = [
        (TokenRequest { client_id: String::new(), ..request.clone() }, "client_id"),
        (TokenRequest { client_secret: "".into(), ..request.clone() }, "client_secret"),
        (TokenRequest { scopes: vec!["a b".into()], ..request.clone() }, "scopes"),
        (TokenRequest { extra: [("scope".into(), "x".into())].into(), ..request }, "extra"),
    ];
    for (request, name) in cases {
        assert_eq!(field(&client.token(request).await.unwrap_err()), name);
    }
    for (options, name) in [
        (AuthenticateOptions::scopes([""]), "required_scopes"),
        (AuthenticateOptions::scopes(["read users"]), "required_scopes"),
        (
            AuthenticateOptions { clock_tolerance: Duration::from_secs(301), ..Default::default() },
            "clock_tolerance",
        ),
    ] {
        let error = client.authenticate_token("a.b.c", &options).await.unwrap_err();
        assert_eq!(field(&error), name);
    }
}

#[test]
fn a_verifier_and_a_source_check_their_settings() {
    let verifier = |issuers| {
        let config = TokenVerifierConfig { issuers, ..Default::default() };
        TokenVerifier::new(config).unwrap_err()
    };
    let keys = KeySource::Url("https://idp.example.com/jwks".into());
    let good = IssuerConfig::oauth("https://idp.example.com", &["api".into()], keys.clone());
    assert_eq!(field(&verifier(vec![])), "issuers");
    assert_eq!(field(&verifier(vec![good.clone(), good.clone()])), "issuers");
    assert_eq!(field(&verifier(vec![IssuerConfig::oauth("x", &[], keys)])), "audiences");
    let none = IssuerConfig { algorithms: vec![], ..good.clone() };
    assert_eq!(field(&verifier(vec![none])), "algorithms");
    let plain = KeySource::Url("http://idp.example.com/jwks".into());
    assert_eq!(field(&verifier(vec![IssuerConfig { keys: plain, ..good.clone() }])), "jwks_url");
    let empty = KeySource::Jwks(r#"{"keys":[]}"#.into());
    assert_eq!(field(&verifier(vec![IssuerConfig { keys: empty, ..good }])), "jwks");

    let source = TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        token_url: Some("https://idp.example.com/token".into()),
        client_id: "c".into(),
        client_secret: Some("s".into()),
        ..Default::default()
    };
    assert_eq!(field(&TokenSource::new(source).unwrap_err()), "token_url");
}

#[tokio::test]
async fn an_unreachable_server_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut patient = config(&format!("http://{address}"));
    patient.transport.total_timeout = std::time::Duration::MAX;
    let client = Client::new(patient).unwrap();
    let error = client.clients().get("some-client").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    let error = client.clients().create(CreateRequest::default()).await.unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Network,
        "nothing was sent, so nothing is unknown: {error}"
    );
    let error = client.authenticate_token(&unsigned(), &Default::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable);
    assert_eq!(error.http_status(), 503);
}

#[tokio::test]
async fn the_longest_timeout_is_no_panic() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut transport = config(&base_url).transport;
    transport.connect_timeout = std::time::Duration::MAX;
    transport.attempt_timeout = std::time::Duration::MAX;
    transport.total_timeout = std::time::Duration::MAX;
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        base_url: Some(base_url.clone()),
        client_id: "c".into(),
        client_secret: Some("s".into()),
        transport: transport.clone(),
        ..Default::default()
    });
    assert_eq!(source.unwrap().get_token().await.unwrap_err().kind(), ErrorKind::Network);
    let authorization = "Bearer x".into();
    let organization = OrganizationConfig { base_url, authorization, transport };
    let client = OrganizationClient::new(organization).unwrap();
    assert_eq!(client.client_id().await.unwrap_err().kind(), ErrorKind::Network);
}

/// A well-formed token of the project, by a key that nobody has.
fn unsigned() -> String {
    use base64::Engine as _;
    let encode = |json: String| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
    let header = encode(r#"{"alg":"RS256","kid":"k","typ":"JWT"}"#.into());
    let payload = encode(format!(r#"{{"iss":"stytch.com/{PROJECT}"}}"#));
    format!("{header}.{payload}.AAAA")
}

/// Answers every request on a free port with this status line, headers and body.
fn server(head: &str, body: &str) -> String {
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

fn token_request() -> TokenRequest {
    TokenRequest {
        client_id: "m2m-client-test-1".into(),
        client_secret: "client-secret-canary".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn html_is_an_unexpected_response_without_its_body() {
    let html = "502 Bad Gateway\r\ncontent-type: text/html; charset=utf-8";
    let client = Client::new(config(&server(html, "<html>canary body</html>"))).unwrap();
    let error = client.clients().get("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(error.details().status_code, Some(502));
    assert!(error.to_string().contains("text/html"), "{error}");
    assert!(!format!("{error:?}").contains("canary body"));

    let error = client.clients().create(CreateRequest::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.details().recovery.is_some());
    let error = client.token(token_request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let redirect = "307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/";
    let client = Client::new(config(&server(redirect, ""))).unwrap();
    let error = client.token(token_request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(error.details().status_code, Some(307));
}

#[tokio::test]
async fn no_secret_shows_anywhere() {
    let body = r#"{"access_token":"access-token-canary","token_type":"bearer","expires_in":60}"#;
    let config = config(&server("200 OK\r\ncontent-type: application/json", body));
    let client = Client::new(config.clone()).unwrap();
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(PROJECT.into()),
        client_id: "c".into(),
        client_secret: Some("client-secret-canary".into()),
        ..Default::default()
    })
    .unwrap();
    let token: Token = client.token(token_request()).await.unwrap();
    assert_eq!(token.access_token.expose(), "access-token-canary");
    let create =
        CreateRequest { client_secret: Some("client-secret-canary".into()), ..Default::default() };
    let created = client.clients().create(create.clone()).await.unwrap_err();
    let options = AuthenticateOptions::default();
    let wrong = client.authenticate_token("header-canary.payload-canary.x", &options);
    let wrong = wrong.await.unwrap_err();
    let shown = format!(
        "{config:?} {client:?} {source:?} {token:?} {:?} {:?} {create:?} {created:?} {created} {wrong:?} {wrong} {:?} {:?}",
        token_request(),
        token.authorization_header(),
        client.clients(),
        client.verifier(),
    );
    assert!(shown.contains("[REDACTED]"));
    assert!(!shown.contains("canary"), "{shown}");
}
