//! The emulator's own address, by the name under which a request called it.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{
        header,
        request::Parts,
        uri::{Authority, Scheme},
    },
};

use crate::state::SharedState;

/// The origin that the client called, such as `http://localhost:4000`: by the request's `Host`, and
/// behind a proxy that terminates TLS, by its `X-Forwarded-Proto`.
pub(crate) struct CalledUrl(String);

impl CalledUrl {
    /// The emulator's usual address.
    pub(crate) fn usual(base_url: &str) -> Self {
        Self(base_url.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The token endpoint of any address.
    pub(crate) fn token_url(&self, project_id: &str) -> String {
        format!("{}/v1/public/{project_id}/oauth2/token", self.0)
    }

    /// The token endpoint of a custom domain.
    pub(crate) fn domain_token_url(&self) -> String {
        format!("{}/v1/oauth2/token", self.0)
    }
}

impl FromRequestParts<SharedState> for CalledUrl {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &SharedState,
    ) -> Result<Self, Infallible> {
        let called = called(parts).map(Self);
        Ok(called.unwrap_or_else(|| Self::usual(&state.base_url)))
    }
}

/// `None` if the request names no valid host.
fn called(parts: &Parts) -> Option<String> {
    let host = || Authority::try_from(parts.headers.get(header::HOST)?.as_bytes()).ok();
    let authority = parts.uri.authority().cloned().or_else(host)?;
    if authority.host().is_empty() || authority.as_str().contains('@') {
        return None;
    }
    let forwarded = parts.headers.get("x-forwarded-proto");
    let scheme = match forwarded {
        Some(scheme) if scheme == "https" => Scheme::HTTPS,
        _ => Scheme::HTTP,
    };
    Some(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}
