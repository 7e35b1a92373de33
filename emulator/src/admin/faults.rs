//! Faults and rate limits.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    faults::Fault, rate_limit::RateLimit, reply::ApiError, request::LenientBody, state::SharedState,
};

#[derive(Serialize, ToSchema)]
pub(super) struct FaultList {
    faults: Vec<Fault>,
}

/// The active faults, with the number of times left
#[utoipa::path(
    get,
    path = "/_emulator/faults",
    operation_id = "emulator_faults",
    tag = "Emulator",
    responses((status = OK, body = FaultList))
)]
pub(super) async fn faults(State(state): State<SharedState>) -> Json<FaultList> {
    Json(FaultList { faults: state.faults.list() })
}

/// Add a fault; if several match a request, the oldest applies
#[utoipa::path(
    post,
    path = "/_emulator/faults",
    operation_id = "emulator_add_fault",
    tag = "Emulator",
    request_body = Fault,
    responses((status = NO_CONTENT), ApiError)
)]
pub(super) async fn add_fault(
    State(state): State<SharedState>,
    LenientBody(fault): LenientBody<Fault>,
) -> Result<StatusCode, ApiError> {
    state
        .faults
        .add(fault)
        .map_err(|error| ApiError::bad_request("bad_request", error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Clear all faults
#[utoipa::path(
    delete,
    path = "/_emulator/faults",
    operation_id = "emulator_clear_faults",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
pub(super) async fn clear_faults(State(state): State<SharedState>) -> StatusCode {
    state.faults.clear();
    StatusCode::NO_CONTENT
}

#[derive(Serialize, ToSchema)]
pub(super) struct RateLimitReply {
    rate_limit: Option<RateLimit>,
}

/// The rate limit of each endpoint
#[utoipa::path(
    get,
    path = "/_emulator/rate-limit",
    operation_id = "emulator_rate_limit",
    tag = "Emulator",
    responses((status = OK, body = RateLimitReply))
)]
pub(super) async fn rate_limit(State(state): State<SharedState>) -> Json<RateLimitReply> {
    Json(RateLimitReply { rate_limit: state.rate_limits.get() })
}

/// Limit the rate of each endpoint in fixed windows; requests above the limit get a 429
#[utoipa::path(
    put,
    path = "/_emulator/rate-limit",
    operation_id = "emulator_set_rate_limit",
    tag = "Emulator",
    request_body = RateLimit,
    responses((status = NO_CONTENT), ApiError)
)]
pub(super) async fn set_rate_limit(
    State(state): State<SharedState>,
    LenientBody(limit): LenientBody<RateLimit>,
) -> StatusCode {
    state.rate_limits.set(Some(limit));
    StatusCode::NO_CONTENT
}

/// Remove the rate limit
#[utoipa::path(
    delete,
    path = "/_emulator/rate-limit",
    operation_id = "emulator_clear_rate_limit",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
pub(super) async fn clear_rate_limit(State(state): State<SharedState>) -> StatusCode {
    state.rate_limits.set(None);
    StatusCode::NO_CONTENT
}
