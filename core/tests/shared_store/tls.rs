//! A store over TLS: trusted by the same settings as every other server.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use stytch_m2m::{TokenSource, TransportConfig};
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
