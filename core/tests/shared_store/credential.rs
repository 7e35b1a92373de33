//! Whose token it is: only who knows the client's secret finds its token in the store.

use stytch_m2m::{ClientAuth, SecretSource, TokenSource, TokenSourceConfig};

use crate::issuer::at_noon;
use crate::redis_server::Redis;
use crate::server::{Act, Server};
use crate::sharing::{numbered, settings, token};

/// A token endpoint that accepts these secrets and assertions, and numbers its tokens.
fn server(valid: &'static [&'static str]) -> Server {
    Server::start(move |seen| {
        let accepts = |secret: &&str| seen.body.contains(&format!("={secret}"));
        match valid.iter().any(accepts) {
            true => numbered(seen.number, 3600),
            false => Act::json(401, r#"{"error":"invalid_client"}"#),
        }
    })
}

fn source(server: &Server, store: &str, config: TokenSourceConfig) -> TokenSource {
    let TokenSourceConfig {
        client_auth, client_secret, next_client_secret, client_assertion, ..
    } = config;
    TokenSource::new(TokenSourceConfig {
        client_auth,
        client_secret,
        next_client_secret,
        client_assertion,
        ..settings(server, store, at_noon().1)
    })
    .unwrap()
}

/// In a store for many tenants, an id is no secret.
#[tokio::test]
async fn a_client_with_a_wrong_secret_finds_no_token_of_the_right_one() {
    let Some(redis) = Redis::start() else { return };
    let server = server(&["right-secret", "a.right.assertion"]);
    let by_secret = |secret: &str| TokenSourceConfig {
        client_secret: Some(secret.into()),
        ..Default::default()
    };
    let by_assertion = |assertion: &str| TokenSourceConfig {
        client_assertion: Some(assertion.into()),
        ..Default::default()
    };
    let by_name =
        || TokenSourceConfig { client_auth: Some(ClientAuth::None), ..Default::default() };
    for config in [by_secret("right-secret"), by_assertion("a.right.assertion")] {
        token(&source(&server, &redis.url(), config)).await;
    }
    let two_wrong = TokenSourceConfig {
        next_client_secret: Some("another-wrong-secret".into()),
        ..by_secret("wrong-secret")
    };
    let wrong = [
        by_secret("wrong-secret"),
        by_secret("a.right.assertion.of-another-kind"),
        two_wrong,
        by_assertion("a.wrong.assertion"),
        by_name(),
    ];
    for config in wrong {
        let shown = format!("{config:?}");
        let outcome = source(&server, &redis.url(), config).get_token().await;
        let found = outcome.map(|token| token.access_token.expose().to_owned());
        assert!(
            found.as_ref().is_err_and(|error| error.code() == "authentication")
                || found
                    .as_ref()
                    .is_ok_and(|token| token != "token-canary-0" && token != "token-canary-1"),
            "{shown}: {found:?}"
        );
    }
    // The right ones find theirs.
    for (config, expected) in [
        (by_secret("right-secret"), "token-canary-0"),
        (by_assertion("a.right.assertion"), "token-canary-1"),
    ] {
        assert_eq!(token(&source(&server, &redis.url(), config)).await, expected);
    }
}

#[tokio::test]
async fn a_token_survives_the_change_of_its_secret() {
    let Some(redis) = Redis::start() else { return };
    let server = server(&["old-secret", "new-secret"]);
    let by = |current: SecretSource, next: Option<&str>| {
        let config = TokenSourceConfig {
            client_secret: Some(current),
            next_client_secret: next.map(Into::into),
            ..Default::default()
        };
        source(&server, &redis.url(), config)
    };
    assert_eq!(token(&by("old-secret".into(), None)).await, "token-canary-0");
    // Processes that know both find what was fetched with either.
    assert_eq!(token(&by("new-secret".into(), Some("old-secret"))).await, "token-canary-0");
    assert_eq!(token(&by("old-secret".into(), Some("new-secret"))).await, "token-canary-0");
    assert_eq!(server.requests(), 1);
    // Who knows only the new one fetches a token, which those who know both find, too.
    assert_eq!(token(&by("new-secret".into(), None)).await, "token-canary-1");

    // A process whose file changes keeps what it has.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    std::fs::write(&path, "old-secret").unwrap();
    let running = by(SecretSource::file(&path), None);
    assert_eq!(token(&running).await, "token-canary-0");
    std::fs::write(&path, "new-secret").unwrap();
    assert_eq!(token(&running).await, "token-canary-0");
    assert_eq!(server.requests(), 2);
}
