//! Extractors: credentials, paths, queries and bodies of requests.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use crate::{json::parse, reply::ApiError, state::SharedState};

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

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Extractor: rejects requests without the project's credentials.
pub(crate) struct ProjectAuth;

impl FromRequestParts<SharedState> for ProjectAuth {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        match basic_credentials(&parts.headers) {
            Some((project_id, secret))
                if project_id == state.project_id && state.project_secret.matches(&secret) =>
            {
                Ok(Self)
            }
            _ => Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized_credentials",
                "Unauthorized credentials: the project ID or the secret is wrong, or missing in HTTP Basic.",
            )),
        }
    }
}

/// Extractor: rejects paths with another project id.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "checked where it is read; the field is for the schema")]
pub(crate) struct Project {
    /// The emulated project.
    project_id: String,
}

impl FromRequestParts<SharedState> for Project {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        let PathParameter(project_id) = PathParameter::from_request_parts(parts, state).await?;
        if project_id == state.project_id {
            Ok(Self { project_id })
        } else {
            Err(ApiError::not_found("project_not_found", "No project has this project ID."))
        }
    }
}

/// The one parameter of a path.
pub(crate) struct PathParameter(pub(crate) String);

impl FromRequestParts<SharedState> for PathParameter {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(segment)| Self(segment))
            .map_err(|_| ApiError::bad_request("bad_request", "The path must be UTF-8."))
    }
}

/// A query string.
pub(crate) struct QueryString<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<SharedState> for QueryString<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &SharedState) -> Result<Self, ApiError> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(query)| Self(query))
            .map_err(|error| ApiError::bad_request("bad_request", error.body_text()))
    }
}

/// Media types that the API accepts.
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

/// A JSON body. An empty one is read as `null`.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<SharedState> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &SharedState) -> Result<Self, ApiError> {
        let media_type = MediaType::of(request.headers())?;
        let bytes = read(request, state).await?;
        match media_type {
            None | Some(MediaType::Json) if bytes.is_empty() => parse(b"null").map(Self),
            Some(MediaType::Json) => parse(&bytes).map(Self),
            _ => Err(ApiError::bad_request(
                "bad_request",
                "The request needs a JSON body with Content-Type: application/json.",
            )),
        }
    }
}

/// A JSON body with any `Content-Type`: the emulator's own endpoints do not check it.
pub(crate) struct LenientBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<SharedState> for LenientBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &SharedState) -> Result<Self, ApiError> {
        parse(&read(request, state).await?).map(Self)
    }
}

async fn read(request: Request, state: &SharedState) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|error| ApiError::new(error.status(), "bad_request", error.body_text()))
}
