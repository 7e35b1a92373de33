//! The client certificate of the connections, which may change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::connector;
use crate::backoff::RefreshThrottle;
use crate::clock::Instants;
use crate::config::TransportConfig;
use crate::credential::live::LiveSecret;
use crate::error::Result;
use crate::secret::Secret;

/// Minimum seconds between two reads after connections have failed.
const READ_INTERVAL: f64 = 10.0;

/// A client certificate and its private key.
pub(super) struct ClientCertificate {
    pub(super) pem: Arc<LiveSecret>,
    /// A connection has failed, perhaps because the server refused the certificate.
    is_suspect: AtomicBool,
    reads: RefreshThrottle,
}

impl ClientCertificate {
    /// The certificate of the settings, if there is one.
    pub(super) fn new(config: &TransportConfig) -> Result<Option<Self>> {
        let Some(source) = config.client_certificate_pem.clone() else { return Ok(None) };
        let check = connector::check_identity;
        let pem = LiveSecret::new("client_certificate_pem", source, check, config)?;
        let (is_suspect, reads) = (AtomicBool::new(false), RefreshThrottle::default());
        Ok(Some(Self { pem: Arc::new(pem), is_suspect, reads }))
    }

    pub(super) async fn current(&self, now: Instants) -> Result<Secret> {
        let is_suspect = self.is_suspect.load(Ordering::Relaxed);
        if is_suspect && !self.pem.is_fixed() && self.reads.claim(now, READ_INTERVAL) {
            self.is_suspect.store(false, Ordering::Relaxed);
            if let Ok(pem) = self.pem.read().await {
                return Ok(pem);
            }
        }
        self.pem.get().await
    }

    /// Reads the certificate again before the next request.
    pub(super) fn suspect(&self) {
        self.is_suspect.store(true, Ordering::Relaxed);
    }
}
