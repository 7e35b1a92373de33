//! The way out: proxies, from the environment, given, or none.

use std::process::Command;

use stytch_m2m::{Client, ErrorKind, Proxy, TransportConfig};

use crate::issuer::{config, hurried, token_request};
use crate::server::{Act, Server};

const TOKEN: &str = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;
/// Set for the process that the test of the environment starts.
const WORKER: &str = "STYTCH_M2M_TEST_PROXY";

/// A host that only a proxy could reach, if it were one.
const ELSEWHERE: &str = "https://api.example.invalid";

fn through(proxy: Proxy) -> TransportConfig {
    TransportConfig { proxy, ..hurried() }
}

#[tokio::test]
async fn a_given_proxy_is_asked_with_its_credentials() {
    // It refuses to connect, as a proxy that was asked to would answer.
    let proxy = Server::always(Act::with(403, "", ""));
    let url = proxy.url().replace("http://", "http://user:proxy-password-canary@");
    let config = config(ELSEWHERE, through(Proxy::from_setting(&url)));
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
    let client = Client::new(config).unwrap();
    assert!(!format!("{client:?}").contains("canary"), "{client:?}");

    let error = client.token(token_request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    let asked = &proxy.seen()[0];
    assert!(asked.is("CONNECT", "api.example.invalid:443"), "{}", asked.head);
    let credentials = "proxy-authorization: basic dxnlcjpwcm94es1wyxnzd29yzc1jyw5hcnk=";
    assert!(asked.head.to_lowercase().contains(credentials), "{}", asked.head);
}

#[test]
fn a_proxy_that_is_none_is_found_before_any_request() {
    for url in ["", "proxy:3128", "ftp://proxy", "socks5://proxy", "http://"] {
        let error = Client::new(config(ELSEWHERE, through(Proxy::from_setting(url)))).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("proxy"), "{url}");
    }
}

#[test]
fn the_environments_proxy_is_used_unless_it_is_switched_off() {
    let proxy = Server::always(Act::json(200, TOKEN));
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "network::in_an_environment_with_a_proxy", "--ignored"])
        .env("http_proxy", proxy.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .env(WORKER, proxy.url())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(proxy.requests(), 1);
    assert!(proxy.seen()[0].is("POST http://127.0.0.1", "/oauth2/token"));
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn in_an_environment_with_a_proxy() {
    assert_eq!(std::env::var(WORKER), std::env::var("http_proxy"));
    let server = Server::always(Act::json(200, TOKEN));
    let direct = Client::new(config(server.url(), through(Proxy::Off))).unwrap();
    direct.token(token_request()).await.unwrap();
    assert_eq!(server.requests(), 1);

    let proxied = Client::new(config(server.url(), hurried())).unwrap();
    proxied.token(token_request()).await.unwrap();
    assert_eq!(server.requests(), 1, "the proxy answered, not the server");
}
