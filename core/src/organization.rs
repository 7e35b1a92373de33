//! The organization-scoped M2M API that a SaaS offers its customers: one M2M client per
//! organization. Its secret can be read, and a rotation replaces it at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use crate::backoff::RefreshThrottle;
use crate::clients::outcome::outcome_unknown;
use crate::config::{TransportConfig, base_url_of, join, secret_of};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{Body, HeaderValue, MANAGEMENT_LIMIT, Method, Repeat, Request, Transport};
use crate::secret::Secret;
use crate::single_flight::{NoResult, SingleFlight};
use crate::stats::CacheStats;
use crate::token::entry::TokenEntry;
use crate::token::fetcher::TokenFetcher;
use crate::token::target::Target;
use crate::token::{Grant, RequestFormat, Token};

/// Minimum seconds between two reads of the secret after the token endpoint refused the current
/// one.
const RELOAD_INTERVAL: f64 = 10.0;

/// Settings of an [`OrganizationClient`].
#[derive(Clone, Debug, Default)]
pub struct OrganizationConfig {
    /// The API's host, such as `https://api.example.com`.
    pub base_url: String,
    /// The whole value of the `Authorization` header, such as `Bearer ...`.
    pub authorization: Secret,
    /// Timeouts, TLS and proxy.
    pub transport: TransportConfig,
}

/// Client of the organization-scoped M2M API that a SaaS offers its customers on its own host:
/// `/m2m/client-id`, `/m2m/client-secret`, `/m2m/token` and `/m2m/rotate`. To call Stytch itself,
/// use [`Client`](crate::Client).
///
/// Cheap to clone; clones share the credential and the cached token.
///
/// Construction does no I/O and needs no runtime.
///
/// ```no_run
/// use stytch_m2m::{OrganizationClient, OrganizationConfig};
///
/// # async fn run(session: &str) -> stytch_m2m::Result<()> {
/// let organization = OrganizationClient::new(OrganizationConfig {
///     base_url: "https://api.example.com".into(),
///     authorization: format!("Bearer {session}").into(),
///     ..Default::default()
/// })?;
/// let token = organization.token(false).await?;
/// let header = token.authorization_header();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OrganizationClient {
    inner: Arc<Inner>,
}

struct Inner {
    base_url: Url,
    authorization: HeaderValue,
    fetcher: Arc<TokenFetcher>,
    /// The current credential with its token, and the single flight that reads it.
    credential: SingleFlight<Option<Arc<Credential>>, Arc<Credential>>,
    reload_throttle: RefreshThrottle,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

struct Credential {
    client_id: String,
    client_secret: Secret,
    entry: Arc<TokenEntry>,
}

#[derive(Deserialize)]
struct ClientId {
    client_id: String,
}

#[derive(Deserialize)]
struct ClientSecret {
    client_secret: Secret,
}

impl OrganizationClient {
    /// Makes a client for `config`'s API. No I/O.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: OrganizationConfig) -> Result<Self> {
        let OrganizationConfig { base_url, authorization, transport } = config;
        let base_url = base_url_of("base_url", &base_url)?;
        let value = secret_of("authorization", Some(&authorization))?.expose();
        let mut authorization = HeaderValue::from_str(value).map_err(|_| {
            Error::invalid_config("authorization", "authorization cannot be sent in a header")
        })?;
        authorization.set_sensitive(true);
        let (spawner, clock) = (transport.spawner.clone(), transport.clock.clone());
        // Two requests, each with a deadline of its own.
        let total = transport.total_timeout;
        let abandon_after = total.saturating_mul(2).saturating_add(Duration::from_secs(5));
        let transport = Transport::new(transport)?.named_by(Some("base_url"));
        let fetcher = Arc::new(TokenFetcher::new(Arc::new(transport), None));
        let credential = SingleFlight::new(spawner, clock, abandon_after);
        let reload_throttle = RefreshThrottle::default();
        let inner = Inner { base_url, authorization, fetcher, credential, reload_throttle };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the organization's client id.
    pub async fn client_id(&self) -> Result<String> {
        self.inner.client_id().await
    }

    /// Returns the client's secret.
    pub async fn client_secret(&self) -> Result<Secret> {
        self.inner.client_secret().await
    }

    /// Returns an access token from the cache, or a new one; `force_refresh` always fetches a new
    /// one. The credential is read once, and again when the server refuses it, as after a rotation
    /// elsewhere.
    ///
    /// # Errors
    /// `authentication` when the server refuses `authorization` or the credential.
    pub async fn token(&self, force_refresh: bool) -> Result<Token> {
        let credential = self.inner.credential(None).await?;
        match credential.entry.token(force_refresh).await {
            Err(error) if error.kind() == ErrorKind::Authentication => {
                let newer = self.inner.credential(Some(&credential)).await?;
                match Arc::ptr_eq(&newer, &credential) {
                    true => Err(error),
                    false => newer.entry.token(force_refresh).await,
                }
            }
            outcome => outcome,
        }
    }

