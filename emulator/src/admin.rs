//! What only the emulator has: watch, change and disturb it, under `/_emulator/`.

mod disturb;
mod issue;
mod watch;

use axum::{Json, body::Bytes, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    auth0::Auth0Credentials, organization::OrganizationCredentials, reply::ApiError, seed::Seed,
    state::Shared,
};

pub(crate) fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(credentials))
        .routes(routes!(seed))
        .routes(routes!(reset))
        .routes(routes!(watch::counts))
        .routes(routes!(watch::reset_counts))
        .routes(routes!(watch::requests, watch::clear_requests))
        .routes(routes!(disturb::faults, disturb::add_fault, disturb::clear_faults))
        .routes(routes!(disturb::rate_limit, disturb::set_rate_limit, disturb::clear_rate_limit))
        .routes(routes!(issue::token_settings, issue::set_token_settings))
        .routes(routes!(issue::issue_token))
        .routes(routes!(issue::rotate_keys))
        .routes(routes!(issue::retire_keys))
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
}

/// What it takes to use the organization-scoped API and Auth0's
#[utoipa::path(
    get,
    path = "/_emulator/credentials",
    operation_id = "emulator_credentials",
    tag = "Emulator",
    responses((status = OK, body = Credentials))
)]
async fn credentials(State(state): State<Shared>) -> Json<Credentials> {
    Json(Credentials {
        organization: state.organization.credentials(),
        auth0: state.auth0.credentials(),
    })
}

/// Start over with this seed, as YAML or JSON
#[utoipa::path(
    put,
    path = "/_emulator/seed",
    operation_id = "emulator_seed",
    tag = "Emulator",
    request_body = Seed,
    responses((status = NO_CONTENT), ApiError)
)]
async fn seed(State(state): State<Shared>, text: Bytes) -> Result<StatusCode, ApiError> {
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

/// Start over with the same seed; project, secret and signing keys stay
#[utoipa::path(
    post,
    path = "/_emulator/reset",
    operation_id = "emulator_reset",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
async fn reset(State(state): State<Shared>) -> StatusCode {
    state.reset();
    StatusCode::NO_CONTENT
}
