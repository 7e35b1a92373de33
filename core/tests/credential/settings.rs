//! Settings that contradict each other are found before any request, and named.

use stytch_m2m::{Algorithm, ClientAuth, SecretSource, TokenSource, TokenSourceConfig};

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
