//! The project's client: each method turns its arguments into the core's and makes a promise of the
//! call.

use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{ClassInstance, Unknown};
use napi_derive::napi;
use stytch_m2m as m2m;
use stytch_m2m::internals;
use tokio::sync::Mutex;

use crate::error::{Outcome, outcome};
use crate::handle::Handle;
use crate::records::arguments::{CreateRequest, SearchRequest, TokenRequest, UpdateRequest};
use crate::records::settings::{ClientSettings, with_transport};
use crate::records::state::ClientStats;
use crate::records::{ClientResponse, DeleteResponse, Page, SearchResponse, Token};
use crate::runtime::{Cancel, Promise, promise};
use crate::verifier::TokenVerifier;

/// The project's client.
#[napi]
pub struct Client(Handle<m2m::Client>);

impl From<m2m::Client> for Client {
    fn from(client: m2m::Client) -> Self {
        Self(Handle::new("client", client))
    }
}

/// Builds a client with these settings.
#[napi(
    catch_unwind,
    ts_args_type = "settings: ClientSettings & TransportSettings",
    ts_return_type = "Client | Failure"
)]
pub fn new_client(settings: Unknown<'_>) -> napi::Result<Outcome<Client>> {
    let (settings, transport) = with_transport::<ClientSettings>(settings)?;
    Ok(outcome(settings.config(transport).and_then(m2m::Client::new)))
}

#[napi]
impl Client {
    /// The project's id.
    #[napi(catch_unwind, ts_return_type = "string | Failure")]
    pub fn project_id(&self) -> Outcome<String> {
        outcome(self.0.get().map(|client| client.project_id().to_owned()))
    }

    /// Verifies its tokens.
    #[napi(catch_unwind, ts_return_type = "TokenVerifier | Failure")]
    pub fn verifier(&self) -> Outcome<TokenVerifier> {
        outcome(self.0.get().map(|client| client.verifier().clone()))
    }

    /// The cached token, if there is a fresh one.
    #[napi(catch_unwind)]
    pub fn cached_token(&self, request: TokenRequest) -> Option<Token> {
        self.0.get().ok()?.cached_token(&request.into()).map(Token::from)
    }

    /// A server refused this token.
    #[napi(catch_unwind, ts_return_type = "void | Failure")]
    pub fn invalidate_token(&self, access_token: String) -> Outcome<()> {
        outcome(self.0.get().map(|client| client.invalidate_token(&access_token)))
    }

    /// What its caches did.
    #[napi(catch_unwind, ts_return_type = "ClientStats | Failure")]
    pub fn stats(&self) -> Outcome<ClientStats> {
        outcome(self.0.get().map(m2m::Client::stats))
    }

    /// Lets go of connections and caches.
    #[napi(catch_unwind)]
    pub fn close(&mut self) {
        self.0.close();
    }

    /// Fetches a token, or takes it from the cache.
    #[napi(catch_unwind, ts_return_type = "Promise<Token | Failure>")]
    pub fn token<'env>(
        &self,
        env: &'env Env,
        request: TokenRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Token> {
        let client = self.0.get().cloned();
        promise(env, cancel, async move { client?.token(request.into()).await })
    }

    /// Creates a client.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn create<'env>(
        &self,
        env: &'env Env,
        request: CreateRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.get().map(m2m::Client::clients);
        promise(env, cancel, async move { clients?.create(request.try_into()?).await })
    }

    /// Reads one.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn get<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.get().map(m2m::Client::clients);
        promise(env, cancel, async move { clients?.get(&client_id).await })
    }

    /// Changes one.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn update<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        request: UpdateRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let clients = self.0.get().map(m2m::Client::clients);
        promise(env, cancel, async move { clients?.update(&client_id, request.try_into()?).await })
    }

    /// Deletes one.
    #[napi(catch_unwind, ts_return_type = "Promise<DeleteResponse | Failure>")]
    pub fn delete<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, DeleteResponse> {
        let clients = self.0.get().map(m2m::Client::clients);
        promise(env, cancel, async move { clients?.delete(&client_id).await })
    }

    /// Finds a page of them.
    #[napi(catch_unwind, ts_return_type = "Promise<SearchResponse | Failure>")]
    pub fn search<'env>(
        &self,
        env: &'env Env,
        request: SearchRequest,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, SearchResponse> {
        let clients = self.0.get().map(m2m::Client::clients);
        promise(env, cancel, async move { clients?.search(request.try_into()?).await })
    }

    /// Finds all of them.
    #[napi(catch_unwind, ts_return_type = "SearchAll | Failure")]
    pub fn search_all(&self, request: SearchRequest) -> Outcome<SearchAll> {
        let request = m2m::SearchRequest::try_from(request);
        let clients = self.0.get().map(m2m::Client::clients);
        outcome(clients.and_then(|clients| Ok(clients.search_all(request?))))
    }

    /// Starts a rotation.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate_start<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.get().map(m2m::Client::secrets);
        promise(env, cancel, async move { secrets?.rotate_start(&client_id).await })
    }

    /// Ends it.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.get().map(m2m::Client::secrets);
        promise(env, cancel, async move { secrets?.rotate(&client_id).await })
    }

    /// Starts one whatever is under way.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn recover_rotation<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.get().map(m2m::Client::secrets);
        promise(env, cancel, async move { secrets?.recover_rotation(&client_id).await })
    }

    /// Ends it after proof.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate_finish<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        next_client_secret: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let (secrets, next) = (self.0.get().map(m2m::Client::secrets), next_client_secret.into());
        promise(env, cancel, async move { secrets?.rotate_finish(&client_id, &next).await })
    }

    /// Drops it.
    #[napi(catch_unwind, ts_return_type = "Promise<ClientResponse | Failure>")]
    pub fn rotate_cancel<'env>(
        &self,
        env: &'env Env,
        client_id: String,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, ClientResponse> {
        let secrets = self.0.get().map(m2m::Client::secrets);
        promise(env, cancel, async move { secrets?.rotate_cancel(&client_id).await })
    }
}

/// All matches of a search, a page at a time.
#[napi]
pub struct SearchAll(Arc<Mutex<m2m::SearchAll>>);

impl From<m2m::SearchAll> for SearchAll {
    fn from(all: m2m::SearchAll) -> Self {
        Self(Arc::new(Mutex::new(all)))
    }
}

#[napi]
impl SearchAll {
    /// The next page.
    #[napi(catch_unwind, ts_return_type = "Promise<Page | Failure>")]
    pub fn next_page<'env>(
        &self,
        env: &'env Env,
        cancel: Option<ClassInstance<'_, Cancel>>,
    ) -> Promise<'env, Page> {
        let all = Arc::clone(&self.0);
        promise(env, cancel, async move { internals::next_page(&mut *all.lock().await).await })
    }
}
