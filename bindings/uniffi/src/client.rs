//! The objects: a client, a token source, a verifier.

use std::sync::Arc;
use std::time::SystemTime;

use stytch_m2m::{
    CacheStats, Client, ClientConfig, ClientResponse, ClientStats, CreateRequest, CreateResponse,
    DeleteResponse, ExportedKeySet, IssuerConfig, KeySource, M2MClient, OrganizationClient,
    RotateStartResponse, SearchAll, SearchResponse, Secret, Token, TokenSource, TokenVerifier,
    UpdateRequest, Vertical,
};
use tokio::sync::Mutex;

use crate::error::Result;
use crate::records::settings::{
    ClientSettings, GrantRequest, OrganizationSettings, SearchSettings, TokenSourceSettings,
    VerifiedClaims, VerifierSettings, VerifyRequest,
};
use crate::records::state::KeySetHealth;
use crate::{CancelToken, jni, unless_cancelled};

/// May end the call that it is given to.
type Cancel = Option<Arc<CancelToken>>;

/// [`Client`].
#[derive(Debug, uniffi::Object)]
pub struct NativeClient(Client);

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// A client for a project.
    #[uniffi::constructor]
    pub fn new(settings: ClientSettings) -> Result<Self> {
        Ok(Self(Client::new(settings.try_into()?)?))
    }

    /// The project's id.
    pub fn project_id(&self) -> String {
        self.0.project_id().to_owned()
    }

    /// Verification by this client.
    pub fn verifier(&self) -> NativeTokenVerifier {
        NativeTokenVerifier(self.0.verifier().clone())
    }

    /// Creates an M2M client.
    pub async fn create(&self, request: CreateRequest, cancel: Cancel) -> Result<CreateResponse> {
        unless_cancelled(cancel, self.0.clients().create(request)).await
    }

    /// Reads one M2M client.
    pub async fn get(&self, client_id: String, cancel: Cancel) -> Result<ClientResponse> {
        unless_cancelled(cancel, self.0.clients().get(&client_id)).await
    }

    /// Changes one M2M client.
    pub async fn update(
        &self,
        client_id: String,
        request: UpdateRequest,
        cancel: Cancel,
    ) -> Result<ClientResponse> {
        unless_cancelled(cancel, self.0.clients().update(&client_id, request)).await
    }

    /// Deletes one M2M client.
    pub async fn delete(&self, client_id: String, cancel: Cancel) -> Result<DeleteResponse> {
        unless_cancelled(cancel, self.0.clients().delete(&client_id)).await
    }

    /// Finds M2M clients, one page at a time.
    pub async fn search(&self, request: SearchSettings, cancel: Cancel) -> Result<SearchResponse> {
        unless_cancelled(cancel, self.0.clients().search(request.try_into()?)).await
    }

    /// Finds M2M clients, page after page.
    pub fn search_all(&self, request: SearchSettings) -> Result<NativeSearch> {
        let search = self.0.clients().search_all(request.try_into()?);
        Ok(NativeSearch(Mutex::new(search)))
    }

    /// Starts the rotation of a secret.
    pub async fn rotate_start(
        &self,
        client_id: String,
        cancel: Cancel,
    ) -> Result<RotateStartResponse> {
        unless_cancelled(cancel, self.0.secrets().rotate_start(&client_id)).await
    }

    /// Ends a rotation.
    pub async fn rotate(&self, client_id: String, cancel: Cancel) -> Result<ClientResponse> {
        unless_cancelled(cancel, self.0.secrets().rotate(&client_id)).await
    }

    /// Cancels a rotation.
    pub async fn rotate_cancel(&self, client_id: String, cancel: Cancel) -> Result<ClientResponse> {
        unless_cancelled(cancel, self.0.secrets().rotate_cancel(&client_id)).await
    }

    /// Starts a rotation whatever is under way.
    pub async fn recover_rotation(
        &self,
        client_id: String,
        cancel: Cancel,
    ) -> Result<RotateStartResponse> {
        unless_cancelled(cancel, self.0.secrets().recover_rotation(&client_id)).await
    }

    /// Ends a rotation after proof of the next secret.
    pub async fn rotate_finish(
        &self,
        client_id: String,
        next_client_secret: Secret,
        cancel: Cancel,
    ) -> Result<ClientResponse> {
        let secrets = self.0.secrets();
        unless_cancelled(cancel, secrets.rotate_finish(&client_id, &next_client_secret)).await
    }

    /// An access token, from the cache while it is fresh.
    pub async fn token(&self, request: GrantRequest, cancel: Cancel) -> Result<Token> {
        unless_cancelled(cancel, self.0.token(request.into())).await
    }

    /// The cached token; `None` when [`token`](Self::token) must be awaited.
    pub fn try_token(&self, request: GrantRequest) -> Option<Token> {
        self.0.try_token(&request.into())
    }

    /// Says that a server refused `access_token`.
    pub fn invalidate_token(&self, access_token: &str) {
        self.0.invalidate_token(access_token);
    }

    /// What the caches did so far.
    pub fn stats(&self) -> ClientStats {
        self.0.stats()
    }
}

