//! Tokens and signing keys.

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    called_url::CalledUrl,
    reply::ApiError,
    request::LenientBody,
    state::SharedState,
    token::{
        issue::{IssueError, issue_requested},
        settings::{ParsedSettings, TokenRequest, TokenSettings},
        template::TemplateError,
    },
};

impl From<TemplateError> for ApiError {
    fn from(error: TemplateError) -> Self {
        Self::bad_request(error.error_type(), error.to_string())
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Template(error) => error.into(),
            IssueError::Cryptography => Self::internal(),
        }
    }
}

/// The settings of issued tokens
#[utoipa::path(
    get,
    path = "/_emulator/token-settings",
    operation_id = "emulator_token_settings",
    tag = "Emulator",
    responses((status = OK, body = TokenSettings))
)]
pub(super) async fn token_settings(State(state): State<SharedState>) -> Json<TokenSettings> {
    Json(state.token_settings.get().settings)
}

/// Set the settings of issued tokens; missing members get their defaults
#[utoipa::path(
    put,
    path = "/_emulator/token-settings",
    operation_id = "emulator_set_token_settings",
    tag = "Emulator",
    request_body = TokenSettings,
    responses((status = NO_CONTENT), ApiError)
)]
pub(super) async fn set_token_settings(
    State(state): State<SharedState>,
    LenientBody(settings): LenientBody<TokenSettings>,
) -> Result<StatusCode, ApiError> {
    state.token_settings.replace(ParsedSettings::new(settings)?);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub(super) struct IssuedToken {
    access_token: String,
}

/// Issue a token without client credentials: valid, or invalid in a chosen way
#[utoipa::path(
    post,
    path = "/_emulator/tokens",
    operation_id = "emulator_issue_token",
    tag = "Emulator",
    request_body = TokenRequest,
    responses((status = OK, body = IssuedToken), ApiError)
)]
pub(super) async fn issue_token(
    State(state): State<SharedState>,
    called: CalledUrl,
    LenientBody(request): LenientBody<TokenRequest>,
) -> Result<Json<IssuedToken>, ApiError> {
    let access_token = issue_requested(&state, &called, &request)?;
    Ok(Json(IssuedToken { access_token }))
}

/// Sign with a new key from now on; the key set keeps the old keys
#[utoipa::path(
    post,
    path = "/_emulator/keys/rotate",
    operation_id = "emulator_rotate_keys",
    tag = "Emulator",
    responses((status = NO_CONTENT), ApiError)
)]
pub(super) async fn rotate_keys(State(state): State<SharedState>) -> Result<StatusCode, ApiError> {
    state.keys.rotate()?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove all keys but the current one: tokens signed with the old keys no longer verify
#[utoipa::path(
    post,
    path = "/_emulator/keys/retire",
    operation_id = "emulator_retire_keys",
    tag = "Emulator",
    responses((status = NO_CONTENT))
)]
pub(super) async fn retire_keys(State(state): State<SharedState>) -> StatusCode {
    state.keys.retire_old();
    StatusCode::NO_CONTENT
}
