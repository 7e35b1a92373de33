//! Stytch's responses: success, and the error of all endpoints but the token endpoint.

mod management;
mod oauth;

use aws_lc_rs::error::Unspecified;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

pub(crate) use self::{
    management::{ManagementError, ManagementErrorBody},
    oauth::{AccessTokenReply, OAuthError, OAuthErrorBody, TokenError, TokenErrorBody},
};
use crate::openapi::responses::{Responses, error_responses};

fn request_id() -> String {
    format!("request-id-test-{}", Uuid::new_v4())
}

/// A successful response: the operation's own fields, then the two common to all responses.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reply<T> {
    #[serde(flatten)]
    body: T,
    /// Identifies this request to the provider's support.
    request_id: String,
    /// The HTTP status.
    status_code: u16,
}

impl<T> Reply<T> {
    pub(crate) fn new(body: T) -> Self {
        Self { body, request_id: request_id(), status_code: StatusCode::OK.as_u16() }
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Stytch's error: all endpoints but the token endpoint.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    error_type: &'static str,
    message: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ApiErrorBody {
    status_code: u16,
    request_id: String,
    /// The stable code of the error.
    error_type: &'static str,
    error_message: String,
    error_url: String,
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        error_type: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, error_type, message: message.into() }
    }

    pub(crate) fn bad_request(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error_type, message)
    }

    pub(crate) fn not_found(error_type: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, error_type, message)
    }

    pub(crate) fn internal() -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// An error with no details beyond its status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let error_type = match status {
            StatusCode::UNAUTHORIZED => "unauthorized_credentials",
            StatusCode::TOO_MANY_REQUESTS => "too_many_requests",
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::NOT_FOUND => "route_not_found",
            status if status.is_server_error() => "internal_server_error",
            _ => "bad_request",
        };
        Self::new(status, error_type, status.canonical_reason().unwrap_or("Error"))
    }
}

impl From<Unspecified> for ApiError {
    fn from(Unspecified: Unspecified) -> Self {
        Self::internal()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, error_type, message } = self;
        let body = ApiErrorBody {
            status_code: status.as_u16(),
            request_id: request_id(),
            error_type,
            error_message: message,
            error_url: format!(
                "https://stytch.com/docs/api/errors/{}#{error_type}",
                status.as_u16()
            ),
        };
        with_challenge(status, Json(body))
    }
}

impl IntoResponses for ApiError {
    fn responses() -> Responses {
        with_middleware_errors(error_responses::<ApiErrorBody>(&[400, 401, 404]))
    }
}

/// Adds the errors of the middleware, which have Stytch's shape at every endpoint.
pub(crate) fn with_middleware_errors(mut responses: Responses) -> Responses {
    responses.extend(error_responses::<ApiErrorBody>(&[413, 429]));
    responses
}

/// RFC 9110 section 11.6.1: a 401 names the authentication scheme.
fn with_challenge(status: StatusCode, body: impl IntoResponse) -> Response {
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="stytch""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