/// [`SearchAll`].
#[derive(Debug, uniffi::Object)]
pub struct NativeSearch(Mutex<SearchAll>);

#[uniffi::export(async_runtime = "tokio")]
impl NativeSearch {
    /// The next page, which may be empty, or `None` after the last.
    pub async fn next_page(&self, cancel: Cancel) -> Result<Option<Vec<M2MClient>>> {
        unless_cancelled(cancel, async { self.0.lock().await.next_page().await }).await
    }
}

/// [`TokenSource`].
#[derive(Debug, uniffi::Object)]
pub struct NativeTokenSource(TokenSource);

#[uniffi::export(async_runtime = "tokio")]
impl NativeTokenSource {
    /// A source of tokens for one M2M client.
    #[uniffi::constructor]
    pub fn new(settings: TokenSourceSettings) -> Result<Self> {
        Ok(Self(TokenSource::new(settings.try_into()?)?))
    }

    /// A fresh token.
    pub async fn get_token(&self, cancel: Cancel) -> Result<Token> {
        unless_cancelled(cancel, self.0.get_token()).await
    }

    /// The cached token; `None` when [`get_token`](Self::get_token) must be awaited.
    pub fn try_get_token(&self) -> Option<Token> {
        self.0.try_get_token()
    }

    /// What names this source in a call over JNI.
    pub fn jni_id(self: Arc<Self>) -> i64 {
        jni::TOKEN_SOURCES.add(&self)
    }

    /// Says that a server refused `access_token`.
    pub fn invalidate(&self, access_token: &str) {
        self.0.invalidate(access_token);
    }

    /// What the cache did so far.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}

/// [`OrganizationClient`].
#[derive(Debug, uniffi::Object)]
pub struct NativeOrganizationClient(OrganizationClient);

#[uniffi::export(async_runtime = "tokio")]
impl NativeOrganizationClient {
    /// A client for an organization.
    #[uniffi::constructor]
    pub fn new(settings: OrganizationSettings) -> Result<Self> {
        Ok(Self(OrganizationClient::new(settings.try_into()?)?))
    }

    /// The organization's client id.
    pub async fn client_id(&self, cancel: Cancel) -> Result<String> {
        unless_cancelled(cancel, self.0.client_id()).await
    }

    /// The client's secret.
    pub async fn client_secret(&self, cancel: Cancel) -> Result<Secret> {
        unless_cancelled(cancel, self.0.client_secret()).await
    }

    /// An access token, from the cache while it is fresh.
    pub async fn token(&self, force_refresh: bool, cancel: Cancel) -> Result<Token> {
        unless_cancelled(cancel, self.0.token(force_refresh)).await
    }

