//! Settings that contradict each other are found before any request, and named.

use stytch_m2m::{Algorithm, ClientAuth, SecretSource, TokenSource, TokenSourceConfig};

use crate::server::Server;
use crate::token_endpoint::{form, token};

const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn refused(config: TokenSourceConfig) -> (String, String) {
    let config = TokenSourceConfig {
        token_url: Some("https://idp.example.com/token".into()),
        client_id: "the-client".into(),
        ..config
    };
    let error = TokenSource::new(config).unwrap_err();
    assert_eq!(error.code(), "invalid_config");
    (error.details().field.clone().unwrap(), error.details().message.clone())
}

#[test]
fn contradictions_are_named() {
    let config = TokenSourceConfig::default;
    let secret = || Some(SecretSource::from("the-secret"));
    let key = || Some(SecretSource::from(KEY));
    let method = |method| Some(method);
    let cases = [
        (config(), "client_secret", "client_secret is missing"),
        (
            TokenSourceConfig { client_secret: secret(), private_key: key(), ..config() },
            "private_key",
            "client_secret and private_key are both set",
        ),
        (
            TokenSourceConfig { private_key: key(), client_assertion: secret(), ..config() },
            "client_assertion",
            "private_key and client_assertion are both set",
        ),
        (
            TokenSourceConfig { client_auth: method(ClientAuth::ClientSecretBasic), ..config() },
            "client_secret",
            "client_secret is missing: client_secret_basic needs it",
        ),
        (
            TokenSourceConfig { client_auth: method(ClientAuth::PrivateKeyJwt), ..config() },
            "private_key",
            "private_key is missing: private_key_jwt needs it",
        ),
        (
            TokenSourceConfig {
                client_auth: method(ClientAuth::PrivateKeyJwt),
                client_secret: secret(),
                ..config()
            },
            "client_auth",
            "client_auth is private_key_jwt, which does not use client_secret",
        ),
        (
            TokenSourceConfig {
                client_auth: method(ClientAuth::None),
                client_secret: secret(),
                ..config()
            },
            "client_auth",
            "client_auth is none, which does not use client_secret",
        ),
        (
            TokenSourceConfig { client_auth: method(ClientAuth::TlsClientAuth), ..config() },
            "client_certificate_pem",
            "client_certificate_pem is missing: tls_client_auth needs it",
        ),
        (
            TokenSourceConfig { private_key: key(), next_client_secret: secret(), ..config() },
            "next_client_secret",
            "next_client_secret is set without client_secret",
        ),
        (
            TokenSourceConfig { client_secret: secret(), key_id: Some("k".into()), ..config() },
            "key_id",
            "key_id is set without private_key",
        ),
        (
            TokenSourceConfig {
                client_secret: secret(),
                signing_algorithm: Some(Algorithm::Es256),
                ..config()
            },
            "signing_algorithm",
            "signing_algorithm is set without private_key",
        ),
        (
            TokenSourceConfig { private_key: key(), key_id: Some(String::new()), ..config() },
            "key_id",
            "key_id is empty",
        ),
        (
            TokenSourceConfig { client_secret: Some(" canary".into()), ..config() },
            "client_secret",
            "white space",
        ),
        (
            TokenSourceConfig {
                client_secret: secret(),
                next_client_secret: Some("".into()),
                ..config()
            },
            "next_client_secret",
            "next_client_secret is empty",
        ),
        (
            TokenSourceConfig { client_assertion: Some("a b".into()), ..config() },
            "client_assertion",
            "client_assertion is empty, or contains",
        ),
        (
            TokenSourceConfig { client_secret: Some(SecretSource::file("")), ..config() },
            "client_secret",
            "path is empty",
        ),
        (
            TokenSourceConfig {
                client_secret: Some(SecretSource::env("NOBODY_SETS_THIS")),
                ..config()
            },
            "client_secret",
            "the environment variable NOBODY_SETS_THIS is not set",
        ),
    ];
    for (config, field, message) in cases {
        let (found, shown) = refused(config);
        assert_eq!(found, field, "{shown}");
        assert!(shown.contains(message) && !shown.contains("canary"), "{shown}");
    }
}

