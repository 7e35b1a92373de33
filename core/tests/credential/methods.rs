//! What each method sends.

use stytch_m2m::{ClientAuth, SecretSource, TokenSource, TokenSourceConfig};

use crate::server::{Act, Server};
use crate::token_endpoint::{REFUSED, basic, header, settings, token};

async fn sent(config: impl FnOnce(TokenSourceConfig) -> TokenSourceConfig) -> crate::server::Seen {
    let server = Server::start(|seen| token(seen.number));
    let source = TokenSource::new(config(settings(&server))).unwrap();
    source.get_token().await.unwrap();
    server.seen().remove(0)
}

#[tokio::test]
async fn client_secret_post_is_the_default_and_sends_both_in_the_form() {
    let seen =
        sent(|config| TokenSourceConfig { client_secret: Some("s&=+ ä".into()), ..config }).await;
    assert_eq!(
        seen.body,
        "grant_type=client_credentials&client_id=the-client&client_secret=s%26%3D%2B+%C3%A4"
    );
    assert_eq!(header(&seen, "authorization"), None);
}

/// RFC 6749, section 2.3.1: each part is form-encoded before they are joined.
#[tokio::test]
async fn client_secret_basic_encodes_the_id_and_the_secret_first() {
    let seen = sent(|config| TokenSourceConfig {
        client_id: "https://client:1".into(),
        client_auth: Some(ClientAuth::ClientSecretBasic),
        client_secret: Some("s:%&=+ ä".into()),
        ..config
    })
    .await;
    let expected = ("https%3A%2F%2Fclient%3A1".to_owned(), "s%3A%25%26%3D%2B+%C3%A4".to_owned());
    assert_eq!(basic(&seen), Some(expected));
    assert_eq!(seen.body, "grant_type=client_credentials", "not twice (RFC 6749, section 2.3)");
}

#[tokio::test]
async fn none_sends_only_the_id() {
    let seen =
        sent(|config| TokenSourceConfig { client_auth: Some(ClientAuth::None), ..config }).await;
    assert_eq!(seen.body, "grant_type=client_credentials&client_id=the-client");
}

#[tokio::test]
async fn a_refusal_names_the_other_methods() {
    let server = Server::always(Act::json(401, REFUSED));
    let config =
        TokenSourceConfig { client_secret: Some("secret-canary".into()), ..settings(&server) };
    let error = TokenSource::new(config).unwrap().get_token().await.unwrap_err();
    assert_eq!(error.code(), "authentication");
    assert_eq!(error.details().error_message.as_deref(), Some("The client is unknown."));
    let message = &error.details().message;
    assert_eq!(
        message,
        "The client is unknown. (client_auth was client_secret_post; the other methods are \
         client_secret_basic, private_key_jwt, tls_client_auth, none: see client_auth)"
    );

    // Stytch's own endpoint knows one method only.
    let config = TokenSourceConfig {
        token_url: None,
        project_id: Some("project-test-00000000-0000-4000-8000-000000000000".into()),
        base_url: Some(server.url().into()),
        client_secret: Some("secret-canary".into()),
        ..settings(&server)
    };
    let error = TokenSource::new(config).unwrap().get_token().await.unwrap_err();
    assert_eq!(error.details().message, "The client is unknown.");
}

/// Servers repeat what they were sent in messages.
#[tokio::test]
async fn what_authenticated_a_client_shows_in_no_error() {
    let server = Server::start(|seen| {
        let authorization = header(seen, "authorization").unwrap_or_default();
        let echo = format!("{} {authorization} {:?}", seen.body, basic(seen));
        let body = serde_json::json!({ "error": "invalid_client", "error_description": echo });
        Act::json(401, &body.to_string())
    });
    let secret = "p%c & canary+1234567";
    let assertion = || SecretSource::value("header-canary-1.payload-canary-1.signature-canary-1");
    let basic = TokenSourceConfig {
        client_auth: Some(ClientAuth::ClientSecretBasic),
        client_secret: Some(secret.into()),
        ..settings(&server)
    };
    let with_assertion =
        TokenSourceConfig { client_assertion: Some(assertion()), ..settings(&server) };
    let exchanged = TokenSourceConfig { assertion: Some(assertion()), ..settings(&server) };
    for config in [basic, with_assertion, exchanged] {
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
        let source = TokenSource::new(config).unwrap();
        let error = source.get_token().await.unwrap_err();
        let shown = format!("{error} {error:?} {source:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("[REDACTED]"), "{shown}");
    }
}
