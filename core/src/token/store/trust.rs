//! Whom the connection to a store trusts: the same authorities as the transport.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redis::cluster::ClusterClient;
use redis::{Client, IntoConnectionInfo, RedisResult, TlsCertificates};

use crate::config::TransportConfig;
use crate::secret::Secret;

/// What the transport's settings say beyond the platform's roots.
#[derive(Clone)]
pub(super) struct Trust {
    bundled_roots: bool,
    extra_ca_pem: Option<String>,
}

impl Trust {
    pub(super) fn of(transport: &TransportConfig) -> Self {
        let TransportConfig { bundled_roots, extra_ca_pem, .. } = transport;
        Self { bundled_roots: *bundled_roots, extra_ca_pem: extra_ca_pem.clone() }
    }

    /// A client of the store at `url`.
    pub(super) fn client(&self, url: &Secret) -> RedisResult<Client> {
        match self.certificates(url) {
            Some(certificates) => {
                Client::build_with_tls(url.expose().into_connection_info()?, certificates)
            }
            None => Client::open(url.expose()),
        }
    }

    /// A client of the cluster that has a node at `url`.
    pub(super) fn cluster(&self, url: &Secret) -> RedisResult<ClusterClient> {
        let builder = ClusterClient::builder([url.expose()]).retries(1);
        match self.certificates(url) {
            Some(certificates) => builder.certs(certificates).build(),
            None => builder.build(),
        }
    }

    /// The authorities, where they are others than the client finds on its own.
    fn certificates(&self, url: &Secret) -> Option<TlsCertificates> {
        if !is_tls(url) {
            return None;
        }
        choose_cryptography();
        let roots = match self.bundled_roots {
            true => bundled(),
            false if self.extra_ca_pem.is_none() => return None,
            false => pem(rustls_native_certs::load_native_certs().certs.iter()),
        };
        let roots = format!("{roots}{}", self.extra_ca_pem.as_deref().unwrap_or_default());
        Some(TlsCertificates { client_tls: None, root_cert: Some(roots.into()) })
    }
}

fn is_tls(url: &Secret) -> bool {
    matches!(url.expose().split_once("://"), Some(("rediss" | "valkeys", _)))
}

#[cfg(feature = "bundled-roots")]
fn bundled() -> String {
    pem(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter())
}

/// Settings that ask for them are refused without the feature.
#[cfg(not(feature = "bundled-roots"))]
fn bundled() -> String {
    String::new()
}

fn pem<'a>(certificates: impl Iterator<Item = impl AsRef<[u8]> + 'a>) -> String {
    let block = |certificate| {
        let base64 = STANDARD.encode(certificate);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    };
    certificates.map(block).collect()
}

/// TLS needs a process-wide choice, which is the application's; without one, ours stands in.
fn choose_cryptography() {
    use rustls::crypto::{CryptoProvider, aws_lc_rs};
    if CryptoProvider::get_default().is_none() {
        // Another thread may have chosen just now.
        let _ = aws_lc_rs::default_provider().install_default();
    }
}
