//! The organization-scoped M2M API.

use stytch_m2m::{CacheStats, OrganizationClient, Secret, Token};

use crate::error::Result;
use crate::records::settings::OrganizationSettings;
use crate::runtime::{Cancel, unless_cancelled};

/// [`OrganizationClient`].
#[derive(Debug, uniffi::Object)]
pub struct NativeOrganizationClient(OrganizationClient);

#[uniffi::export(async_runtime = "tokio")]
impl NativeOrganizationClient {
    /// A client for an organization.
    #[uniffi::constructor]
    pub fn new(settings: OrganizationSettings) -> Result<Self> {
        Ok(Self(OrganizationClient::new(settings.into())?))
    }

    /// Returns the organization's client id.
    pub async fn client_id(&self, cancel: Cancel) -> Result<String> {
        unless_cancelled(cancel, self.0.client_id()).await
    }

    /// Returns the client's secret.
    pub async fn client_secret(&self, cancel: Cancel) -> Result<Secret> {
        unless_cancelled(cancel, self.0.client_secret()).await
    }

    /// An access token, from the cache while it is fresh.
    pub async fn token(&self, force_refresh: bool, cancel: Cancel) -> Result<Token> {
        unless_cancelled(cancel, self.0.token(force_refresh)).await
    }

    /// The cached token; `None` when [`token`](Self::token) must be awaited.
    pub fn cached_token(&self) -> Option<Token> {
        self.0.cached_token()
    }

    /// Replaces the secret.
    pub async fn rotate(&self, cancel: Cancel) -> Result<Secret> {
        unless_cancelled(cancel, self.0.rotate()).await
    }

    /// Counters of the token cache.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}
