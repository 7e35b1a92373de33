//! Calls of the management API: create, get, search, update, delete.

pub(crate) mod api;
mod create;
mod envelope;
pub(crate) mod limits;
pub(crate) mod model;
pub(crate) mod organization;
pub(crate) mod outcome;
pub(crate) mod search;
pub(crate) mod secrets;

use std::sync::Arc;

use futures_core::Stream;
use futures_util::stream;

use crate::error::Result;
use crate::http::{Method, StatusCode};
use crate::token::holders::DropAtEnd;
use api::{Api, NOTHING, record};
use model::{ClientResponse, ClientStatus, DeleteResponse, M2MClient, UpdateRequest};
use search::{SearchRequest, SearchResponse, UNKNOWN_TOTAL};

/// The M2M clients of the project. Needs the project's secret.
///
/// ```no_run
/// use stytch_m2m::{Client, CreateRequest, UpdateRequest};
///
/// # async fn run(client: Client) -> stytch_m2m::Result<()> {
/// let clients = client.clients();
/// let request = CreateRequest {
///     client_name: Some("nightly export".into()),
///     scopes: vec!["read:users".into()],
///     ..Default::default()
/// };
/// let created = clients.create(request).await?.m2m_client;
/// let client_id = created.client.client_id;
/// println!("{client_id} {}", created.client_secret.expose());
///
/// let change = UpdateRequest { scopes: Some(vec!["read:all".into()]), ..Default::default() };
/// clients.update(&client_id, change).await?;
/// clients.delete(&client_id).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Clients {
    api: Arc<Api>,
}

impl Clients {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }

    /// Drops the client's cached tokens once the call that deletes or deactivates it has ended.
    fn drop_tokens_at_end<'c>(&'c self, client_id: &'c str) -> DropAtEnd<'c> {
        DropAtEnd { token_url: &self.api.project.token_url, client_id }
    }

    /// Reads one client.
    pub async fn get(&self, client_id: &str) -> Result<ClientResponse> {
        self.api.get(client_id).await
    }

    /// Changes the fields that `request` sets; the others stay as they are. Deactivating a client
    /// removes its tokens from every cache of this process, even if the call fails.
    ///
    /// # Errors
    /// `invalid_config`, before anything is sent, when a field breaks the API's limits.
    pub async fn update(
        &self,
        client_id: &str,
        mut request: UpdateRequest,
    ) -> Result<ClientResponse> {
        let (id, metadata) = (request.organization_id.take(), request.trusted_metadata.take());
        request.trusted_metadata = self.api.organization.add(id, metadata)?;
        limits::check_update(&request)?;
        let deactivates = request.status == Some(ClientStatus::Inactive);
        let _dropped = deactivates.then(|| self.drop_tokens_at_end(client_id));
        self.api.call(Method::PUT, &[client_id], Some(&request)).await
    }

    /// Deletes a client, and removes its tokens from every cache of this process, even if the call
    /// fails: from that of each [`Client`](crate::Client) and [`TokenSource`](crate::TokenSource)
    /// with the same token endpoint. Its existing tokens stay valid until they expire.
    pub async fn delete(&self, client_id: &str) -> Result<DeleteResponse> {
        let _dropped = self.drop_tokens_at_end(client_id);
        let reply = self.api.send(Method::DELETE, &[client_id], NOTHING).await?;
        // An earlier attempt, whose response was lost, has deleted it.
        if reply.status == StatusCode::NOT_FOUND && reply.in_doubt {
            let request_id = reply.error().into_details().request_id.unwrap_or_default();
            let client_id = client_id.to_owned();
            return Ok(DeleteResponse { client_id, request_id, status_code: 200 });
        }
        let mut deleted: DeleteResponse = record(&reply)?;
        if deleted.client_id.is_empty() {
            deleted.client_id = client_id.to_owned();
        }
        Ok(deleted)
    }

    /// Returns one page of the clients that match. With an
    /// [`organization_id`](SearchRequest::organization_id), a page can be empty before the last one.
    pub async fn search(&self, request: SearchRequest) -> Result<SearchResponse> {
        self.search_page(request).await.map(|(response, _)| response)
    }

    /// Also returns the number of clients in the server's page.
    async fn search_page(&self, mut request: SearchRequest) -> Result<(SearchResponse, usize)> {
        limits::check_search(&request)?;
        let organization_id = request.organization_id.take();
        if organization_id.is_some() {
            request.limit = request.limit.or(Some(limits::LARGEST_PAGE));
        }
        let mut response: SearchResponse =
            self.api.call(Method::POST, &["search"], Some(&request)).await?;
        let read = response.m2m_clients.len();
        if organization_id.is_some() {
            response.m2m_clients.retain(|client| client.organization_id == organization_id);
            response.results_metadata.total = UNKNOWN_TOTAL;
        }
        Ok((response, read))
    }

    /// Iterates over all clients that match, and fetches each page when it is needed. With an
    /// [`organization_id`](SearchRequest::organization_id), it reads the other organizations' clients,
    /// too; at the end, the log says how many pages that were.
    pub fn search_all(&self, request: SearchRequest) -> SearchAll {
        let (clients, page) = (self.clone(), Vec::new().into_iter());
        SearchAll { clients, request, page, done: false, read: Read::default() }
    }
}

