//! Counts and the request log.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    operation::Operation, reply::ApiError, request::QueryString, request_log::LoggedRequest,
    state::SharedState,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CountsQuery {
    /// Count only the token requests that name this client.
    client_id: Option<String>,
}

/// Requests per operation; with a `client_id`, only the token requests that name it
#[utoipa::path(
    get,
    path = "/_emulator/counts",
    operation_id = "emulator_counts",
    tag = "Emulator",
    params(CountsQuery),
    responses((status = OK, body = BTreeMap<String, u64>), ApiError)
)]
pub(super) async fn counts(
    State(state): State<SharedState>,
    QueryString(query): QueryString<CountsQuery>,
) -> Json<BTreeMap<String, u64>> {
    Json(match query.client_id {
        None => state.counts.snapshot(),
        Some(client_id) => [("token".to_owned(), state.counts.token_requests(&client_id))].into(),
    })
}

/// Set all counts to zero
#[utoipa::path(
    post,
    path = "/_emulator/counts/reset",
    operation_id = "emulator_reset_counts",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
pub(super) async fn reset_counts(State(state): State<SharedState>) -> StatusCode {
    state.counts.reset();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RequestsQuery {
    /// Only this operation.
    operation: Option<Operation>,
    /// Only token requests of this client.
    client_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Requests {
    requests: Vec<LoggedRequest>,
}

/// The received requests, oldest first; headers and bodies are not logged
#[utoipa::path(
    get,
    path = "/_emulator/requests",
    operation_id = "emulator_requests",
    tag = "Emulator",
    params(RequestsQuery),
    responses((status = OK, body = Requests), ApiError)
)]
pub(super) async fn requests(
    State(state): State<SharedState>,
    QueryString(query): QueryString<RequestsQuery>,
) -> Json<Requests> {
    let mut requests = state.log.list();
    requests.retain(|request| {
        (query.operation.is_none() || request.operation == query.operation)
            && (query.client_id.is_none() || request.client_id == query.client_id)
    });
    Json(Requests { requests })
}

/// Clear the request log
#[utoipa::path(
    delete,
    path = "/_emulator/requests",
    operation_id = "emulator_clear_requests",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
pub(super) async fn clear_requests(State(state): State<SharedState>) -> StatusCode {
    state.log.clear();
    StatusCode::NO_CONTENT
}
