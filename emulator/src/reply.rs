//! Stytch's answers: success, and the two error shapes.

use aws_lc_rs::error::Unspecified;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use uuid::Uuid;

pub(crate) fn request_id() -> String {
    format!("request-id-test-{}", Uuid::new_v4())
}

/// A successful answer: the operation's own fields, then the two that every answer has.
#[derive(Serialize)]
pub(crate) struct Reply<T> {
    #[serde(flatten)]
    body: T,
    request_id: String,
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
pub(crate) struct ApiError {
    status: StatusCode,
    error_type: &'static str,
    message: String,
}

#[derive(Serialize)]
struct ApiErrorBody {
    status_code: u16,
    request_id: String,
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

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<Unspecified> for ApiError {
    fn from(Unspecified: Unspecified) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_server_error",
            "The cryptographic library failed.",
        )
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

/// RFC 6749's error: the token endpoint.
pub(crate) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

#[derive(Serialize)]
struct OAuthErrorBody {
    status_code: u16,
    request_id: String,
    error: &'static str,
    error_description: String,
    error_uri: &'static str,
}

impl OAuthError {
    fn bad_request(error: &'static str, description: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description: description.into() }
    }

    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_request", description)
    }

    pub(crate) fn invalid_scope(description: impl Into<String>) -> Self {
        Self::bad_request("invalid_scope", description)
    }

    pub(crate) fn unsupported_grant_type() -> Self {
        Self::bad_request("unsupported_grant_type", "The grant_type must be client_credentials.")
    }

    /// The same for an unknown client, a wrong secret and an inactive client.
    pub(crate) fn invalid_client() -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            description: "The client is unknown or inactive, or its secret is wrong.".into(),
        }
    }
}

impl From<ApiError> for OAuthError {
    fn from(error: ApiError) -> Self {
        let name =
            if error.status().is_server_error() { "server_error" } else { "invalid_request" };
        Self { status: error.status(), error: name, description: error.message }
    }
}

impl From<Unspecified> for OAuthError {
    fn from(error: Unspecified) -> Self {
        ApiError::from(error).into()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let Self { status, error, description } = self;
        let body = OAuthErrorBody {
            status_code: status.as_u16(),
            request_id: request_id(),
            error,
            error_description: description,
            error_uri: "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2",
        };
        with_challenge(status, Json(body))
    }
}

/// RFC 9110 section 11.6.1: a 401 names the scheme that would do.
fn with_challenge(status: StatusCode, body: impl IntoResponse) -> Response {
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static(r#"Basic realm="stytch""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