    /// The cached token; `None` when [`token`](Self::token) must be awaited.
    pub fn try_token(&self) -> Option<Token> {
        self.0.try_token()
    }

    /// Replaces the secret.
    pub async fn rotate(&self, cancel: Cancel) -> Result<Secret> {
        unless_cancelled(cancel, self.0.rotate()).await
    }

    /// What the token cache did so far.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}

/// [`TokenVerifier`].
#[derive(Debug, uniffi::Object)]
pub struct NativeTokenVerifier(TokenVerifier);

#[uniffi::export(async_runtime = "tokio")]
impl NativeTokenVerifier {
    /// A verifier for these issuers.
    #[uniffi::constructor]
    pub fn new(settings: VerifierSettings) -> Result<Self> {
        Ok(Self(TokenVerifier::new(settings.try_into()?)?))
    }

    /// Verifies a token.
    pub async fn authenticate_token(
        &self,
        request: VerifyRequest,
        cancel: Cancel,
    ) -> Result<VerifiedClaims> {
        let VerifyRequest { access_token, options } = request;
        let options = options.try_into()?;
        let claims = self.0.authenticate_token(access_token.expose(), &options);
        Ok(unless_cancelled(cancel, claims).await?.into())
    }

    /// Verifies a token if that needs no waiting; `None` when
    /// [`authenticate_token`](Self::authenticate_token) must be awaited.
    pub fn try_authenticate_token(&self, request: VerifyRequest) -> Result<Option<VerifiedClaims>> {
        let VerifyRequest { access_token, options } = request;
        let options = options.try_into()?;
        let outcome = self.0.try_authenticate_token(access_token.expose(), &options);
        Ok(outcome.transpose()?.map(Into::into))
    }

    /// What names this verifier in a call over JNI.
    pub fn jni_id(self: Arc<Self>) -> i64 {
        jni::VERIFIERS.add(&self)
    }

    /// Fetches the key sets that are not at hand.
    pub async fn warm_up(&self, cancel: Cancel) -> Result<()> {
        unless_cancelled(cancel, self.0.warm_up()).await
    }

    /// Takes a JWK Set that was fetched elsewhere.
    pub fn seed_jwks(
        &self,
        issuer: Option<String>,
        jwks: &str,
        fetched_at: SystemTime,
    ) -> Result<()> {
        Ok(self.0.seed_jwks(issuer.as_deref(), jwks, fetched_at)?)
    }

    /// The key sets at hand that were fetched.
    pub fn export_jwks(&self) -> Vec<ExportedKeySet> {
        self.0.export_jwks()
    }

    /// The state of each issuer's key set.
    pub fn health(&self) -> Vec<KeySetHealth> {
        self.0.health().into_iter().map(Into::into).collect()
    }

    /// What the key-set caches did so far.
    pub fn stats(&self) -> CacheStats {
        self.0.stats()
    }
}

/// A Stytch project as an issuer. What is `None` comes from the environment.
#[uniffi::export]
pub fn stytch_issuer(
    project_id: Option<String>,
    base_url: Option<String>,
    vertical: Vertical,
) -> Result<IssuerConfig> {
    let given = ClientConfig { project_id, base_url, ..ClientConfig::default() }.or_env();
    let project_id = given.project_id.as_deref().unwrap_or_default();
    Ok(IssuerConfig::stytch(project_id, given.base_url.as_deref(), vertical)?)
}

/// An Auth0 tenant as an issuer.
#[uniffi::export]
pub fn auth0_issuer(domain: &str, audience: &str) -> Result<IssuerConfig> {
    Ok(IssuerConfig::auth0(domain, audience)?)
}

/// Any issuer of JWT access tokens.
#[uniffi::export]
pub fn oauth_issuer(issuer: &str, audiences: Vec<String>, keys: KeySource) -> IssuerConfig {
    IssuerConfig::oauth(issuer, &audiences, keys)
}
