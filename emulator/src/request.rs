//! What requests carry: credentials and bodies.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;

use crate::{reply::ApiError, state::Shared};

/// Larger bodies are refused.
pub(crate) const MAX_BODY_BYTES: usize = 1 << 20;

/// The name and password of an `Authorization: Basic` header.
pub(crate) fn basic_credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

/// Proof that the request carries the project's own credentials.
pub(crate) struct Management;

impl FromRequestParts<Shared> for Management {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        match basic_credentials(&parts.headers) {
            Some((project_id, secret))
                if project_id == state.project_id && state.project_secret.matches(&secret) =>
            {
                Ok(Self)
            }
            _ => Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized_credentials",
                "Unauthorized credentials: send the project ID and secret as HTTP Basic.",
            )),
        }
    }
}

/// Proof that the path names the emulated project.
pub(crate) struct Project;

impl FromRequestParts<Shared> for Project {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, ApiError> {
        let Path(project_id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| ApiError::bad_request("invalid_project_id", error.body_text()))?;
        if project_id == state.project_id {
            Ok(Self)
        } else {
            Err(ApiError::not_found("project_not_found", "No project has this project ID."))
        }
    }
}

/// Media types that the API takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MediaType {
    Json,
    Form,
}

impl MediaType {
    /// `None` without a `Content-Type`. As the real API, refuses JSON with a `charset`.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
        let value = value.to_str().unwrap_or_default();
        if value.eq_ignore_ascii_case("application/json") {
            return Ok(Some(Self::Json));
        }
        let essence = value.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(Some(Self::Form));
        }
        Err(ApiError::bad_request(
            "bad_request",
            "The Content-Type must be application/json, without parameters.",
        ))
    }
}

/// A JSON body. An empty one, without a `Content-Type`, is read as `{}`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &Shared) -> Result<Self, ApiError> {
        let media_type = MediaType::of(request.headers())?;
        let bytes = read(Bytes::from_request(request, state).await)?;
        match media_type {
            None if bytes.is_empty() => parse(b"{}").map(Self),
            Some(MediaType::Json) => parse(&bytes).map(Self),
            _ => Err(ApiError::bad_request(
                "bad_request",
                "The request needs a JSON body with Content-Type: application/json.",
            )),
        }
    }
}

/// Errors name the field at fault and never quote its value, which may be a secret.
fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let cause = error.inner().to_string();
        match error.path().to_string() {
            _ if !error.inner().is_data() => "The body is not valid JSON.".to_owned(),
            _ if cause.starts_with("missing field") => format!("The body lacks a field: {cause}."),
            path if path == "." => "The body has a wrong type.".to_owned(),
            path => format!("The field {path} has a wrong type or value."),
        }
    });
    parsed
        .and_then(|value| match deserializer.end() {
            Ok(()) => Ok(value),
            Err(_) => Err("The body has more than one JSON value.".to_owned()),
        })
        .map_err(|message| ApiError::bad_request("bad_request", message))
}

pub(crate) fn read(body: Result<Bytes, BytesRejection>) -> Result<Bytes, ApiError> {
    body.map_err(|error| ApiError::new(error.status(), "bad_request", error.body_text()))
}