/// All clients that match a search, fetched page by page.
///
/// ```no_run
/// # async fn run(client: stytch_m2m::Client) -> stytch_m2m::Result<()> {
/// let mut all = client.clients().search_all(Default::default());
/// while let Some(client) = all.next().await? {
///     println!("{} {}", client.client_id, client.client_name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is fetched before next is called"]
pub struct SearchAll {
    clients: Clients,
    request: SearchRequest,
    page: std::vec::IntoIter<M2MClient>,
    done: bool,
    read: Read,
}

/// What a search has read at the server.
#[derive(Debug, Default)]
struct Read {
    pages: u64,
    clients: usize,
    found: usize,
}

impl SearchAll {
    /// The next client, or `None` after the last. After an error, the next call fetches the same
    /// page again.
    pub async fn next(&mut self) -> Result<Option<M2MClient>> {
        loop {
            if let Some(client) = self.page.next() {
                return Ok(Some(client));
            }
            match self.next_page().await? {
                Some(page) => self.page = page.into_iter(),
                None => return Ok(None),
            }
        }
    }

    /// The clients as a stream, which ends after an error. [`next`](Self::next) continues after an
    /// error.
    ///
    /// ```no_run
    /// use futures_util::TryStreamExt as _;
    /// # async fn run(client: stytch_m2m::Client) -> stytch_m2m::Result<()> {
    /// let clients = client.clients().search_all(Default::default()).into_stream();
    /// let names: Vec<String> = clients.map_ok(|client| client.client_name).try_collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<M2MClient>> + Send + use<> {
        stream::unfold(Some(self), |search| async move {
            let mut search = search?;
            match search.next().await {
                Ok(client) => client.map(|client| (Ok(client), Some(search))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    pub(crate) async fn next_page(&mut self) -> Result<Option<Vec<M2MClient>>> {
        if self.page.len() > 0 {
            return Ok(Some(std::mem::take(&mut self.page).collect()));
        }
        if self.done {
            return Ok(None);
        }
        let (response, read) = self.clients.search_page(self.request.clone()).await?;
        self.read.pages += 1;
        self.read.clients += read;
        self.read.found += response.m2m_clients.len();
        self.request.cursor = response.results_metadata.next_cursor;
        self.done = self.request.cursor.as_deref().unwrap_or_default().is_empty();
        if self.done && self.request.organization_id.is_some() {
            let Read { pages, clients, found } = self.read;
            tracing::debug!(pages, clients, found, "read all clients to find an organization's");
        }
        Ok(Some(response.m2m_clients))
    }
}
