//! The error of Auth0's Management API, which the organization-scoped API shares.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::with_middleware_errors;
use crate::openapi::responses::{Responses, error_responses};

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

    pub(crate) fn insufficient_scope(expected: &[&str]) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            message: format!("Insufficient scope, expected any of: {}", expected.join(",")),
            error_code: Some("insufficient_scope"),
        }
    }

    pub(crate) fn not_found(error_code: &'static str) -> Self {
        Self { error_code: Some(error_code), ..Self::of_status(StatusCode::NOT_FOUND) }
    }

    pub(crate) fn invalid_query(message: impl std::fmt::Display) -> Self {
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
    fn responses() -> Responses {
        with_middleware_errors(error_responses::<ManagementErrorBody>(&[400, 401, 403, 404]))
    }
}
