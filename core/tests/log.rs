//! The log at its most talkative: what was done is there, and no secret is.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, CreateRequest, TokenRequest, TokenSource,
    TokenSourceConfig,
};
use stytch_m2m_emulator::Emulator;
use tracing_subscriber::filter::LevelFilter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_tells_what_was_done_and_no_secret_even_at_trace() {
    let log = Log::default();
    let writer = log.clone();
    // With whatever the layers below log.
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let emulator = Emulator::start().unwrap();
    let config = ClientConfig {
        base_url: Some(emulator.base_url().into()),
        ..ClientConfig::new(emulator.project_id(), emulator.secret())
    };
    let client = Client::new(config).unwrap();
    let request = CreateRequest { scopes: vec!["read:users".into()], ..Default::default() };
    let made = client.clients().create(request).await.unwrap().m2m_client;
    let id = made.client.client_id.clone();
    let grant = TokenRequest {
        client_id: id.clone(),
        client_secret: made.client_secret.clone(),
        ..Default::default()
    };
    let token = client.token(grant.clone()).await.unwrap();
    let options = AuthenticateOptions::default();
    client.authenticate_token(token.access_token.expose(), &options).await.unwrap();
    client.invalidate_token(token.access_token.expose());
    let again = client.token(grant.clone()).await.unwrap();
    let next = client.secrets().rotate_start(&id).await.unwrap().m2m_client;
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(emulator.project_id().into()),
        base_url: Some(emulator.base_url().into()),
        client_id: id.clone(),
        client_secret: Some("wrong-secret-canary".into()),
        ..Default::default()
    })
    .unwrap();
    source.get_token().await.unwrap_err();
    let wrong = format!("{}x", token.access_token.expose());
    client.authenticate_token(&wrong, &options).await.unwrap_err();

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for told in [
        "request{operation=\"create\" method=POST",
        "answered status=200",
        "access token fetched",
        "keys fetched",
    ] {
        // Each answer, with what it answers: an operation, its host and port, and the time it took.
        let answers: Vec<_> =
            log.lines().filter(|line| line.contains("answered status=")).collect();
        let host = emulator.base_url().trim_start_matches("http://");
        let fields = [
            " operation=",
            " method=",
            &format!(" host=\"{host}\""),
            " path=\"/v1/",
            " request_id=",
            " elapsed_ms=",
        ];
        for line in &answers {
            let missing: Vec<_> = fields.iter().filter(|field| !line.contains(**field)).collect();
            assert!(missing.is_empty() || line.contains("\"jwks\""), "{missing:?} not in {line}");
        }
        assert!(answers.iter().any(|line| line.contains("/v1/m2m/clients/{client_id}/secrets")));
        assert!(log.contains(told), "not in the log: {told}");
    }
    for operation in ["create", "token", "jwks", "rotate_start"] {
        assert!(log.contains(&format!("operation=\"{operation}\"")), "not in the log: {operation}");
    }
    let failed = log.lines().find(|line| line.contains("access token not fetched")).unwrap();
    assert!(failed.contains(" host=") && failed.contains(" request_id="), "{failed}");
    assert!(failed.contains(" elapsed_ms="), "{failed}");
    assert!(log.contains("TRACE"), "the layers below were to be heard as well");
    for secret in [
        emulator.secret(),
        made.client_secret.expose(),
        next.next_client_secret.expose(),
        token.access_token.expose(),
        again.access_token.expose(),
        "wrong-secret-canary",
        "Basic ",
    ] {
        // In parts as well: a signature alone is bad enough.
        for part in secret.split('.').filter(|part| part.len() > 5) {
            assert!(!log.contains(part), "in the log: {}", secret.get(..12).unwrap());
        }
    }
}
