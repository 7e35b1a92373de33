//! Wrong settings are found before any I/O, and none shows a secret.

use stytch_m2m::{Client, ClientConfig, Error, Secret, TokenSource, TokenSourceConfig};

use crate::issuer::{config, hurried};
use crate::server::Server;
use crate::sharing::{KEY, settings};

const URL: &str = "redis://user:store-password-canary@127.0.0.1:1/0";

fn field(error: &Error) -> &str {
    assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    error.details().field.as_deref().unwrap()
}

#[test]
fn a_store_needs_a_url_and_a_key() {
    let unused = Server::start(|_| unreachable!("no I/O"));
    for (url, key, wrong) in [
        (Some(URL), None, "token_store_key"),
        (None, Some(KEY), "token_store_url"),
        (Some(""), Some(KEY), "token_store_url"),
        (Some("http://canary"), Some(KEY), "token_store_url"),
        (Some("canary"), Some(KEY), "token_store_url"),
        (Some(URL), Some(""), "token_store_key"),
        (Some(URL), Some("canary"), "token_store_key"),
        (Some(URL), Some("AAAA"), "token_store_key"),
        (Some(URL), Some("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,"), "token_store_key"),
    ] {
        let (url, key) = (url.map(Secret::from), key.map(Secret::from));
        let client = ClientConfig {
            token_store_url: url.clone(),
            token_store_key: key.clone(),
            ..config(unused.url(), hurried())
        };
        assert_eq!(field(&Client::new(client).unwrap_err()), wrong);
        let source = TokenSourceConfig {
            token_store_url: url,
            token_store_key: key,
            ..settings(&unused, URL, hurried())
        };
        assert_eq!(field(&TokenSource::new(source).unwrap_err()), wrong);
    }
}

#[test]
fn all_spellings_of_a_store_are_taken_and_none_is_shown() {
    let unused = Server::start(|_| unreachable!("no I/O"));
    for scheme in ["redis", "rediss", "valkey", "valkeys"] {
        let url = format!("{scheme}://user:store-password-canary@127.0.0.1:1/0");
        // Without padding as well, and in a ring.
        let key = format!("{}, {KEY}", KEY.trim_end_matches('='));
        let settings = TokenSourceConfig {
            client_id: "m2m".into(),
            client_secret: Some("s".into()),
            token_store_key: Some(key.clone().into()),
            ..settings(&unused, &url, hurried())
        };
        let shown = format!("{settings:?}");
        let source = TokenSource::new(settings).unwrap();
        let shown = format!("{shown} {source:?}");
        assert!(!shown.contains("canary") && !shown.contains(KEY), "{shown}");
    }
}

#[test]
fn a_password_is_not_sent_unencrypted_to_another_host_unless_that_is_allowed() {
    let unused = Server::start(|_| unreachable!("no I/O"));
    let source = |url: &str, token_store_allow_unencrypted: bool| {
        let settings = settings(&unused, url, hurried());
        TokenSource::new(TokenSourceConfig { token_store_allow_unencrypted, ..settings })
    };
    for host in ["redis.example.com:6379", "10.0.0.5:6379", "[2001:db8::1]:6379"] {
        for scheme in ["redis", "valkey"] {
            for user in ["", "user"] {
                let url = format!("{scheme}://{user}:store-password-canary@{host}/0");
                let error = source(&url, false).unwrap_err();
                assert_eq!(field(&error), "token_store_url");
                assert!(error.to_string().contains("token_store_allow_unencrypted"), "{error}");
                source(&url, true).unwrap();
            }
            source(&format!("{scheme}://{host}/0"), false).unwrap();
            source(&format!("{scheme}s://:store-password-canary@{host}/0"), false).unwrap();
        }
    }
    for host in ["localhost:6379", "127.0.0.1:6379", "127.1.2.3:6379", "[::1]:6379"] {
        source(&format!("redis://:store-password-canary@{host}/0"), false).unwrap();
    }
}