    /// The cached token, if [`token`](Self::token) would return one without waiting; otherwise
    /// `None`.
    #[must_use]
    pub fn cached_token(&self) -> Option<Token> {
        self.inner.current()?.entry.cached()
    }

    /// Replaces the secret and returns the new one. The old secret stops working at once: give the
    /// new one to every other user of it. This client uses the new secret and drops its cached
    /// token.
    ///
    /// # Errors
    /// `outcome_unknown` when the response was lost: read the secret and compare.
    pub async fn rotate(&self) -> Result<Secret> {
        // Read before the rotation, so that nothing can fail between the rotation and its effect
        // here.
        let client_id = match self.inner.current() {
            Some(credential) => credential.client_id.clone(),
            None => self.inner.client_id().await?,
        };
        let rotated = self.inner.call(Method::POST, "rotate").await;
        let rotated: Result<ClientSecret> = rotated.map_err(|e| {
            outcome_unknown(
                e,
                "the secret may have been replaced: read it with client_secret and compare",
            )
        });
        let credential = match &rotated {
            Ok(ClientSecret { client_secret }) => {
                Some(self.inner.credential_of(client_id, client_secret.clone())?)
            }
            Err(e) if e.kind() == ErrorKind::OutcomeUnknown => None,
            Err(e) => return Err(e.clone()),
        };
        self.inner.credential.with_state(|current, _| *current = credential);
        Ok(rotated?.client_secret)
    }

    /// Counters of the token cache.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        self.inner.fetcher.counters.snapshot()
    }
}

impl Inner {
    fn current(&self) -> Option<Arc<Credential>> {
        self.credential.with_state(|current, _| current.clone())
    }

    /// The current credential, or else the server's. A `refused` credential is read again, at most
    /// once in [`RELOAD_INTERVAL`].
    async fn credential(
        self: &Arc<Self>,
        refused: Option<&Arc<Credential>>,
    ) -> Result<Arc<Credential>> {
        let now = self.fetcher.transport.config().clock.now();
        let decide = |current: &mut Option<Arc<Credential>>| match (current.as_ref(), refused) {
            (Some(current), Some(refused))
                if Arc::ptr_eq(current, refused)
                    && self.reload_throttle.claim(now, RELOAD_INTERVAL) =>
            {
                Ok(())
            }
            (Some(current), _) => Err(Arc::clone(current)),
            (None, _) => Ok(()),
        };
        let join_or_start = || {
            let inner = Arc::clone(self);
            self.credential.join_or_start(
                decide,
                || async move { inner.read().await },
                |current, outcome, is_latest| {
                    if let (Ok(read), true) = (outcome, is_latest) {
                        *current = Some(Arc::clone(read));
                    }
                },
                |_| {},
            )
        };
        match self.credential.run(join_or_start).await {
            Ok((read, _)) => Ok(read),
            Err(NoResult::Declined(current)) => Ok(current),
            Err(NoResult::Failed(error)) => Err(error),
        }
    }

    /// Reads the credential from the server. If it has not changed, returns the current one.
    async fn read(&self) -> Result<Arc<Credential>> {
        let (client_id, client_secret) = (self.client_id().await?, self.client_secret().await?);
        match self.current() {
            Some(current)
                if current.client_id == client_id && current.client_secret == client_secret =>
            {
                Ok(current)
            }
            _ => self.credential_of(client_id, client_secret),
        }
    }

    fn credential_of(&self, client_id: String, client_secret: Secret) -> Result<Arc<Credential>> {
        let (id, secret) = (client_id.clone(), client_secret.clone());
        let grant = Grant::new(
            self.url("token"),
            id,
            secret,
            Vec::new(),
            Target::default(),
            BTreeMap::new(),
        )?
        .with_format(RequestFormat::Json { authorization: self.authorization.clone() });
        let entry = Arc::new(TokenEntry::new(grant, Arc::clone(&self.fetcher)));
        Ok(Arc::new(Credential { client_id, client_secret, entry }))
    }

    async fn client_id(&self) -> Result<String> {
        Ok(self.call::<ClientId>(Method::GET, "client-id").await?.client_id)
    }

    async fn client_secret(&self) -> Result<Secret> {
        Ok(self.call::<ClientSecret>(Method::GET, "client-secret").await?.client_secret)
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, method: Method, path: &str) -> Result<T> {
        let repeat = if method == Method::GET { Repeat::Safe } else { Repeat::IfRefused };
        let request = Request {
            operation: match path {
                "client-id" => "organization_client_id",
                "client-secret" => "organization_client_secret",
                _ => "organization_rotate",
            },
            method,
            url: self.url(path),
            authorization: Some(self.authorization.clone()),
            if_none_match: None,
            body: Body::Empty,
            limit: MANAGEMENT_LIMIT,
            repeat,
            attempt_timeout: None,
        };
        self.fetcher.transport.send(request).await?.json()
    }

    fn url(&self, path: &str) -> Url {
        join(&self.base_url, &["m2m", path])
    }
}
