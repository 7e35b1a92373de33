//! M2M clients: the management endpoints.

mod limits;
mod model;
mod search;
mod store;

use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub(crate) use self::{model::Client, store::Clients};
use self::{
    model::{M2mClient, Settings},
    search::SearchRequest,
};
use crate::{
    reply::{ApiError, Reply},
    request::{Body, Management},
    secret::{self, SecretHash},
    state::Shared,
};

type Answer<T> = Result<Reply<T>, ApiError>;

#[derive(Serialize)]
pub(crate) struct ClientReply {
    m2m_client: M2mClient,
}

/// The client as `create` shows it: the only time with its secret.
#[derive(Serialize)]
struct NewClient {
    #[serde(flatten)]
    client: M2mClient,
    client_secret: String,
}

#[derive(Serialize)]
pub(crate) struct CreateReply {
    m2m_client: NewClient,
}

/// The client as `rotate_start` shows it: the only time with its next secret.
#[derive(Serialize)]
struct RotatingClient {
    #[serde(flatten)]
    client: M2mClient,
    next_client_secret: String,
}

#[derive(Serialize)]
pub(crate) struct RotateStartReply {
    m2m_client: RotatingClient,
}

#[derive(Serialize)]
pub(crate) struct DeleteReply {
    client_id: String,
}

#[derive(Serialize)]
pub(crate) struct SearchReply {
    m2m_clients: Vec<M2mClient>,
    results_metadata: ResultsMetadata,
}

#[derive(Serialize)]
struct ResultsMetadata {
    total: usize,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct CreateRequest {
    client_id: Option<String>,
    client_secret: Option<String>,
    scopes: Vec<String>,
    client_name: Option<String>,
    client_description: Option<String>,
    trusted_metadata: Option<Value>,
}

#[derive(Deserialize)]
pub(crate) struct UpdateRequest {
    client_name: Option<String>,
    client_description: Option<String>,
    status: Option<String>,
    scopes: Option<Vec<String>>,
    trusted_metadata: Option<Value>,
}

pub(crate) async fn create(
    State(state): State<Shared>,
    _: Management,
    Body(request): Body<CreateRequest>,
) -> Answer<CreateReply> {
    let client_id =
        request.client_id.unwrap_or_else(|| format!("m2m-client-test-{}", Uuid::new_v4()));
    let client_secret = match request.client_secret {
        Some(secret) => secret,
        None => secret::generate()?,
    };
    limits::check_client_id(&client_id)?;
    limits::check_secret(&client_secret)?;
    let settings = Settings {
        client_name: request.client_name,
        client_description: request.client_description,
        status: None,
        scopes: Some(request.scopes),
        trusted_metadata: request.trusted_metadata,
    };
    let client = Client::new(client_id, SecretHash::of(&client_secret), settings)?;
    let view = client.view();
    state.clients.insert(client)?;
    Ok(Reply::new(CreateReply { m2m_client: NewClient { client: view, client_secret } }))
}

pub(crate) async fn get(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
) -> Answer<ClientReply> {
    let client = state.clients.find(&client_id).ok_or_else(store::not_found)?;
    Ok(Reply::new(ClientReply { m2m_client: client.view() }))
}

pub(crate) async fn search(
    State(state): State<Shared>,
    _: Management,
    Body(request): Body<SearchRequest>,
) -> Answer<SearchReply> {
    let page = state.clients.search(&request.parse()?);
    Ok(Reply::new(SearchReply {
        m2m_clients: page.clients.iter().map(Client::view).collect(),
        results_metadata: ResultsMetadata { total: page.total, next_cursor: page.next_cursor },
    }))
}

pub(crate) async fn update(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
    Body(request): Body<UpdateRequest>,
) -> Answer<ClientReply> {
    let UpdateRequest { client_name, client_description, status, scopes, trusted_metadata } =
        request;
    let settings = Settings { client_name, client_description, status, scopes, trusted_metadata };
    changed(state.clients.change(&client_id, |client| client.apply(settings)))
}

pub(crate) async fn delete(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
) -> Answer<DeleteReply> {
    state.clients.remove(&client_id)?;
    Ok(Reply::new(DeleteReply { client_id }))
}

pub(crate) async fn rotate_start(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
    Body(_): Body<Value>,
) -> Answer<RotateStartReply> {
    let next_client_secret = secret::generate()?;
    let next = SecretHash::of(&next_client_secret);
    let client = state.clients.change(&client_id, |client| client.start_rotation(next))?.view();
    Ok(Reply::new(RotateStartReply { m2m_client: RotatingClient { client, next_client_secret } }))
}

pub(crate) async fn rotate(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
    Body(_): Body<Value>,
) -> Answer<ClientReply> {
    changed(state.clients.change(&client_id, Client::finish_rotation))
}

pub(crate) async fn rotate_cancel(
    State(state): State<Shared>,
    _: Management,
    Path(client_id): Path<String>,
    Body(_): Body<Value>,
) -> Answer<ClientReply> {
    changed(state.clients.change(&client_id, Client::cancel_rotation))
}

fn changed(client: Result<Client, ApiError>) -> Answer<ClientReply> {
    Ok(Reply::new(ClientReply { m2m_client: client?.view() }))
}
