//! The emulator's own endpoints under `/_emulator/`: inspect it, change it, inject faults.

mod faults;
mod requests;
mod tokens;

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth0::Auth0Credentials, organization::OrganizationCredentials, reply::ApiError, seed::Seed,
    state::SharedState, workspace::WorkspaceCredentials,
};

pub(crate) fn router() -> OpenApiRouter<SharedState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(credentials))
        .routes(routes!(seed))
        .routes(routes!(reset))
        .routes(routes!(requests::counts))
        .routes(routes!(requests::reset_counts))
        .routes(routes!(requests::requests, requests::clear_requests))
        .routes(routes!(faults::faults, faults::add_fault, faults::clear_faults))
        .routes(routes!(faults::rate_limit, faults::set_rate_limit, faults::clear_rate_limit))
        .routes(routes!(tokens::token_settings, tokens::set_token_settings))
        .routes(routes!(tokens::issue_token))
        .routes(routes!(tokens::rotate_keys))
        .routes(routes!(tokens::retire_keys))
}

#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// Whether the emulator is up
#[utoipa::path(
    get,
    path = "/_emulator/health",
    operation_id = "emulator_health",
    tag = "Emulator",
    responses((status = OK, body = Health))
)]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

#[derive(Serialize, ToSchema)]
struct Credentials {
    organization: OrganizationCredentials,
    auth0: Auth0Credentials,
    workspace: WorkspaceCredentials,
}

/// The credentials for the organization-scoped API, Auth0's and the workspace's
#[utoipa::path(
    get,
    path = "/_emulator/credentials",
    operation_id = "emulator_credentials",
    tag = "Emulator",
    responses((status = OK, body = Credentials))
)]
async fn credentials(State(state): State<SharedState>) -> Json<Credentials> {
    Json(Credentials {
        organization: state.organization.credentials(),
        auth0: state.auth0.credentials(),
        workspace: state.workspace.credentials(),
    })
}

/// Replace all data with this seed, as YAML or JSON
#[utoipa::path(
    put,
    path = "/_emulator/seed",
    operation_id = "emulator_seed",
    tag = "Emulator",
    request_body = Seed,
    responses((status = NO_CONTENT), ApiError)
)]
async fn seed(State(state): State<SharedState>, text: Bytes) -> Result<StatusCode, ApiError> {
    let invalid = |message| ApiError::bad_request("bad_request", message);
    let text = std::str::from_utf8(&text).map_err(|_| invalid("The seed must be UTF-8.".into()))?;
    if text.trim().is_empty() {
        return Err(invalid("The body is empty.".into()));
    }
    Seed::parse(text)
        .and_then(|seed| state.load(seed))
        .map_err(|error| invalid(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replace all data with the current seed; project, secret and signing keys stay
#[utoipa::path(
    post,
    path = "/_emulator/reset",
    operation_id = "emulator_reset",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
async fn reset(State(state): State<SharedState>) -> StatusCode {
    state.reset();
    StatusCode::NO_CONTENT
}