#[test]
fn only_an_assertion_makes_the_id_dispensable() {
    let config = || TokenSourceConfig {
        token_url: Some("https://idp.example.com/token".into()),
        ..Default::default()
    };
    let assertion = || Some(SecretSource::from("a.b.c"));
    let field =
        |config| TokenSource::new(config).err().map(|error| error.details().field.clone().unwrap());
    assert_eq!(field(TokenSourceConfig { assertion: assertion(), ..config() }), None);
    let named = TokenSourceConfig { client_assertion: assertion(), ..config() };
    assert_eq!(field(named).as_deref(), Some("client_id"));
    let secret =
        TokenSourceConfig { assertion: assertion(), client_secret: Some("s".into()), ..config() };
    assert_eq!(field(secret).as_deref(), Some("client_id"));
}

#[test]
fn methods_have_their_registered_names() {
    for method in ClientAuth::ALL {
        assert_eq!(method.name().parse::<ClientAuth>().unwrap(), method);
    }
    let also = "self_signed_tls_client_auth".parse::<ClientAuth>().unwrap();
    assert_eq!(also, ClientAuth::TlsClientAuth);
    let error = "client_secret_jwt".parse::<ClientAuth>().unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("client_auth"));
    assert!(error.to_string().contains("client_secret_post, client_secret_basic"), "{error}");
}

/// The only test here that reads these variables.
#[tokio::test]
async fn a_source_takes_everything_from_the_environment_but_arguments_win() {
    const ID: &str = "STYTCH_CLIENT_ID";
    const SECRET: &str = "STYTCH_CLIENT_SECRET";
    const FILE: &str = "STYTCH_CLIENT_SECRET_FILE";
    const URL: &str = "STYTCH_TOKEN_URL";
    const PROJECT: &str = "STYTCH_PROJECT_ID";
    let set = |name: &str, value: &str| unsafe { std::env::set_var(name, value) };
    let server = Server::start(|seen| token(seen.number));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    std::fs::write(&path, "from-the-file\n").unwrap();
    set(ID, "from-the-environment");
    set(SECRET, "of-the-environment");
    set(URL, &format!("{}/token", server.url()));
    // Of what else the program does; it does not count beside a token endpoint.
    set(PROJECT, "project-test-00000000-0000-4000-8000-000000000000");
    let sent = async |config: TokenSourceConfig| {
        let source = TokenSource::new(config.or_env()).unwrap();
        source.get_token().await.unwrap();
        let seen = server.seen().pop().unwrap();
        let mut form = form(&seen);
        assert!(seen.is("POST", "/token"));
        (form.remove("client_id").unwrap(), form.remove("client_secret").unwrap_or_default())
    };
    let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
    let config = TokenSourceConfig::default;
    assert_eq!(sent(config()).await, pair("from-the-environment", "of-the-environment"));

    let given = TokenSourceConfig {
        client_id: "given".into(),
        client_secret: Some("of-the-caller".into()),
        ..config()
    };
    assert_eq!(sent(given).await, pair("given", "of-the-caller"));
    // Another credential is not joined by a secret that the caller did not mean.
    let by_key = TokenSourceConfig { private_key: Some(KEY.into()), ..config() };
    assert_eq!(sent(by_key).await, pair("from-the-environment", ""));
    let unnamed = TokenSourceConfig { client_auth: Some(ClientAuth::None), ..config() };
    assert_eq!(sent(unnamed).await, pair("from-the-environment", ""));
    let project = TokenSourceConfig {
        project_id: Some("project-test-1".into()),
        base_url: Some(server.url().into()),
        ..config()
    };
    let source = TokenSource::new(project.or_env()).unwrap();
    source.get_token().await.unwrap();
    assert!(server.seen().pop().unwrap().is("POST", "/v1/public/project-test-1/oauth2/token"));

    set(FILE, path.to_str().unwrap());
    let error = TokenSource::new(config().or_env()).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("client_secret"));
    assert!(error.to_string().contains(&format!("{SECRET} and {FILE} are both set")), "{error}");
    // An empty variable counts as unset.
    set(SECRET, "");
    assert_eq!(sent(config()).await, pair("from-the-environment", "from-the-file"));
}
