//! One client's access token, cached and refreshed ahead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::TokenEntry;
use super::fetcher::TokenFetcher;
use super::holders::Registration;
use super::store::TokenStore;
use super::store::shared::{SharedTokens, StoreSettings};
use super::{Grant, Token};
use crate::config::{Project, TransportConfig, https_url};
use crate::error::{Error, Result};
use crate::http::Transport;
use crate::secret::Secret;
use crate::stats::CacheStats;

/// Settings of a [`TokenSource`].
#[derive(Clone, Debug, Default)]
pub struct TokenSourceConfig {
    /// The project whose token endpoint is used. Set either this or `token_url`.
    pub project_id: Option<String>,
    /// The API's address. Default: Stytch's live or test host, chosen by the project id's prefix.
    pub base_url: Option<String>,
    /// Another server's token endpoint, in place of `project_id` and `base_url`.
    pub token_url: Option<String>,
    /// The M2M client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Secret,
    /// The scopes to request. Empty: all scopes of the client.
    pub scopes: Vec<String>,
    /// Additional parameters, such as `audience`.
    pub extra: BTreeMap<String, String>,
    /// URL of a Redis or Valkey server through which processes share access tokens; see
    /// [`ClientConfig::token_store_url`](crate::ClientConfig::token_store_url).
    pub token_store_url: Option<Secret>,
    /// Key that encrypts the tokens in the store; see
    /// [`ClientConfig::token_store_key`](crate::ClientConfig::token_store_key).
    pub token_store_key: Option<Secret>,
    /// Whether the store's password may be sent unencrypted; see
    /// [`ClientConfig::token_store_allow_unencrypted`](crate::ClientConfig::token_store_allow_unencrypted).
    pub token_store_allow_unencrypted: bool,
    /// A store of your own, in place of `token_store_url`.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// Timeouts, TLS and proxy.
    pub transport: TransportConfig,
}

impl TokenSourceConfig {
    /// Fills missing `project_id` and `base_url` from `STYTCH_PROJECT_ID` and `STYTCH_BASE_URL`,
    /// unless `token_url` is set.
    #[must_use]
    pub fn or_env(mut self) -> Self {
        if self.token_url.is_none() {
            let env = crate::ClientConfig::from_env();
            self.project_id = self.project_id.or(Some(env.project_id).filter(|id| !id.is_empty()));
            self.base_url = self.base_url.or(env.base_url);
        }
        self
    }
}

/// Access tokens for one M2M client, cached and refreshed ahead. It needs no project secret.
///
/// ```no_run
/// use stytch_m2m::{TokenSource, TokenSourceConfig};
///
/// # async fn run(secret_from_a_vault: String) -> stytch_m2m::Result<()> {
/// let source = TokenSource::new(
///     TokenSourceConfig {
///         client_id: "m2m-client-live-...".into(),
///         client_secret: secret_from_a_vault.into(),
///         scopes: vec!["read:users".into()],
///         ..Default::default()
///     }
///     .or_env(), // STYTCH_PROJECT_ID, STYTCH_BASE_URL
/// )?;
///
/// // For each request: the cached token, or a new one when it expires soon.
/// let header = source.authorization_header().await?;
/// assert!(header.expose().starts_with("Bearer "));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokenSource {
    entry: Arc<TokenEntry>,
    _registration: Arc<Registration>,
}

impl TokenSource {
    /// Makes a source for `config`'s client. No I/O.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: TokenSourceConfig) -> Result<Self> {
        let setting = match (&config.token_url, &config.base_url) {
            (Some(_), _) => Some("token_url"),
            (None, Some(_)) => Some("base_url"),
            (None, None) => None,
        };
        Self::named_by(config, setting)
    }

    /// Like [`new`](Self::new); `setting` is the one that messages name for the server.
    pub(crate) fn named_by(
        config: TokenSourceConfig,
        setting: Option<&'static str>,
    ) -> Result<Self> {
        let TokenSourceConfig {
            project_id,
            base_url,
            token_url,
            client_id,
            client_secret,
            scopes,
            extra,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store,
            transport,
        } = config;
        let url = match token_url {
            None => Project::new(project_id.as_deref(), base_url.as_deref())?.token_url,
            Some(_) if project_id.is_some() || base_url.is_some() => {
                return Err(Error::invalid_config(
                    "token_url",
                    "token_url replaces project_id and base_url: set either token_url or those",
                ));
            }
            Some(url) => https_url("token_url", &url)?,
        };
        let grant = Grant::new(url, client_id, client_secret, scopes, extra)?;
        let store = StoreSettings {
            store: token_store,
            url: token_store_url,
            key: token_store_key,
            allow_unencrypted: token_store_allow_unencrypted,
        };
        let shared = SharedTokens::from_settings(store, &transport)?;
        let transport = Transport::new(transport)?.named_by(setting);
        let fetcher = Arc::new(TokenFetcher::new(Arc::new(transport), shared));
        let entry = Arc::new(TokenEntry::new(grant, fetcher));
        let registration = Arc::new(Registration::new(&entry));
        Ok(Self { entry, _registration: registration })
    }

    /// Returns a fresh token: the cached one, or a new one, fetched with one request for all
    /// concurrent callers.
    pub async fn get_token(&self) -> Result<Token> {
        self.entry.token(false).await
    }

    /// The cached token, if [`get_token`](Self::get_token) would return one without waiting;
    /// otherwise `None`.
    #[must_use]
    pub fn cached_token(&self) -> Option<Token> {
        self.entry.cached()
    }

    /// Marks `access_token` as refused by a server: the next call of [`get_token`](Self::get_token)
    /// that would return it fetches a new one.
    pub fn invalidate(&self, access_token: &str) {
        self.entry.invalidate(&Secret::from(access_token));
    }

    /// Counters of the cache.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.entry.stats()
    }

    /// The value of an `Authorization` header, `Bearer ...`, with a fresh token.
    pub async fn authorization_header(&self) -> Result<Secret> {
        Ok(self.get_token().await?.authorization_header())
    }
}
