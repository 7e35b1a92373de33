//! The way out: proxies, from the environment, given, or none.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::thread;

use stytch_m2m::{Client, ErrorKind, Proxy, TransportConfig};

use crate::certificates::Authority;

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
    let config = config(ELSEWHERE, through(stytch_m2m::plain::proxy(&url)));
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
    for url in ["", "proxy:3128", "ftp://proxy", "socks9://proxy", "socks5://", "http://"] {
        let error =
            Client::new(config(ELSEWHERE, through(stytch_m2m::plain::proxy(url)))).unwrap_err();
        assert_eq!(error.details().field.as_deref(), Some("proxy"), "{url}");
    }
}

/// Runs one of the ignored tests in a process with these variables and no other proxy's.
fn in_a_process(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", &format!("network::{test}"), "--ignored"]);
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// It would see the secrets, and could not reach that address anyway.
#[test]
fn an_address_of_this_machine_is_never_asked_through_a_proxy() {
    let proxy = Server::always(Act::json(200, TOKEN));
    let names =
        ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let variables = names.map(|name| (name, proxy.url()));
    in_a_process("direct_to_this_machine", &[&variables[..], &[(WORKER, proxy.url())]].concat());
    assert_eq!(proxy.requests(), 0, "{:?}", proxy.seen());
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn direct_to_this_machine() {
    let given = std::env::var(WORKER).unwrap();
    let server = Server::always(Act::json(200, TOKEN));
    let by_name = server.url().replace("127.0.0.1", "localhost");
    for proxy in [Proxy::Environment, Proxy::Off, stytch_m2m::plain::proxy(&given)] {
        for url in [server.url(), &by_name] {
            let client = Client::new(config(url, through(proxy.clone()))).unwrap();
            client.token(token_request()).await.unwrap();
        }
    }
    assert_eq!(server.requests(), 6);
}

#[test]
fn the_environments_proxy_is_used_and_a_variable_that_is_empty_is_not_set() {
    let asked = |variables: &[(&'static str, &'static str)]| {
        let proxy = Server::always(Act::with(403, "", ""));
        let there = |value| if value == "proxy" { proxy.url() } else { value };
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (*name, there(*value))).collect();
        in_a_process("asks_elsewhere", &variables);
        proxy.requests() > 0
    };
    assert!(asked(&[("HTTPS_PROXY", "proxy")]));
    assert!(asked(&[("all_proxy", "proxy")]));
    assert!(asked(&[("HTTPS_PROXY", ""), ("https_proxy", "proxy")]));
    assert!(asked(&[("HTTPS_PROXY", ""), ("https_proxy", ""), ("ALL_PROXY", "proxy")]));
    assert!(asked(&[("HTTPS_PROXY", "proxy"), ("NO_PROXY", "")]));
    assert!(!asked(&[("HTTPS_PROXY", "proxy"), ("NO_PROXY", ""), ("no_proxy", "example.invalid")]));
    assert!(!asked(&[("HTTP_PROXY", "proxy")]), "which is for plain HTTP");
    assert!(!asked(&[("HTTPS_PROXY", "")]));
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn asks_elsewhere() {
    let client = Client::new(config(ELSEWHERE, hurried())).unwrap();
    client.token(token_request()).await.unwrap_err();
}

/// A SOCKS proxy (RFC 1928) that takes everybody to `target`, and tells whom they asked for.
fn socks(target: String) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (asked, asks) = mpsc::channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut greeting = [0; 2];
            stream.read_exact(&mut greeting).unwrap();
            stream.read_exact(&mut vec![0; greeting[1].into()]).unwrap();
            stream.write_all(&[5, 0]).unwrap();
            let mut request = [0; 5];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(request[3], 3, "a name, which the proxy looks up");
            let mut name = vec![0; usize::from(request[4]) + 2];
            stream.read_exact(&mut name).unwrap();
            name.truncate(request[4].into());
            asked.send(String::from_utf8(name).unwrap()).unwrap();
            stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
            let server = TcpStream::connect(&target).unwrap();
            let (mut to, mut from) = (server.try_clone().unwrap(), stream.try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut from, &mut to));
            thread::spawn(move || std::io::copy(&mut &server, &mut stream));
        }
    });
    (address, asks)
}

#[tokio::test]
async fn a_socks_proxy_works() {
    let authority = Authority::new();
    let leaf = authority.issue("api.example.invalid", |_| {});
    let server = Server::start_tls("localhost", leaf.serve(), |_| Act::json(200, TOKEN));
    let target = server.url().replace("https://localhost", "127.0.0.1");
    let (address, asks) = socks(target);
    let proxy = stytch_m2m::plain::proxy(&format!("socks5h://{address}"));
    let transport = TransportConfig { proxy, ..authority.trusted() };
    let client = Client::new(config(ELSEWHERE, transport)).unwrap();
    client.token(token_request()).await.unwrap();
    assert_eq!(asks.recv().unwrap(), "api.example.invalid");
    assert_eq!(server.requests(), 1);
}
