//! Middleware for every request: counts, request log, rate limit, faults.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, FromRequestParts as _, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use serde_json::{Map, Value};

use crate::{
    connection::Connection, faults::Effect, operation::Operation, rate_limit::WindowState,
    reply::ApiError, request::MAX_BODY_BYTES, request_log::NewRequest, state::SharedState,
    token::Grant,
};

/// The shared state, and the endpoint that a route is; `None` for the fallbacks.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) state: SharedState,
    pub(crate) operation: Option<Operation>,
}

pub(crate) async fn intercept(
    State(Endpoint { state, operation }): State<Endpoint>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await;
    let client_id = named_client(operation, &parts.headers, body.as_deref().unwrap_or_default());
    if let Some(operation) = operation {
        state.counts.record(operation);
    }
    if let (Some(Operation::Token), Some(client_id)) = (operation, &client_id) {
        state.counts.record_token_request(client_id);
    }
    let fault = state.faults.take(operation);
    let number = state.log.record(NewRequest {
        operation,
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        client_id,
        fault: fault.as_ref().map(|effect| effect.name().to_owned()),
    });
    let window = operation.and_then(|operation| state.rate_limits.count(operation));
    let connection = connection(&mut parts).await;
    let handler = async {
        match body {
            _ if window.as_ref().is_some_and(|window| window.exceeded) => {
                ApiError::of_status(StatusCode::TOO_MANY_REQUESTS).into_response()
            }
            Ok(body) => next.run(Request::from_parts(parts, Body::from(body))).await,
            Err(_) => ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "bad_request",
                format!("The body must have {MAX_BODY_BYTES} bytes at most."),
            )
            .into_response(),
        }
    };
    let mut response = with_fault(fault, &connection, handler).await;
    if let Some(window) = window {
        add_rate_limit_headers(&window, &mut response);
    }
    state.log.record_status(number, response.status().as_u16());
    response
}

/// The client that a token request names.
fn named_client(operation: Option<Operation>, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    match operation {
        Some(Operation::Token | Operation::OrganizationToken | Operation::Auth0Token) => {
            Grant::named_client(headers, body)
        }
        _ => None,
    }
}

async fn connection(parts: &mut Parts) -> Connection {
    ConnectInfo::from_request_parts(parts, &())
        .await
        .map(|ConnectInfo(connection)| connection)
        .unwrap_or_default()
}

async fn with_fault(
    fault: Option<Effect>,
    connection: &Connection,
    handler: impl Future<Output = Response>,
) -> Response {
    match fault {
        None => handler.await,
        Some(Effect::Status { status, headers, body }) => synthetic_response(status, headers, body),
        Some(Effect::Delay { milliseconds }) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            handler.await
        }
        Some(Effect::Reset) => connection.reset().await,
        Some(Effect::MalformedBody) => truncate_body(handler.await).await,
        Some(Effect::DropAnswer) => {
            handler.await;
            connection.reset().await
        }
        Some(Effect::ChangeBody { set, remove }) => change_body(handler.await, set, &remove).await,
    }
}

fn synthetic_response(
    status: u16,
    headers: BTreeMap<String, String>,
    body: Option<String>,
) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(body) => (status, body).into_response(),
        None => ApiError::of_status(status).into_response(),
    };
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Changes members of a JSON object; any other body stays as it is.
async fn change_body(response: Response, set: Map<String, Value>, remove: &[String]) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    members.retain(|name, _| !remove.contains(name));
    members.extend(set);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(Value::Object(members).to_string()))
}

/// Cuts the body in half, so that it is not valid JSON.
async fn truncate_body(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let half: Bytes = body.slice(..body.len() / 2);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(half))
}

/// Auth0's headers. Stytch documents none; `Retry-After` helps clients that read it.
fn add_rate_limit_headers(window: &WindowState, response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert("x-ratelimit-limit", window.limit.into());
    headers.insert("x-ratelimit-remaining", window.remaining.into());
    headers.insert("x-ratelimit-reset", window.resets_at.into());
    if window.exceeded {
        headers.insert(header::RETRY_AFTER, window.retry_after_seconds().into());
    }
}
