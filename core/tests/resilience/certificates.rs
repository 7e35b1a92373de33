//! Whom a client trusts over TLS, and how it shows who it is.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use stytch_m2m::internals::Spelling;
use stytch_m2m::{
    Client, ClientAuth, ErrorKind, Secret, SecretSource, TokenSource, TokenSourceConfig,
    TransportConfig,
};

use crate::faults::{Expected, in_every_call};
use crate::issuer::{config, hurried, token_request};
use crate::server::{Act, Server, raw};

const TOKEN: &str = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;

/// An authority that only these tests know.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

pub(crate) struct Leaf {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for `name`, changed by `change`.
    pub(crate) fn issue(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Leaf { chain: vec![certificate.der().clone()], pem: certificate.pem(), key }
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// Settings that trust it.
    pub(crate) fn trusted(&self) -> TransportConfig {
        TransportConfig { extra_ca_pem: Some(self.pem()), ..hurried() }
    }
}

impl Leaf {
    fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.key.serialize_der()).into()
    }

    /// Chain and key in one PEM text.
    fn identity(&self) -> Secret {
        format!("{}{}", self.pem, self.key.serialize_pem()).into()
    }

    pub(crate) fn serve(&self) -> ServerConfig {
        let config = ServerConfig::builder().with_no_client_auth();
        config.with_single_cert(self.chain.clone(), self.key()).unwrap()
    }
}

fn ready(host: &str, tls: ServerConfig) -> Server {
    Server::start_tls(host, tls, |_| Act::json(200, TOKEN))
}

