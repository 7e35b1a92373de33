//! TLS connections to a store, which trust the same certificate authorities as the transport.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, IntoConnectionInfo as _, RedisResult,
    TlsCertificates,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::TransportConfig;
use crate::runtime::Spawner;
use crate::secret::Secret;

/// The transport's TLS settings.
#[derive(Clone)]
pub(super) struct StoreTls {
    bundled_roots: bool,
    extra_ca_pem: Option<String>,
    spawner: Spawner,
}

impl StoreTls {
    pub(super) fn of(transport: &TransportConfig) -> Self {
        let TransportConfig { bundled_roots, extra_ca_pem, spawner, .. } = transport;
        let (extra_ca_pem, spawner) = (extra_ca_pem.clone(), spawner.clone());
        Self { bundled_roots: *bundled_roots, extra_ca_pem, spawner }
    }

    /// Connects to the store at `url`. TLS is set up here: the Redis client would install a
    /// cryptographic provider for the whole process, which only the application should choose.
    pub(super) async fn connect(
        &self,
        url: &Secret,
        config: AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        let info = url.expose().into_connection_info()?;
        let ConnectionAddr::TcpTls { host, port, .. } = info.addr() else {
            let client = Client::open(info)?;
            return client.get_multiplexed_async_connection_with_config(&config).await;
        };
        let name = ServerName::try_from(host.clone()).map_err(std::io::Error::other)?;
        let tls = TlsConnector::from(Arc::new(self.tls().map_err(std::io::Error::other)?));
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(true)?;
        let stream = tls.connect(name, stream).await?;
        let settings = info.redis_settings();
        let (connection, driver) =
            MultiplexedConnection::new_with_config(settings, stream, config).await?;
        self.spawner.spawn(Box::pin(driver)).map_err(std::io::Error::other)?;
        Ok(connection)
    }

    /// A client of the cluster with a node at `url`. It sets up TLS itself, and so installs a
    /// cryptographic provider for the process if there is none.
    pub(super) fn cluster(&self, url: &Secret) -> RedisResult<ClusterClient> {
        let builder = ClusterClient::builder([url.expose()]).retries(1);
        if !matches!(url.expose().split_once("://"), Some(("rediss" | "valkeys", _))) {
            return builder.build();
        }
        if CryptoProvider::get_default().is_none() {
            // Another thread may have just installed one.
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let root_cert = Some(self.authorities().flat_map(|root| pem(&root)).collect());
        builder.certs(TlsCertificates { client_tls: None, root_cert }).build()
    }

    fn authorities(&self) -> impl Iterator<Item = CertificateDer<'static>> {
        let (bundled, platform) = match self.bundled_roots {
            true => (Some(bundled()), Vec::new()),
            false => (None, rustls_native_certs::load_native_certs().certs),
        };
        let extra = self.extra_ca_pem.as_deref().unwrap_or_default();
        let extra: Vec<_> = CertificateDer::pem_slice_iter(extra.as_bytes()).flatten().collect();
        bundled.into_iter().flatten().chain(platform).chain(extra)
    }

    fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        // Unreadable certificates of the platform are skipped, as in the transport.
        roots.add_parsable_certificates(self.authorities());
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
        let config = ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(feature = "bundled-roots")]
fn bundled() -> impl Iterator<Item = CertificateDer<'static>> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned()
}

/// Settings that require bundled roots are refused without the feature.
#[cfg(not(feature = "bundled-roots"))]
fn bundled() -> impl Iterator<Item = CertificateDer<'static>> {
    std::iter::empty()
}

/// Encodes a certificate as PEM.
fn pem(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let base64 = STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n").into_bytes()
}
