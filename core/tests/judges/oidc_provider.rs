//! `oidc-provider`, with every client authentication method.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, ClientAuth, IssuerConfig, TokenSource, TokenSourceConfig,
    TokenVerifier, TokenVerifierConfig, TransportConfig,
};

use crate::keys::key;
use crate::{SECRET, folder, node, of};

pub(crate) const API: &str = "https://api.example.com/orders";

/// A provider, which stops with this value.
pub(crate) struct Provider {
    process: Child,
    pub(crate) issuer: String,
}

impl Provider {
    pub(crate) fn start(clients: &Value, tls: Option<&Value>) -> Option<Self> {
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

pub(crate) fn registered(client_id: &str, method: &str, more: Value) -> Value {
    let mut client = json!({
        "client_id": client_id, "token_endpoint_auth_method": method, "scope": "read write",
        "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
    });
    for (name, value) in more.as_object().unwrap() {
        client[name] = value.clone();
    }
    client
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
