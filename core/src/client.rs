//! The facade over the services: management, tokens, verification.

use std::sync::Arc;

use crate::clients::Clients;
use crate::clients::api::Api;
use crate::clients::organization::OrganizationKey;
use crate::clients::secrets::Secrets;
use crate::config::{ClientConfig, Project};
use crate::error::Result;
use crate::http::Transport;
use crate::stats::ClientStats;
use crate::token::cache::TokenCache;
use crate::token::fetcher::TokenFetcher;
use crate::token::holders::Registration;
use crate::token::store::shared::{SharedTokens, StoreSettings};
use crate::token::target::Target;
use crate::token::{Grant, Token, TokenRequest, grant_key};
use crate::verify::{AuthenticateOptions, IssuerConfig, TokenClaims, TokenVerifier};

/// A project's M2M API. Cheap to clone; clones share caches and connections.
///
/// Construction does no I/O and needs no runtime.
///
/// ```no_run
/// use stytch_m2m::{AuthenticateOptions, Client, ClientConfig, CreateRequest, TokenRequest};
///
/// # async fn run() -> stytch_m2m::Result<()> {
/// let client = Client::new(ClientConfig::new("project-live-...", "secret-live-..."))?;
///
/// let request = CreateRequest { scopes: vec!["read:users".into()], ..Default::default() };
/// let created = client.clients().create(request).await?.m2m_client;
///
/// let token = client
///     .token(TokenRequest {
///         client_id: created.client.client_id,
///         client_secret: created.client_secret,
///         ..Default::default()
///     })
///     .await?;
///
/// let options = AuthenticateOptions::scopes(["read:users"]);
/// let claims = client.authenticate_token(token.access_token.expose(), &options).await?;
/// println!("{} may {:?}", claims.client_id, claims.scopes);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    api: Arc<Api>,
    tokens: Arc<TokenCache>,
    _registration: Registration,
    verifier: TokenVerifier,
}

impl Client {
    /// Makes a client for `config`'s project.
    ///
    /// # Errors
    /// `invalid_config`, naming the field, when a setting is missing or wrong.
    pub fn new(config: ClientConfig) -> Result<Self> {
        let ClientConfig {
            project_id,
            secret,
            base_url,
            vertical,
            organization_key,
            verified_token_cache_size,
            token_cache_capacity,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store,
            transport,
        } = config;
        let project = Project::new(Some(&project_id), base_url.as_deref())?;
        let issuer = IssuerConfig::of_project(&project, vertical);
        let transport = Arc::new(Transport::new(transport)?.named_by(base_url.map(|_| "base_url")));
        let size = verified_token_cache_size;
        let verifier =
            TokenVerifier::with_transport(vec![issuer], None, size, Arc::clone(&transport))?;
        let store = StoreSettings {
            store: token_store,
            url: token_store_url,
            key: token_store_key,
            allow_unencrypted: token_store_allow_unencrypted,
        };
        let shared = SharedTokens::from_settings(store, transport.config())?;
        let fetcher = TokenFetcher::new(Arc::clone(&transport), shared);
        let tokens = Arc::new(TokenCache::new(fetcher, token_cache_capacity)?);
        let api = Arc::new(Api::new(
            project,
            transport,
            secret,
            OrganizationKey::new(organization_key)?,
        )?);
        let registration = Registration::new(&tokens);
        let inner = Inner { api, tokens, _registration: registration, verifier };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Makes a client with the settings of [`ClientConfig::from_env`].
    pub fn from_env() -> Result<Self> {
        Self::new(ClientConfig::from_env())
    }

    /// Management of M2M clients.
    #[must_use]
    pub fn clients(&self) -> Clients {
        Clients::new(Arc::clone(&self.inner.api))
    }

    /// Rotation of M2M clients' secrets.
    #[must_use]
    pub fn secrets(&self) -> Secrets {
        Secrets::new(Arc::clone(&self.inner.api))
    }

    /// An access token by the client-credentials grant (RFC 6749, section 4.4): from the cache
    /// while it is fresh, and with one request for all concurrent callers.
    ///
    /// # Errors
    /// `authentication` for wrong credentials or a deactivated client, `invalid_request` for a
    /// scope that the client does not have.
    pub async fn token(&self, request: TokenRequest) -> Result<Token> {
        let TokenRequest {
            client_id,
            client_secret,
            scopes,
            resource,
            audience,
            extra,
            force_refresh,
        } = request;
        let url = self.inner.api.project.token_url.clone();
        let target = Target::new(resource, audience)?;
        let grant = Grant::new(url, client_id, client_secret, scopes, target, extra)?;
        self.inner.tokens.token(grant, force_refresh).await
    }

    /// The cached token, if [`token`](Self::token) would return one without waiting; otherwise
    /// `None`.
    #[must_use]
    pub fn cached_token(&self, request: &TokenRequest) -> Option<Token> {
        let TokenRequest {
            client_id,
            client_secret,
            scopes,
            resource,
            audience,
            extra,
            force_refresh,
        } = request;
        if *force_refresh {
            return None;
        }
        let url = &self.inner.api.project.token_url;
        let scopes = scopes.iter().map(String::as_str).collect();
        let resource = resource.iter().map(String::as_str).collect();
        let (url, audience) = (url.as_str(), audience.as_deref());
        let key = grant_key(url, client_id, client_secret, scopes, resource, audience, extra);
        self.inner.tokens.cached(&key)
    }

    /// Marks `access_token` as refused by a server: the next call of [`token`](Self::token) that
    /// would return it fetches a new one.
    pub fn invalidate_token(&self, access_token: &str) {
        self.inner.tokens.invalidate(access_token);
    }

    /// Verifies an access token of this project: signature, issuer, audience, times and scopes.
    /// Local, except for the first call, which fetches the key set.
    ///
    /// # Errors
    /// `invalid_token` with a reason, `insufficient_scope`, or `keys_unavailable`.
    pub async fn authenticate_token(
        &self,
        access_token: &str,
        options: &AuthenticateOptions,
    ) -> Result<Arc<TokenClaims>> {
        self.inner.verifier.authenticate_token(access_token, options).await
    }

    /// The verifier behind [`authenticate_token`](Self::authenticate_token).
    #[must_use]
    pub fn verifier(&self) -> &TokenVerifier {
        &self.inner.verifier
    }

    /// Counters of the caches.
    #[must_use]
    pub fn stats(&self) -> ClientStats {
        ClientStats { tokens: self.inner.tokens.stats(), keys: self.inner.verifier.stats() }
    }

    #[cfg(feature = "internals")]
    pub(crate) fn api(&self) -> &Api {
        &self.inner.api
    }

    /// The project's id.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.inner.api.project.id
    }
}
