//! Auth0's two error shapes.

use std::collections::BTreeMap;

use aws_lc_rs::error::Unspecified;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema, openapi};

use crate::{
    openapi::responses::error_responses,
    reply::{ApiError, OAuthError, with_gateway},
};

/// The Management API's error.
pub(crate) struct ManagementError {
    status: StatusCode,
    message: String,
    error_code: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Auth0Error)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ManagementErrorBody {
    status_code: u16,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error_code: Option<&'static str>,
}

impl ManagementError {
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let message = status.canonical_reason().unwrap_or("Error").to_owned();
        Self { status, message, error_code: None }
    }

    pub(crate) fn unauthorized() -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self { status, message: "Missing or invalid authentication".into(), error_code: None }
    }

    pub(super) fn insufficient_scope(expected: &[&str]) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            message: format!("Insufficient scope, expected any of: {}", expected.join(",")),
            error_code: Some("insufficient_scope"),
        }
    }

    pub(super) fn not_found(error_code: &'static str) -> Self {
        Self { error_code: Some(error_code), ..Self::of_status(StatusCode::NOT_FOUND) }
    }

    pub(super) fn invalid_query(message: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: format!("Query validation error: {message}"),
            error_code: Some("invalid_query_string"),
        }
    }
}

impl IntoResponse for ManagementError {
    fn into_response(self) -> Response {
        let Self { status, message, error_code } = self;
        let body = ManagementErrorBody {
            status_code: status.as_u16(),
            error: status.canonical_reason().unwrap_or("Error"),
            message,
            error_code,
        };
        (status, Json(body)).into_response()
    }
}

impl IntoResponses for ManagementError {
    fn responses() -> BTreeMap<String, openapi::RefOr<openapi::Response>> {
        with_gateway(error_responses::<ManagementErrorBody>(&[400, 401, 403, 404]))
    }
}

/// The token endpoint's error.
pub(crate) struct TokenError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Auth0TokenError)]
pub(crate) struct TokenErrorBody {
    error: &'static str,
    error_description: String,
}

impl TokenError {
    pub(crate) fn unauthorized() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "access_denied",
            description: "Unauthorized".into(),
        }
    }

    pub(super) fn forbidden(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, error, description: description.into() }
    }
}

impl From<OAuthError> for TokenError {
    fn from(error: OAuthError) -> Self {
        let (status, error, description) = error.into_parts();
        Self { status, error, description }
    }
}

impl From<Unspecified> for TokenError {
    fn from(Unspecified: Unspecified) -> Self {
        OAuthError::server_error().into()
    }
}

impl From<ApiError> for TokenError {
    fn from(error: ApiError) -> Self {
        OAuthError::from(error).into()
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let Self { status, error, description } = self;
        (status, Json(TokenErrorBody { error, error_description: description })).into_response()
    }
}

impl IntoResponses for TokenError {
    fn responses() -> BTreeMap<String, openapi::RefOr<openapi::Response>> {
        with_gateway(error_responses::<TokenErrorBody>(&[400, 401, 403]))
    }
}
