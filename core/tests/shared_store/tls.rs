//! A store over TLS: trusted by the same settings as every other server.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use stytch_m2m::{TokenSource, TokenSourceConfig, TransportConfig};
use tempfile::TempDir;

use crate::issuer::hurried;
use crate::redis_server::Redis;
use crate::server::Server;
use crate::sharing::{settings, token_server};

/// A Redis whose certificate is of an authority that nobody else knows, and that authority in PEM.
fn redis() -> Option<(Redis, String)> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &authority).unwrap();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("cert.pem"), leaf.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    Some((Redis::start_tls(folder)?, authority.pem()))
}

/// One token each for two processes; returns how many requests it took.
async fn requests(server: &Server, redis: &Redis, transport: TransportConfig) -> usize {
    for _ in 0..2 {
        let settings = settings(server, &redis.tls_url(), transport.clone());
        TokenSource::new(settings).unwrap().get_token().await.unwrap();
    }
    server.requests()
}

#[tokio::test]
async fn tokens_are_shared_over_tls_with_an_authority_of_ones_own() {
    let Some((redis, authority)) = redis() else { return };
    for bundled_roots in [false, cfg!(feature = "bundled-roots")] {
        let server = token_server();
        let extra_ca_pem = Some(authority.clone());
        let transport = TransportConfig { extra_ca_pem, bundled_roots, ..hurried() };
        assert_eq!(requests(&server, &redis, transport).await, 1);
        let _: String = redis.run(&[b"FLUSHALL"]);
    }
}

#[tokio::test]
async fn a_store_that_cannot_prove_who_it_is_gets_nothing() {
    let Some((redis, _)) = redis() else { return };
    let server = token_server();
    assert_eq!(requests(&server, &redis, hurried()).await, 2, "each fetches for itself");
    assert!(redis.names().is_empty());
}

#[test]
fn the_check_of_certificates_cannot_be_switched_off() {
    let unused = Server::start(|_| unreachable!("no I/O"));
    let settings = settings(&unused, "rediss://127.0.0.1:1/#insecure", hurried());
    let error = TokenSource::new(settings).unwrap_err();
    assert_eq!(error.details().field.as_deref(), Some("token_store_url"));
}

const STORE: &str = "STYTCH_M2M_TEST_TLS_STORE";
const SERVER: &str = "STYTCH_M2M_TEST_TLS_SERVER";
const AUTHORITY: &str = "STYTCH_M2M_TEST_TLS_AUTHORITY";

/// The application chooses, or nobody does.
#[test]
fn no_cryptographic_provider_is_installed_for_the_whole_process() {
    let Some((redis, authority)) = redis() else { return };
    let server = token_server();
    let mut worker = std::process::Command::new(std::env::current_exe().unwrap());
    worker.args(["--exact", "tls::in_a_process_of_its_own", "--ignored"]);
    worker.env(STORE, redis.tls_url()).env(SERVER, server.url()).env(AUTHORITY, authority);
    let output = worker.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(redis.names().len(), 1, "it was stored over TLS");
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn in_a_process_of_its_own() {
    let variable = |name| std::env::var(name).unwrap();
    let transport = TransportConfig { extra_ca_pem: Some(variable(AUTHORITY)), ..hurried() };
    let unused = Server::start(|_| unreachable!("another server is asked"));
    let source = TokenSource::new(TokenSourceConfig {
        base_url: Some(variable(SERVER)),
        ..settings(&unused, &variable(STORE), transport.clone())
    });
    source.unwrap().get_token().await.unwrap();
    // Over TLS of the transport, too: nobody there speaks it, but it was tried.
    let https = variable(SERVER).replace("http://", "https://");
    let config = crate::issuer::config(&https, transport);
    let client = stytch_m2m::Client::new(config).unwrap();
    client.token(crate::issuer::token_request()).await.unwrap_err();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
