//! One client's access token, cached and refreshed ahead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::endpoint::Endpoint;
use super::entry::TokenEntry;
use super::fetcher::TokenFetcher;
use super::holders::Registration;
use super::store::TokenStore;
use super::store::shared::{SharedTokens, StoreSettings};
use super::target::Target;
use super::{Grant, Token};
use crate::config::{Project, TransportConfig, env_var, https_url};
use crate::credential::method::ClientAuth;
use crate::credential::settings::CredentialSettings;
use crate::credential::source::SecretSource;
use crate::discovery::{Discovery, IssuerUrl};
use crate::error::{Error, Result};
use crate::http::Transport;
use crate::secret::Secret;
use crate::stats::CacheStats;
use crate::verify::algorithm::Algorithm;

/// Settings of a [`TokenSource`].
#[derive(Clone, Debug, Default)]
pub struct TokenSourceConfig {
    /// The project whose token endpoint is used. Set either this, `token_url` or `issuer`.
    pub project_id: Option<String>,
    /// The API's address. Default: Stytch's live or test host, chosen by the project id's prefix.
    pub base_url: Option<String>,
    /// Another server's token endpoint, in place of `project_id` and `base_url`.
    pub token_url: Option<String>,
    /// Another server's issuer, in place of `token_url`: the address of the token endpoint comes
    /// from its discovery document (RFC 8414 or OpenID Connect Discovery), which must have exactly
    /// this issuer. The document is cached and refreshed ahead, and still used while it cannot be
    /// fetched.
    pub issuer: Option<String>,
    /// The M2M client's id. Only with an `assertion` it may be empty.
    pub client_id: String,
    /// How the client authenticates. Default: `client_secret_post`, with `issuer` what the server
    /// offers (`client_secret_basic` before `client_secret_post`), or `private_key_jwt` with a
    /// `private_key` or a `client_assertion`. `tls_client_auth`, which needs
    /// `transport.client_certificate_pem`, and `none` must be set.
    pub client_auth: Option<ClientAuth>,
    /// The client's secret.
    pub client_secret: Option<SecretSource>,
    /// The client's other secret during a rotation. It is tried when the server refuses the one in
    /// use, and then stays in use until it is refused.
    pub next_client_secret: Option<SecretSource>,
    /// The private key that signs the client's assertions: PEM (PKCS#8, PKCS#1 or SEC 1) or a
    /// private JWK.
    pub private_key: Option<SecretSource>,
    /// The `kid` of the assertions. Default: the JWK's.
    pub key_id: Option<String>,
    /// The algorithm of the assertions' signatures. Default: the JWK's, or else `RS256`, `ES256`,
    /// `ES384` or `EdDSA`, by the type of the key.
    pub signing_algorithm: Option<Algorithm>,
    /// The `aud` of the assertions. Default: the `issuer`, or the URL of the token endpoint.
    pub assertion_audience: Option<String>,
    /// An assertion that the client's platform issued to it, in place of a `private_key` (RFC 7523,
    /// section 2.2): for example the file of a Kubernetes service account token. It is read before
    /// each token request.
    pub client_assertion: Option<SecretSource>,
    /// An assertion to exchange for a token, in place of the client-credentials grant (RFC 7523,
    /// section 2.1). It is read before each token request.
    pub assertion: Option<SecretSource>,
    /// The scopes to request. Empty: all scopes of the client.
    pub scopes: Vec<String>,
    /// The resources that the token is for, as absolute URIs (RFC 8707). Empty: the server decides.
    pub resource: Vec<String>,
    /// The audience that the token is for, at servers that take this parameter. Default: the server
    /// decides.
    pub audience: Option<String>,
    /// Additional parameters.
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
    /// Fills missing settings from the environment: `client_id` from `STYTCH_CLIENT_ID`;
    /// `client_secret` from `STYTCH_CLIENT_SECRET`, or from the file that
    /// `STYTCH_CLIENT_SECRET_FILE` names, unless another credential is set; and the server from
    /// `STYTCH_TOKEN_URL`, or else from `STYTCH_PROJECT_ID` and `STYTCH_BASE_URL`. An empty variable
    /// counts as unset.
    #[must_use]
    pub fn or_env(self) -> Self {
        self.or_variables(|name| env_var(&[name]), SecretSource::env)
    }

