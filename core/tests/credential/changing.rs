//! Secrets that change: read again when the server refuses them, with one retry for all callers.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::future::{join_all, pending};
use stytch_m2m::internals::Clock;
use stytch_m2m::{
    Client, ClientConfig, Secret, SecretSource, TokenSource, TokenSourceConfig, TransportConfig,
};

use crate::issuer::{PROJECT, at_noon, hurried};
use crate::server::{Act, Server};
use crate::token_endpoint::{Caller, Endpoint, basic};

/// A vault with one secret, and how often it was asked.
#[derive(Clone, Default)]
struct Vault {
    secret: Arc<Mutex<String>>,
    calls: Arc<AtomicUsize>,
}

impl Vault {
    fn with(secret: &str) -> Self {
        let vault = Self::default();
        vault.keeps(secret);
        vault
    }

    fn keeps(&self, secret: &str) {
        *self.secret.lock().unwrap() = secret.to_owned();
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn source(&self) -> SecretSource {
        let vault = self.clone();
        SecretSource::function(move || {
            let vault = vault.clone();
            async move {
                tokio::task::yield_now().await;
                vault.calls.fetch_add(1, Ordering::SeqCst);
                Ok::<_, io::Error>(Secret::from(vault.secret.lock().unwrap().as_str()))
            }
        })
    }
}

fn caller(endpoint: &Endpoint, secret: SecretSource) -> Caller {
    let client_secret = Some(secret);
    Caller::new(TokenSourceConfig { client_secret, ..endpoint.settings() })
}

#[tokio::test]
async fn a_function_is_called_once_and_again_when_its_secret_is_refused() {
    let endpoint = Endpoint::accepting(["first"]);
    let vault = Vault::with("first");
    let caller = caller(&endpoint, vault.source());
    caller.another().await.unwrap();
    caller.another().await.unwrap();
    assert_eq!(vault.calls(), 1);

    endpoint.accepts(["second"]);
    vault.keeps("second");
    assert_eq!(caller.another().await.unwrap(), "token-3");
    assert_eq!(vault.calls(), 2);
    assert_eq!(endpoint.secrets(), ["first", "first", "first", "second"]);
}

#[tokio::test]
async fn a_refusal_costs_one_retry_however_many_call() {
    let endpoint = Endpoint::accepting(["second"]);
    let vault = Vault::default();
    let changing = vault.clone();
    let function = SecretSource::function(move || {
        let call = changing.calls.fetch_add(1, Ordering::SeqCst);
        async move { Ok::<_, io::Error>(Secret::from(["first", "second"][call.min(1)])) }
    });
    let caller = caller(&endpoint, function);
    let tokens = join_all((0..1000).map(|_| caller.source.get_token())).await;
    assert!(tokens.iter().all(Result::is_ok));
    assert_eq!((vault.calls(), endpoint.secrets()), (2, vec!["first".into(), "second".into()]));
}

#[tokio::test]
async fn a_secret_that_stays_refused_is_not_read_for_every_caller() {
    let endpoint = Endpoint::accepting([]);
    let vault = Vault::with("wrong");
    let caller = caller(&endpoint, vault.source());
    for _ in 0..20 {
        let outcomes = join_all((0..50).map(|_| caller.source.get_token())).await;
        assert!(outcomes.iter().all(|e| e.as_ref().unwrap_err().code() == "authentication"));
    }
    assert_eq!((vault.calls(), endpoint.secrets().len()), (2, 1), "for ten seconds");
}

#[tokio::test]
async fn the_next_secret_is_tried_and_stays_in_use() {
    let endpoint = Endpoint::accepting(["current"]);
    let caller = Caller::new(TokenSourceConfig {
        client_secret: Some("current".into()),
        next_client_secret: Some("next".into()),
        ..endpoint.settings()
    });
    caller.another().await.unwrap();
    endpoint.accepts(["next"]);
    caller.another().await.unwrap();
    caller.another().await.unwrap();
    // And back, if the rotation is undone.
    endpoint.accepts(["current"]);
    caller.another().await.unwrap();
    assert_eq!(endpoint.secrets(), ["current", "current", "next", "next", "next", "current"]);
    // Neither: the error is the server's, after both were tried once.
    endpoint.accepts([]);
    let error = caller.another().await.unwrap_err();
    assert_eq!(error.code(), "authentication");
    assert_eq!(endpoint.secrets().len(), 8);
}

#[tokio::test]
async fn a_next_secret_that_cannot_be_read_is_no_obstacle() {
    let endpoint = Endpoint::accepting(["current"]);
    let caller = Caller::new(TokenSourceConfig {
        client_secret: Some("current".into()),
        next_client_secret: Some(SecretSource::file("/nobody/has/this")),
        ..endpoint.settings()
    });
    caller.another().await.unwrap();
    // And a current one that cannot be read is none either.
    let caller = Caller::new(TokenSourceConfig {
        client_secret: Some(SecretSource::file("/nobody/has/this")),
        next_client_secret: Some("current".into()),
        ..endpoint.settings()
    });
    caller.another().await.unwrap();
}

#[tokio::test]
async fn a_valid_token_outlives_a_refused_secret() {
    let endpoint = Endpoint::accepting(["first"]);
    let (clock, transport) = at_noon();
    let source = TokenSource::new(TokenSourceConfig {
        client_secret: Some("first".into()),
        transport,
        ..endpoint.settings()
    })
    .unwrap();
    source.get_token().await.unwrap();
    endpoint.accepts([]);
    // Due for a refresh, which is refused.
    clock.advance(std::time::Duration::from_secs(3500));
    for _ in 0..3 {
        let token = source.get_token().await.unwrap();
        assert_eq!(token.access_token.expose(), "token-0");
    }
    crate::issuer::eventually(|| endpoint.server.requests() == 2).await;
    assert_eq!(source.get_token().await.unwrap().access_token.expose(), "token-0");
}

#[tokio::test]
async fn a_function_that_fails_panics_or_hangs_is_an_error_of_its_own_kind() {
    let endpoint = Endpoint::accepting(["s"]);
    let fails = SecretSource::function(|| async {
        Err::<Secret, _>(io::Error::other("permission\u{202e} denied"))
    });
    let panics = SecretSource::function(|| async {
        match true {
            true => panic!("in the function"),
            false => Ok::<_, io::Error>(Secret::default()),
        }
    });
    let panics_at_once = SecretSource::function(|| {
        if std::env::var_os("PATH").is_some() {
            panic!("before its future");
        }
        async { Ok::<_, io::Error>(Secret::default()) }
    });
    let hangs = SecretSource::function(pending::<io::Result<Secret>>);
    let empty = SecretSource::function(|| async { Ok::<_, io::Error>(Secret::default()) });
    for (secret, code, message) in [
        (fails, "network", "client_secret: its function failed: permission\\u{202e} denied"),
        (panics, "network", "client_secret: its function panicked"),
        (panics_at_once, "network", "client_secret: its function panicked"),
        (hangs, "timeout", "client_secret: its function did not return within 500ms"),
        (empty, "invalid_config", "client_secret is empty"),
    ] {
        let error = caller(&endpoint, secret).source.get_token().await.unwrap_err();
        assert_eq!((error.code(), error.details().message.as_str()), (code, message));
    }
    assert_eq!(endpoint.server.requests(), 0);
}

#[tokio::test]
async fn an_environment_variable_is_read_again_when_it_is_refused() {
    // Other tests of this process read other variables.
    let set = |value: &str| unsafe { std::env::set_var("CRED_TEST_SECRET", value) };
    set("first");
    let endpoint = Endpoint::accepting(["first"]);
    let caller = caller(&endpoint, SecretSource::env("CRED_TEST_SECRET"));
    caller.another().await.unwrap();
    set("second");
    caller.another().await.unwrap();
    endpoint.accepts(["second"]);
    caller.another().await.unwrap();
    assert_eq!(endpoint.secrets(), ["first", "first", "first", "second"]);
}

#[tokio::test]
async fn the_projects_secret_is_read_again_when_it_is_refused() {
    let valid = Arc::new(Mutex::new("old-project-secret"));
    let accepted = Arc::clone(&valid);
    let server = Server::start(move |seen| {
        let (id, secret) = basic(seen).unwrap();
        assert_eq!(id, PROJECT);
        match secret == *accepted.lock().unwrap() {
            true => Act::json(
                200,
                r#"{"m2m_client":{"client_id":"a","status":"active","scopes":[]},"status_code":200}"#,
            ),
            false => Act::json(401, r#"{"error_type":"unauthorized_credentials"}"#),
        }
    });
    let vault = Vault::with("old-project-secret");
    let clock = Clock::manual(1_800_000_000);
    let client = Client::new(ClientConfig {
        project_id: PROJECT.into(),
        secret: Some(vault.source()),
        base_url: Some(server.url().into()),
        transport: TransportConfig { clock: clock.clone(), ..hurried() },
        ..Default::default()
    })
    .unwrap();
    client.clients().get("a").await.unwrap();
    *valid.lock().unwrap() = "new-project-secret";
    vault.keeps("new-project-secret");
    let clients = client.clients();
    let calls = join_all((0..50).map(|_| clients.get("a"))).await;
    assert!(calls.iter().all(Result::is_ok), "none of them is refused");
    assert!(vault.calls() <= 3, "{}", vault.calls());

    // Refused for good: the vault is not asked for each call.
    *valid.lock().unwrap() = "another";
    let before = vault.calls();
    for _ in 0..10 {
        assert_eq!(client.clients().get("a").await.unwrap_err().code(), "authentication");
    }
    assert_eq!(vault.calls(), before + 1);
    clock.advance(std::time::Duration::from_secs(11));
    client.clients().get("a").await.unwrap_err();
    assert_eq!(vault.calls(), before + 2);
}
