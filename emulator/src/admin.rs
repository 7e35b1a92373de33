//! What only the emulator has: watch and reset it, under `/_emulator/`.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;

use crate::state::Shared;

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/_emulator/counts", get(counts))
        .route("/_emulator/counts/reset", post(reset_counts))
        .route("/_emulator/reset", post(reset))
}

#[derive(Deserialize)]
struct CountsQuery {
    client_id: Option<String>,
}

/// Requests per operation; with a `client_id`, only the token requests that name it.
async fn counts(
    State(state): State<Shared>,
    Query(query): Query<CountsQuery>,
) -> Json<BTreeMap<String, u64>> {
    Json(match query.client_id {
        None => state.counts.snapshot(),
        Some(client_id) => [("token".to_owned(), state.counts.token_requests(&client_id))].into(),
    })
}

async fn reset_counts(State(state): State<Shared>) -> StatusCode {
    state.counts.reset();
    StatusCode::NO_CONTENT
}

async fn reset(State(state): State<Shared>) -> StatusCode {
    state.reset();
    StatusCode::NO_CONTENT
}