    /// Like [`or_env`](Self::or_env), from the variables that `read` returns; `secret` makes a
    /// source of the name of one.
    pub(crate) fn or_variables(
        mut self,
        read: impl Fn(&str) -> Option<String>,
        secret: impl FnOnce(&'static str) -> SecretSource,
    ) -> Self {
        if self.client_id.is_empty() && self.assertion.is_none() {
            self.client_id = read("STYTCH_CLIENT_ID").unwrap_or_default();
        }
        if self.lacks_credential() {
            self.client_secret = secret_from(&read, secret);
        }
        if self.issuer.is_some() {
            return self;
        }
        if self.project_id.is_none() && self.base_url.is_none() && self.token_url.is_none() {
            self.token_url = read("STYTCH_TOKEN_URL");
        }
        if self.token_url.is_none() {
            self.project_id = self.project_id.or_else(|| read("STYTCH_PROJECT_ID"));
            self.base_url = self.base_url.or_else(|| read("STYTCH_BASE_URL"));
        }
        self
    }

    fn lacks_credential(&self) -> bool {
        let takes_secret = !matches!(
            self.client_auth,
            Some(ClientAuth::PrivateKeyJwt | ClientAuth::TlsClientAuth | ClientAuth::None)
        );
        let given =
            [&self.client_secret, &self.private_key, &self.client_assertion, &self.assertion];
        takes_secret && given.iter().all(|source| source.is_none())
    }
}

fn secret_from(
    read: impl Fn(&str) -> Option<String>,
    secret: impl FnOnce(&'static str) -> SecretSource,
) -> Option<SecretSource> {
    let [value, file] = ["STYTCH_CLIENT_SECRET", "STYTCH_CLIENT_SECRET_FILE"];
    match (read(value), read(file)) {
        (Some(_), Some(_)) => Some(SecretSource::ambiguous([value, file])),
        (Some(_), None) => Some(secret(value)),
        (None, Some(path)) => Some(SecretSource::file(path)),
        (None, None) => None,
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
///         client_secret: Some(secret_from_a_vault.into()),
///         scopes: vec!["read:users".into()],
///         ..Default::default()
///     }
///     .or_env(), // STYTCH_PROJECT_ID, ...
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
        let setting = match (&config.issuer, &config.token_url, &config.base_url) {
            (Some(_), _, _) => Some("issuer"),
            (None, Some(_), _) => Some("token_url"),
            (None, None, Some(_)) => Some("base_url"),
            (None, None, None) => None,
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
            issuer,
            client_id,
            client_auth,
            client_secret,
            next_client_secret,
            private_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion,
            assertion,
            scopes,
            resource,
            audience,
            extra,
            token_store_url,
            token_store_key,
            token_store_allow_unencrypted,
            token_store,
            transport,
        } = config;
        let transport = Arc::new(Transport::new(transport)?.named_by(setting));
        let others = token_url.is_some() || project_id.is_some() || base_url.is_some();
        let endpoint = match (issuer, token_url) {
            (Some(_), _) if others => {
                return Err(Error::invalid_config(
                    "issuer",
                    "issuer replaces token_url, project_id and base_url: set either issuer or those",
                ));
            }
            (Some(issuer), _) => {
                let issuer = IssuerUrl::parse("issuer", &issuer)?;
                Endpoint::Discovered(Discovery::new(issuer, Arc::clone(&transport)))
            }
            (None, None) => {
                Endpoint::Own(Project::new(project_id.as_deref(), base_url.as_deref())?.token_url)
            }
            (None, Some(_)) if project_id.is_some() || base_url.is_some() => {
                return Err(Error::invalid_config(
                    "token_url",
                    "token_url replaces project_id and base_url: set either token_url or those",
                ));
            }
            (None, Some(url)) if setting == Some("token_url") => {
                Endpoint::Given(https_url("token_url", &url)?)
            }
            (None, Some(url)) => Endpoint::Own(https_url("token_url", &url)?),
        };
        let is_discovered = matches!(endpoint, Endpoint::Discovered(_));
        let credential = CredentialSettings {
            client_id,
            client_auth,
            client_secret,
            next_client_secret,
            private_key,
            key_id,
            signing_algorithm,
            assertion_audience,
            client_assertion,
            assertion,
        };
        let credential =
            credential.credential(is_discovered, transport.certificate(), transport.config())?;
        let target = Target::new(resource, audience)?;
        let grant = Grant::with_credential(endpoint, credential, scopes, target, extra)?;
        let store = StoreSettings {
            store: token_store,
            url: token_store_url,
            key: token_store_key,
            allow_unencrypted: token_store_allow_unencrypted,
        };
        let shared = SharedTokens::from_settings(store, transport.config())?;
        let fetcher = Arc::new(TokenFetcher::new(transport, shared));
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