/// No request gets through, and what went wrong is told.
async fn refused(server: &Server, transport: TransportConfig, cause: &str) {
    let client = Client::new(config(server.url(), transport)).unwrap();
    let error = client.token(token_request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert!(error.to_string().contains(cause), "{error}");
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn an_authority_given_in_pem_is_trusted() {
    let authority = Authority::new();
    let server = ready("localhost", authority.issue("localhost", |_| {}).serve());
    let client = Client::new(config(server.url(), authority.trusted())).unwrap();
    client.token(token_request()).await.unwrap();

    refused(&server_again(&authority), hurried(), "certificate").await;
}

fn server_again(authority: &Authority) -> Server {
    ready("localhost", authority.issue("localhost", |_| {}).serve())
}

#[tokio::test]
async fn an_expired_certificate_is_refused_in_every_call() {
    let authority = Authority::new();
    let expired = authority.issue("localhost", |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let server = ready("localhost", expired.serve());
    refused(&server, authority.trusted(), "certificate expired").await;
    let network = ErrorKind::Network;
    let expected = Expected { kind: network, create: network, attempts: 0, status_code: None };
    let settings = config(server.url(), authority.trusted());
    in_every_call(settings, || server.requests(), expected).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    let other = authority.issue("other.example.com", |_| {});
    refused(&ready("localhost", other.serve()), authority.trusted(), "certificate").await;
    // A host's name does not stand for its address.
    let name = authority.issue("localhost", |_| {});
    refused(&ready("127.0.0.1", name.serve()), authority.trusted(), "certificate").await;
}

#[tokio::test]
async fn tls_1_1_is_refused() {
    // A ServerHello that picks TLS 1.1 and TLS_RSA_WITH_AES_128_CBC_SHA (RFC 4346, section 7.4.1.3).
    const HELLO: &[u8] = &[
        0x16, 0x03, 0x02, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x02, 1, 2, 3, 4, 5, 6, 7, 8,
        9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
        32, 0x00, 0x00, 0x2f, 0x00,
    ];
    let network = ErrorKind::Network;
    let expected = Expected { kind: network, create: network, attempts: 0, status_code: None };
    in_every_call(config(&raw("https", HELLO), hurried()), || 0, expected).await;
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken() {
    let authority = Authority::new();
    let leaf = authority.issue("localhost", |_| {});
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let tls = ServerConfig::builder_with_protocol_versions(&[version]).with_no_client_auth();
        let tls = tls.with_single_cert(leaf.chain.clone(), leaf.key()).unwrap();
        let server = ready("localhost", tls);
        let client = Client::new(config(server.url(), authority.trusted())).unwrap();
        client.token(token_request()).await.unwrap();
    }
}

#[cfg(feature = "bundled-roots")]
#[tokio::test]
async fn bundled_roots_replace_the_platforms_and_go_with_an_authority_of_ones_own() {
    let authority = Authority::new();
    let server = server_again(&authority);
    let bundled = TransportConfig { bundled_roots: true, ..hurried() };
    refused(&server, bundled, "certificate").await;
    let both = TransportConfig { bundled_roots: true, ..authority.trusted() };
    Client::new(config(server.url(), both)).unwrap().token(token_request()).await.unwrap();
}

#[tokio::test]
async fn a_client_certificate_is_shown_to_who_asks() {
    let authority = Authority::new();
    let leaf = authority.issue("localhost", |_| {});
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let tls = ServerConfig::builder().with_client_cert_verifier(verifier);
    let tls = tls.with_single_cert(leaf.chain.clone(), leaf.key()).unwrap();
    let server = ready("localhost", tls);

    let anonymous = Client::new(config(server.url(), authority.trusted())).unwrap();
    anonymous.token(token_request()).await.unwrap_err();
    assert_eq!(server.requests(), 0);

    let identity = authority.issue("caller", |_| {}).identity();
    let known =
        TransportConfig { client_certificate_pem: Some(identity.into()), ..authority.trusted() };
    let known = config(server.url(), known);
    assert!(!format!("{known:?}").contains("PRIVATE KEY"), "{known:?}");
    Client::new(known).unwrap().token(token_request()).await.unwrap();
}

/// RFC 8705: the certificate is the credential, and may be replaced while the process runs.
#[tokio::test]
async fn tls_client_auth_sends_only_the_id_and_follows_the_certificates_file() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let leaf = authority.issue("localhost", |_| {});
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
    let tls = ServerConfig::builder().with_client_cert_verifier(verifier);
    let tls = tls.with_single_cert(leaf.chain.clone(), leaf.key()).unwrap();
    let server = ready("localhost", tls);

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("client.pem");
    let write = |authority: &Authority| {
        let identity = authority.issue("caller", |_| {}).identity();
        std::fs::write(&path, identity.expose()).unwrap();
    };
    write(&authority);
    let source = || {
        TokenSource::new(TokenSourceConfig {
            token_url: Some(format!("{}/token", server.url())),
            client_id: "the-client".into(),
            client_auth: Some(ClientAuth::TlsClientAuth),
            transport: TransportConfig {
                client_certificate_pem: Some(SecretSource::file(&path)),
                ..authority.trusted()
            },
            ..Default::default()
        })
        .unwrap()
    };
    let one = source();
    let token = one.get_token().await.unwrap();
    assert_eq!(server.seen()[0].body, "grant_type=client_credentials&client_id=the-client");
    // The same connections, another certificate: first a wrong one, then a new one.
    write(&stranger);
    one.invalidate(token.access_token.expose());
    let error = one.get_token().await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Network, 1));
    write(&authority);
    eventually_ok(&one).await;
    assert_eq!(server.requests(), 2);
}

/// Failures are remembered for fractions of a second.
async fn eventually_ok(source: &TokenSource) {
    let fetched = async {
        while source.get_token().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), fetched).await.unwrap();
}

