//! Responses of token endpoints, in RFC 6749's shapes.

use aws_lc_rs::error::Unspecified;
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use super::{ApiError, request_id, with_challenge, with_middleware_errors};
use crate::openapi::responses::{Responses, error_responses};

/// RFC 6749's success without Stytch's fields.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessTokenReply {
    pub(crate) access_token: String,
    /// Always `Bearer`.
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub(crate) scope: String,
}

/// RFC 6749's error: the token endpoint.
#[derive(Debug)]
pub(crate) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct OAuthErrorBody {
    status_code: u16,
    request_id: String,
    /// The stable code of the error: one of RFC 6749, section 5.2.
    error: &'static str,
    error_description: String,
    error_uri: &'static str,
}

impl OAuthError {
    fn new(status: StatusCode, error: &'static str, description: impl Into<String>) -> Self {
        Self { status, error, description: description.into() }
    }

    pub(crate) fn invalid_request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(crate) fn invalid_scope(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", description)
    }

    pub(crate) fn unsupported_grant_type() -> Self {
        let description = "The grant_type must be client_credentials or JWT bearer.";
        Self::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", description)
    }

    pub(crate) fn invalid_target() -> Self {
        let description = "A resource must be an absolute URI without a fragment.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_target", description)
    }

    /// The same for every assertion that proves no client's identity.
    pub(crate) fn invalid_grant() -> Self {
        let description = "The assertion is not a valid JWT of a client or a trusted issuer.";
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// The same for an unknown client, a wrong secret or assertion, a method that the client or
    /// the server does not allow, and an inactive client.
    pub(crate) fn invalid_client() -> Self {
        let description = "The client is unknown or inactive, or its secret is wrong.";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description)
    }

    pub(crate) fn server_error() -> Self {
        let description = "The cryptographic library failed.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", description)
    }

    fn into_parts(self) -> (StatusCode, &'static str, String) {
        (self.status, self.error, self.description)
    }
}

/// Errors that all endpoints have, in this endpoint's shape.
impl From<ApiError> for OAuthError {
    fn from(error: ApiError) -> Self {
        Self::new(error.status, "invalid_request", error.message)
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, error, error_description) = self.into_parts();
        let body = OAuthErrorBody {
            status_code: status.as_u16(),
            request_id: request_id(),
            error,
            error_description,
            error_uri: "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2",
        };
        with_challenge(status, Json(body))
    }
}

impl IntoResponses for OAuthError {
    fn responses() -> Responses {
        with_middleware_errors(error_responses::<OAuthErrorBody>(&[400, 401, 404]))
    }
}

/// RFC 6749's error without Stytch's fields: Auth0's token endpoint and the organization's.
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

    pub(crate) fn forbidden(error: &'static str, description: impl Into<String>) -> Self {
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
    fn responses() -> Responses {
        with_middleware_errors(error_responses::<TokenErrorBody>(&[400, 401, 403]))
    }
}
