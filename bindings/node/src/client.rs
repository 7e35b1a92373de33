//! The services: each method turns its arguments into the core's and makes a promise of the call.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, PromiseRaw};
use napi_derive::napi;
use stytch_m2m as core;
use tokio::sync::Mutex;

use crate::call::{Cancel, promise};
use crate::error::{Outcome, outcome};
use crate::records::arguments::{
    AuthenticateOptions, ClientSettings, CreateRequest, SearchRequest, Timeouts, TokenRequest,
    TokenSourceSettings, UpdateRequest,
};
use crate::records::issuer::IssuerConfig;
use crate::records::{ClientResponse, DeleteResponse, Page, SearchResponse, Token, TokenClaims};

type Promise<'env, T> = napi::Result<PromiseRaw<'env, Outcome<T>>>;

/// The project's client.
#[napi]
pub struct Client(core::Client);

impl From<core::Client> for Client {
    fn from(client: core::Client) -> Self {
        Self(client)
    }
}

/// A client with these settings.
#[napi(ts_return_type = "Client | Failure")]
pub fn new_client(settings: ClientSettings, timeouts: Timeouts) -> Outcome<Client> {
    outcome(settings.config(timeouts).and_then(core::Client::new))
}

#[napi]
impl Client {
    /// The project's id.
    #[napi]
    pub fn project_id(&self) -> &str {
        self.0.project_id()
    }

    /// Verifies its tokens.
    #[napi]
    pub fn verifier(&self) -> TokenVerifier {
        self.0.verifier().clone().into()
    }

    /// Fetches a token, or takes it from the cache.
    #[napi(ts_return_type = "Promise<Token | Failure>")]
    pub fn token<'env>(
        &self,
        env: &'env Env,
        request: TokenRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let client = self.0.clone();
        promise(env, cancel, async move { client.token(request.into()).await })
    }

    /// Creates a client.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn create<'env>(
        &self,
        env: &'env Env,
        request: CreateRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.clients();
        promise(env, cancel, async move { clients.create(request.try_into()?).await })
    }

    /// Reads one.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.clients();
        promise(env, cancel, async move { clients.get(&client_id).await })
    }

    /// Changes one.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        request: UpdateRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.clients();
        promise(env, cancel, async move { clients.update(&client_id, request.try_into()?).await })
    }

    /// Deletes one.
    #[napi(ts_return_type = "Promise<DeleteResponse | Failure>")]
    pub fn delete<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, DeleteResponse> {
        let clients = self.0.clients();
        promise(env, cancel, async move { clients.delete(&client_id).await })
    }

    /// Finds a page of them.
    #[napi(ts_return_type = "Promise<SearchResponse | Failure>")]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        request: SearchRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, SearchResponse> {
        let clients = self.0.clients();
        promise(env, cancel, async move { clients.search(request.try_into()?).await })
    }

    /// Finds all of them.
    #[napi(ts_return_type = "SearchAll | Failure")]
    pub fn search_all(&self, request: SearchRequest) -> Outcome<SearchAll> {
        let request = core::SearchRequest::try_from(request);
        outcome(request.map(|request| self.0.clients().search_all(request)))
    }

    /// Starts a rotation.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate_start<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.secrets();
        promise(env, cancel, async move { secrets.rotate_start(&client_id).await })
    }

    /// Ends it.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.secrets();
        promise(env, cancel, async move { secrets.rotate(&client_id).await })
    }

    /// Drops it.
    #[napi(ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate_cancel<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.secrets();
        promise(env, cancel, async move { secrets.rotate_cancel(&client_id).await })
    }
}

/// All matches of a search, a page at a time.
#[napi]
pub struct SearchAll(Arc<Mutex<core::SearchAll>>);

impl From<core::SearchAll> for SearchAll {
    fn from(all: core::SearchAll) -> Self {
        Self(Arc::new(Mutex::new(all)))
    }
}

#[napi]
impl SearchAll {
    /// The next page.
    #[napi(ts_return_type = "Promise<Page | Failure>")]
    pub fn next_page<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Page> {
        let all = Arc::clone(&self.0);
        promise(env, cancel, async move { all.lock().await.next_page().await })
    }
}

/// Tokens for one credential.
#[napi]
pub struct TokenSource(core::TokenSource);

impl From<core::TokenSource> for TokenSource {
    fn from(source: core::TokenSource) -> Self {
        Self(source)
    }
}

/// A source with these settings.
#[napi(ts_return_type = "TokenSource | Failure")]
pub fn new_token_source(settings: TokenSourceSettings, timeouts: Timeouts) -> Outcome<TokenSource> {
    outcome(settings.config(timeouts).and_then(core::TokenSource::new))
}

#[napi]
impl TokenSource {
    /// The cached token while it is fresh.
    #[napi]
    pub fn try_get_token(&self) -> Option<Token> {
        self.0.try_get_token().map(Token::from)
    }

    /// A fresh token.
    #[napi(ts_return_type = "Promise<Token | Failure>")]
    pub fn get_token<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let source = self.0.clone();
        promise(env, cancel, async move { source.get_token().await })
    }

    /// A server refused this token.
    #[napi]
    pub fn invalidate(&self, access_token: String) {
        self.0.invalidate(&access_token);
    }
}

/// Verifies tokens.
#[napi]
pub struct TokenVerifier(core::TokenVerifier);

impl From<core::TokenVerifier> for TokenVerifier {
    fn from(verifier: core::TokenVerifier) -> Self {
        Self(verifier)
    }
}

/// A verifier for these issuers.
#[napi(ts_return_type = "TokenVerifier | Failure")]
pub fn new_token_verifier(
    issuers: Vec<IssuerConfig>,
    timeouts: Timeouts,
    clock: Option<i64>,
) -> Outcome<TokenVerifier> {
    let config = || {
        let issuers = issuers.into_iter().map(TryInto::try_into).collect::<core::Result<_>>()?;
        let mut transport = timeouts.transport()?;
        transport.clock = clock.map(core::Clock::manual).unwrap_or_default();
        Ok(core::TokenVerifierConfig { issuers, transport })
    };
    outcome(config().and_then(core::TokenVerifier::new))
}

#[napi]
impl TokenVerifier {
    /// The outcome if it needs no waiting.
    #[napi(ts_return_type = "TokenClaims | Failure | null")]
    pub fn try_authenticate_token(
        &self,
        access_token: String,
        options: AuthenticateOptions,
    ) -> Option<Outcome<TokenClaims>> {
        match options.into_core() {
            Ok(options) => self.0.try_authenticate_token(&access_token, &options).map(outcome),
            Err(error) => Some(outcome::<core::TokenClaims, _>(Err(error))),
        }
    }

    /// The outcome.
    #[napi(ts_return_type = "Promise<TokenClaims | Failure>")]
    pub fn authenticate_token<'env>(
        &self,
        env: &'env Env,
        access_token: String,
        options: AuthenticateOptions,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, TokenClaims> {
        let verifier = self.0.clone();
        promise(env, cancel, async move {
            verifier.authenticate_token(&access_token, &options.into_core()?).await
        })
    }

    /// Fetches the keys that are not at hand.
    #[napi(ts_return_type = "Promise<void | Failure>")]
    pub fn warm_up<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ()> {
        let verifier = self.0.clone();
        promise(env, cancel, async move { verifier.warm_up().await })
    }
}

/// The token in an `Authorization` header's value, if there is one.
#[napi(ts_return_type = "string | Failure")]
pub fn token_from_authorization_header(value: Option<String>) -> Outcome<String> {
    outcome(core::token_from_authorization_header(value.as_deref()))
}
