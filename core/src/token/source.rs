//! One client's credential, with a token that is cached and refreshed ahead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::TokenEntry;
use super::fetcher::TokenFetcher;
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
    /// The project whose token endpoint is asked. This or `token_url`.
    pub project_id: Option<String>,
    /// Where the API is. Default: Stytch's live or test host, by the project id's prefix.
    pub base_url: Option<String>,
    /// Another server's token endpoint, in place of `project_id` and `base_url`.
    pub token_url: Option<String>,
    /// The M2M client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The scopes to ask for. Empty: all that the client has.
    pub scopes: Vec<String>,
    /// Further parameters, such as `audience`.
    pub extra: BTreeMap<String, String>,
    /// A Redis or Valkey to share tokens through; see
    /// [`ClientConfig::token_store_url`](crate::ClientConfig::token_store_url).
    pub token_store_url: Option<Secret>,
    /// What seals them; see
    /// [`ClientConfig::token_store_key`](crate::ClientConfig::token_store_key).
    pub token_store_key: Option<Secret>,
    /// Whether its password may be sent unencrypted; see
    /// [`ClientConfig::token_store_allow_unencrypted`](crate::ClientConfig::token_store_allow_unencrypted).
    pub token_store_allow_unencrypted: bool,
    /// Another store, in place of `token_store_url`.
    pub token_store: Option<Arc<dyn TokenStore>>,
    /// How requests are sent.
    pub transport: TransportConfig,
}

impl TokenSourceConfig {
    /// Fills `project_id` and `base_url` from `STYTCH_PROJECT_ID` and `STYTCH_BASE_URL`, unless
    /// `token_url` is set.
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

/// Access tokens for one M2M client, cached and refreshed ahead. Needs no project secret.
#[derive(Clone, Debug)]
pub struct TokenSource {
    entry: Arc<TokenEntry>,
}

impl TokenSource {
    /// A source for `config`'s client. No I/O.
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

    /// The same, for messages that say which setting names the server.
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
                    "token_url takes the place of project_id and base_url: give one or the other",
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
        Ok(Self { entry: Arc::new(TokenEntry::new(grant, fetcher)) })
    }

    /// A fresh token: from the cache, or from the server with one request however many ask.
    pub async fn get_token(&self) -> Result<Token> {
        self.entry.token(false).await
    }

    /// The cached token while it is fresh, without waiting; `None` when
    /// [`get_token`](Self::get_token) must be awaited.
    pub fn cached_token(&self) -> Option<Token> {
        self.entry.cached()
    }

    /// Says that a server refused `access_token`: unless a newer one is there already, the next
    /// [`get_token`](Self::get_token) fetches.
    pub fn invalidate(&self, access_token: &str) {
        self.entry.invalidate(&Secret::from(access_token));
    }

    /// What the cache did so far.
    pub fn stats(&self) -> CacheStats {
        self.entry.stats()
    }

    /// The value of an `Authorization` header, `Bearer ...`, with a fresh token.
    pub async fn authorization_header(&self) -> Result<Secret> {
        Ok(self.get_token().await?.authorization_header())
    }
}
