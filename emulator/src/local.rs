//! The guard of the emulator's own endpoints: it accepts programs on this machine and rejects web
//! pages open in its browser.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::reply::ApiError;

/// Rejects DNS rebinding by `Host`, and requests of pages from other sites by `Origin`.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let is_own = request.uri().path().starts_with("/_emulator/");
    if is_own && !is_local(request.headers(), request.uri()) {
        let message = "The emulator's own endpoints accept requests to localhost, 127.0.0.1 and \
                       [::1] only, and none from pages of other sites. Use one of these hosts.";
        return ApiError::new(StatusCode::FORBIDDEN, "host_not_allowed", message).into_response();
    }
    next.run(request).await
}

fn is_local(headers: &HeaderMap, uri: &Uri) -> bool {
    let values = |name: HeaderName| headers.get_all(name).iter().map(|value| value.to_str());
    let mut hosts = values(header::HOST).peekable();
    let named = hosts.peek().is_some() || uri.host().is_some();
    named
        && hosts.all(|host| host.is_ok_and(is_loopback_authority))
        && uri.authority().is_none_or(|authority| is_loopback_authority(authority.as_str()))
        && values(header::ORIGIN).all(|origin| {
            let authority = origin.ok().and_then(|origin| origin.split_once("://"));
            authority.is_some_and(|(_, authority)| is_loopback_authority(authority))
        })
}

/// Whether a host, with or without a port, names this machine's loopback interface.
fn is_loopback_authority(authority: &str) -> bool {
    let Ok(uri) = authority.parse::<axum::http::uri::Authority>() else { return false };
    let host = uri.host().trim_matches(['[', ']']).to_ascii_lowercase();
    let is_name = host == "localhost" || host.ends_with(".localhost");
    is_name || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
