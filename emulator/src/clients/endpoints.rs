//! The management endpoints of M2M clients.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        self,
        schema::{SchemaType, Type},
    },
};

use super::{
    model::{Client, ClientSettings, M2mClient, Status, register},
    search::SearchRequest,
    store,
};
use crate::{
    reply::{ApiError, Reply},
    request::{Body, PathParameter, ProjectAuth},
    secret::{self, SecretHash},
    state::SharedState,
};

type ReplyResult<T> = Result<Reply<T>, ApiError>;

#[derive(Serialize, ToSchema)]
pub(crate) struct ClientReply {
    m2m_client: M2mClient,
}

/// The client as `create` returns it: the only response with its secret.
#[derive(Serialize, ToSchema)]
struct NewClient {
    #[serde(flatten)]
    client: M2mClient,
    client_secret: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CreateReply {
    m2m_client: NewClient,
}

/// The client as `rotate_start` returns it: the only response with its next secret.
#[derive(Serialize, ToSchema)]
struct RotatingClient {
    #[serde(flatten)]
    client: M2mClient,
    next_client_secret: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RotateStartReply {
    m2m_client: RotatingClient,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DeleteReply {
    client_id: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SearchReply {
    m2m_clients: Vec<M2mClient>,
    results_metadata: ResultsMetadata,
}

#[derive(Serialize, ToSchema)]
struct ResultsMetadata {
    /// Matches on all pages.
    total: usize,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct CreateRequest {
    /// Default: `m2m-client-test-` and a UUID.
    #[schema(min_length = 1, max_length = 256, pattern = r"^\S+$")]
    client_id: Option<String>,
    /// Default: 44 random characters.
    #[schema(min_length = 8, max_length = 256, pattern = "^[ -~]+$")]
    client_secret: Option<String>,
    /// Default: none.
    #[schema(max_items = 256, value_type = Option<Vec<Scope>>)]
    scopes: Option<Vec<String>>,
    #[schema(max_length = 256)]
    client_name: Option<String>,
    #[schema(max_length = 1024)]
    client_description: Option<String>,
    /// 20 keys and 4 KB at most.
    #[schema(schema_with = metadata)]
    trusted_metadata: Option<Value>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct UpdateRequest {
    #[schema(max_length = 256)]
    client_name: Option<String>,
    #[schema(max_length = 1024)]
    client_description: Option<String>,
    /// `active` or `inactive`.
    #[schema(value_type = Option<Status>)]
    status: Option<String>,
    #[schema(max_items = 256, value_type = Option<Vec<Scope>>)]
    scopes: Option<Vec<String>>,
    /// Merged by top-level keys; `null` removes one. 20 keys and 4 KB at most remain.
    #[schema(value_type = Option<Object>)]
    trusted_metadata: Option<Value>,
}

/// A request body without fields.
#[derive(Deserialize, ToSchema)]
pub(crate) struct NoFields {}

/// Printable ASCII, without spaces, quotes and backslashes.
#[derive(ToSchema)]
#[schema(min_length = 1, pattern = r"^[!#-\[\]-~]+$")]
#[expect(dead_code, reason = "only its schema is used")]
struct Scope(String);

/// `null` counts as absent.
fn metadata() -> openapi::Object {
    openapi::ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .max_properties(Some(20))
        .build()
}

/// Create a client
#[utoipa::path(
    post,
    path = "/v1/m2m/clients",
    operation_id = "create",
    tag = "Stytch",
    security(("project" = [])),
    request_body = CreateRequest,
    responses((status = OK, body = Reply<CreateReply>), ApiError)
)]
pub(crate) async fn create(
    State(state): State<SharedState>,
    _: ProjectAuth,
    Body(request): Body<CreateRequest>,
) -> ReplyResult<CreateReply> {
    let settings = ClientSettings {
        client_name: request.client_name,
        client_description: request.client_description,
        status: None,
        scopes: request.scopes,
        trusted_metadata: request.trusted_metadata,
    };
    let (client, client_secret) = register(request.client_id, request.client_secret, settings)?;
    let view = client.view();
    state.clients.insert(client)?;
    Ok(Reply::new(CreateReply { m2m_client: NewClient { client: view, client_secret } }))
}

/// Get a client
#[utoipa::path(
    get,
    path = "/v1/m2m/clients/{client_id}",
    operation_id = "get",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    responses((status = OK, body = Reply<ClientReply>), ApiError)
)]
pub(crate) async fn get(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
) -> ReplyResult<ClientReply> {
    let client = state.clients.find(&client_id).ok_or_else(store::not_found)?;
    Ok(Reply::new(ClientReply { m2m_client: client.view() }))
}

/// Search clients
#[utoipa::path(
    post,
    path = "/v1/m2m/clients/search",
    operation_id = "search",
    tag = "Stytch",
    security(("project" = [])),
    request_body = Option<SearchRequest>,
    responses((status = OK, body = Reply<SearchReply>), ApiError)
)]
pub(crate) async fn search(
    State(state): State<SharedState>,
    _: ProjectAuth,
    Body(request): Body<Option<SearchRequest>>,
) -> ReplyResult<SearchReply> {
    let page = state.clients.search(&request.unwrap_or_default().parse()?);
    Ok(Reply::new(SearchReply {
        m2m_clients: page.clients.iter().map(Client::view).collect(),
        results_metadata: ResultsMetadata { total: page.total, next_cursor: page.next_cursor },
    }))
}

