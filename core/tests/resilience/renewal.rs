//! Connections are renewed, and kept where that fails.

use std::process::Command;
use std::time::Duration;

use stytch_m2m::{Client, TokenRequest};

use crate::issuer::{at_noon, config, token_request};
use crate::tokens::token_server;

/// Set for the process that the test starts.
const WORKER: &str = "STYTCH_M2M_TEST_RENEWAL";

#[test]
fn a_renewal_that_fails_keeps_the_working_connections() {
    let folder = tempfile::tempdir().unwrap();
    let authorities = folder.path().join("authorities.pem");
    let authority = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap();
    std::fs::write(&authorities, authority.cert.pem()).unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "renewal::without_the_file_of_the_authorities", "--ignored"])
        .env("SSL_CERT_FILE", &authorities)
        .env_remove("SSL_CERT_DIR")
        .env(WORKER, &authorities)
        .status()
        .unwrap();
    assert!(status.success());
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn without_the_file_of_the_authorities() {
    let authorities = std::env::var(WORKER).unwrap();
    let server = token_server(3600);
    let (clock, transport) = at_noon();
    let client = Client::new(config(server.url(), transport.clone())).unwrap();
    let insist = || TokenRequest { force_refresh: true, ..token_request() };
    client.token(insist()).await.unwrap();
    std::fs::remove_file(&authorities).unwrap();
    let other = Client::new(config(server.url(), transport)).unwrap();
    other.token(insist()).await.unwrap_err();
    for _ in 0..3 {
        clock.advance(Duration::from_secs(301));
        client.token(insist()).await.unwrap();
    }
    assert_eq!(server.requests(), 4);
}
