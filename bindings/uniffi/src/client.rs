//! The project's client.

use stytch_m2m::internals;
use stytch_m2m::{
    Client, ClientResponse, ClientStats, CreateRequest, CreateResponse, DeleteResponse, M2MClient,
    RotateStartResponse, SearchAll, SearchResponse, Secret, Token, UpdateRequest,
};
use tokio::sync::Mutex;

use crate::error::Result;
use crate::records::arguments::{GrantRequest, SearchSettings};
use crate::records::settings::ClientSettings;
use crate::runtime::{Cancel, unless_cancelled};
use crate::verifier::NativeTokenVerifier;

/// [`Client`].
#[derive(Debug, uniffi::Object)]
pub struct NativeClient(Client);

#[uniffi::export(async_runtime = "tokio")]
impl NativeClient {
    /// A client for a project.
    #[uniffi::constructor]
    pub fn new(settings: ClientSettings) -> Result<Self> {
        Ok(Self(Client::new(settings.into())?))
    }

    /// The project's id.
    pub fn project_id(&self) -> String {
        self.0.project_id().to_owned()
    }

    /// Verification by this client.
    pub fn verifier(&self) -> NativeTokenVerifier {
        NativeTokenVerifier::from(self.0.verifier().clone())
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
        unless_cancelled(cancel, self.0.clients().search(request.into())).await
    }

    /// Finds M2M clients, page after page.
    pub fn search_all(&self, request: SearchSettings) -> Result<NativeSearch> {
        let search = self.0.clients().search_all(request.into());
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
    pub fn cached_token(&self, request: GrantRequest) -> Option<Token> {
        self.0.cached_token(&request.into())
    }

    /// Says that a server refused `access_token`.
    pub fn invalidate_token(&self, access_token: &str) {
        self.0.invalidate_token(access_token);
    }

    /// Counters of the caches.
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
        unless_cancelled(cancel, async { internals::next_page(&mut *self.0.lock().await).await })
            .await
    }
}