/// Update a client
#[utoipa::path(
    method(put, post),
    path = "/v1/m2m/clients/{client_id}",
    operation_id = "update",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    request_body = UpdateRequest,
    responses((status = OK, body = Reply<ClientReply>), ApiError)
)]
pub(crate) async fn update(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
    Body(request): Body<UpdateRequest>,
) -> ReplyResult<ClientReply> {
    let UpdateRequest { client_name, client_description, status, scopes, trusted_metadata } =
        request;
    let settings =
        ClientSettings { client_name, client_description, status, scopes, trusted_metadata };
    client_reply(state.clients.change(&client_id, |client| client.apply(settings)))
}

/// Delete a client
#[utoipa::path(
    delete,
    path = "/v1/m2m/clients/{client_id}",
    operation_id = "delete",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    responses((status = OK, body = Reply<DeleteReply>), ApiError)
)]
pub(crate) async fn delete(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
) -> ReplyResult<DeleteReply> {
    state.clients.remove(&client_id)?;
    Ok(Reply::new(DeleteReply { client_id }))
}

/// Start a secret rotation; both secrets work until it ends
#[utoipa::path(
    post,
    path = "/v1/m2m/clients/{client_id}/secrets/rotate/start",
    operation_id = "rotate_start",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    request_body = Option<NoFields>,
    responses((status = OK, body = Reply<RotateStartReply>), ApiError)
)]
pub(crate) async fn rotate_start(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
    Body(_): Body<Option<NoFields>>,
) -> ReplyResult<RotateStartReply> {
    let next_client_secret = secret::generate()?;
    let next = SecretHash::of(&next_client_secret);
    let client = state.clients.change(&client_id, |client| client.start_rotation(next))?.view();
    Ok(Reply::new(RotateStartReply { m2m_client: RotatingClient { client, next_client_secret } }))
}

/// Finish a rotation; only the new secret works from now on
#[utoipa::path(
    post,
    path = "/v1/m2m/clients/{client_id}/secrets/rotate",
    operation_id = "rotate",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    request_body = Option<NoFields>,
    responses((status = OK, body = Reply<ClientReply>), ApiError)
)]
pub(crate) async fn rotate(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
    Body(_): Body<Option<NoFields>>,
) -> ReplyResult<ClientReply> {
    client_reply(state.clients.change(&client_id, Client::finish_rotation))
}

/// Cancel a rotation; only the old secret works from now on
#[utoipa::path(
    post,
    path = "/v1/m2m/clients/{client_id}/secrets/rotate/cancel",
    operation_id = "rotate_cancel",
    tag = "Stytch",
    security(("project" = [])),
    params(("client_id" = String, Path, description = "The client to act on")),
    request_body = Option<NoFields>,
    responses((status = OK, body = Reply<ClientReply>), ApiError)
)]
pub(crate) async fn rotate_cancel(
    State(state): State<SharedState>,
    _: ProjectAuth,
    PathParameter(client_id): PathParameter,
    Body(_): Body<Option<NoFields>>,
) -> ReplyResult<ClientReply> {
    client_reply(state.clients.change(&client_id, Client::cancel_rotation))
}

fn client_reply(client: Result<Client, ApiError>) -> ReplyResult<ClientReply> {
    Ok(Reply::new(ClientReply { m2m_client: client?.view() }))
}
