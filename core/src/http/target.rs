//! A request in the log.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde::Deserialize;

use super::sent::Sent;
use super::{Request, TOKEN_LIMIT, authority, reply};
use crate::config::is_loopback;
use crate::error::Error;
use crate::json::lenient;

/// The fields of a request in the log.
pub(super) struct Target {
    operation: &'static str,
    method: Method,
    /// The host with its port.
    pub(super) authority: String,
    /// Whether the host is this machine.
    pub(super) is_local: bool,
    /// The path without ids: a caller may have mixed up an id and a secret, and neither must be
    /// logged.
    path: String,
}

impl Target {
    pub(super) fn of(request: &Request) -> Self {
        let mut before = "";
        let segments = request.url.path().split('/').map(|segment| {
            let shown = match (before, segment) {
                ("clients", "search") => segment,
                ("clients", _) => "{client_id}",
                ("public" | "jwks", _) => "{project_id}",
                ("projects", _) => "{project_slug}",
                ("environments", _) => "{environment_slug}",
                _ => segment,
            };
            before = segment;
            shown
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let authority = authority(&request.url).to_owned();
        let is_local = is_loopback(&request.url);
        let (operation, method) = (request.operation, request.method.clone());
        Self { operation, method, authority, is_local, path }
    }

    pub(super) fn span(&self) -> tracing::Span {
        let Self { operation, method, authority, path, .. } = self;
        tracing::debug_span!("request", operation, %method, host = authority, path)
    }

    pub(super) fn answered(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        sent: &Sent,
        elapsed: Duration,
    ) {
        if !tracing::event_enabled!(tracing::Level::DEBUG) {
            return;
        }
        let Self { operation, method, authority, path, .. } = self;
        let (status, elapsed_ms) = (status.as_u16(), elapsed.as_millis());
        let request_id = reply::request_id(headers, sent).or_else(|| request_id_in(body, sent));
        tracing::debug!(
            status,
            operation,
            %method,
            host = authority,
            path,
            request_id,
            elapsed_ms,
            "answered"
        );
    }

    pub(super) fn failed(&self, error: &Error, elapsed: Duration) {
        let Self { operation, method, authority, path, .. } = self;
        let details = error.details();
        let (code, request_id) = (error.code(), details.request_id.as_deref());
        let elapsed_ms = elapsed.as_millis();
        tracing::debug!(
            code,
            operation,
            %method,
            host = authority,
            path,
            request_id,
            elapsed_ms,
            "request failed"
        );
    }

    pub(super) fn retrying(&self, code: &str, pause: Duration) {
        let Self { operation, method, authority, path, .. } = self;
        tracing::debug!(
            code,
            operation,
            %method,
            host = authority,
            path,
            ?pause,
            "request failed; retrying"
        );
    }
}

/// The request id in the body, unless the body is a long list.
fn request_id_in(body: &[u8], sent: &Sent) -> Option<String> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(default, deserialize_with = "lenient::text")]
        request_id: Option<String>,
    }
    let is_short = body.len() <= TOKEN_LIMIT;
    let wire = is_short.then(|| serde_json::from_slice::<Wire>(body).ok())??;
    wire.request_id.filter(|id| !id.is_empty() && id.len() <= 128).map(|id| sent.clean(&id))
}