#[test]
fn unusable_certificates_and_keys_are_found_before_any_request() {
    let field = |transport| {
        let error = Client::new(config("https://api.example.com", transport)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        error.details().field.clone().unwrap()
    };
    let not_base64 = "-----BEGIN CERTIFICATE-----\ncanary!\n-----END CERTIFICATE-----\n";
    let not_x509 = "-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n";
    for pem in ["", "canary", not_base64, not_x509] {
        let transport = TransportConfig { extra_ca_pem: Some(pem.into()), ..hurried() };
        assert_eq!(field(transport), "extra_ca_pem", "{pem}");
    }
    let (one, other) = (Authority::new().issue("a", |_| {}), Authority::new().issue("b", |_| {}));
    let swapped = format!("{}{}", one.pem, other.key.serialize_pem());
    for pem in ["", "canary", not_x509, &one.pem, &one.key.serialize_pem(), &swapped] {
        let transport = TransportConfig { client_certificate_pem: Some(pem.into()), ..hurried() };
        assert_eq!(field(transport), "client_certificate_pem");
    }
}

/// A certificate that nobody but its own key signed.
fn self_signed(is_ca: IsCa) -> Leaf {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    Leaf { chain: vec![certificate.der().clone()], pem: certificate.pem(), key }
}

#[tokio::test]
async fn a_servers_certificate_given_as_an_authority_works_or_the_message_says_what_is_wrong() {
    let trusting = |pem: &str| TransportConfig { extra_ca_pem: Some(pem.into()), ..hurried() };
    let lone = self_signed(IsCa::NoCa);
    let server = ready("localhost", lone.serve());
    let client = Client::new(config(server.url(), trusting(&lone.pem))).unwrap();
    client.token(token_request()).await.unwrap();

    let wrong =
        "extra_ca_pem must contain the certificate of the authority that signed the server's";
    // With the authority's own name, and with another.
    for name in [None, Some("a server")] {
        let issued = Authority::new().issue("localhost", |params| {
            if let Some(name) = name {
                params.distinguished_name.push(DnType::CommonName, name);
            }
        });
        refused(&ready("localhost", issued.serve()), trusting(&issued.pem), wrong).await;
    }

    let authority = self_signed(IsCa::Ca(BasicConstraints::Unconstrained));
    let wrong = "uses the certificate of an authority as its own";
    refused(&ready("localhost", authority.serve()), trusting(&authority.pem), wrong).await;
}

#[tokio::test]
async fn https_to_a_port_of_plain_http_is_named() {
    let url = raw("https", b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    let error = Client::new(config(&url, hurried())).unwrap().token(token_request()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("does not speak TLS") && error.contains("base_url"), "{error}");
}

#[test]
fn plain_http_to_another_machine_is_refused_with_what_to_do() {
    for url in ["http://emulator:4010", "http://192.168.1.2:4010", "http://stytch.localhost"] {
        let error = Client::new(config(url, hurried())).unwrap_err();
        let told = error.to_string();
        assert!(told.contains("plain http") && told.contains("forward its port"), "{told}");
        assert_eq!(error.details().field.as_deref(), Some("base_url"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_certificates_is_told_what_to_set() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "certificates::without_certificates", "--ignored"]);
    command.env("SSL_CERT_FILE", "/nowhere/ca.pem").env("SSL_CERT_DIR", "/nowhere");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
#[ignore = "the test above runs it in a process of its own"]
async fn without_certificates() {
    let authority = Authority::new();
    let server = server_again(&authority);
    for (spelling, ways) in [
        (Spelling::Snake, ["SSL_CERT_FILE", "bundled_roots", "extra_ca_pem"]),
        (Spelling::Camel, ["SSL_CERT_FILE", "bundledRoots", "extraCaPem"]),
        (Spelling::Options, ["SSL_CERT_FILE", "--ca-file", "CA certificates"]),
    ] {
        let transport = TransportConfig { spelling, ..hurried() };
        let client = Client::new(config(server.url(), transport)).unwrap();
        let error = client.token(token_request()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        let told = error.to_string();
        for way in ways {
            let known = cfg!(feature = "bundled-roots") || !way.starts_with("bundled");
            assert_eq!(told.contains(way), known, "{told}");
        }
        assert!(spelling != Spelling::Options || !told.contains("bundled"), "{told}");
    }
    let client = Client::new(config(server.url(), authority.trusted())).unwrap();
    client.token(token_request()).await.unwrap();
}
