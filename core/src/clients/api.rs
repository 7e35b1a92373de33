//! The management API of a project: its address, credentials and transport.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::envelope::Envelope;
use super::limits;
use super::model::ClientResponse;
use crate::config::{Project, secret_of};
use crate::error::{Error, Result};
use crate::http::{
    Body, HeaderValue, MANAGEMENT_LIMIT, Method, Repeat, Reply, Request, Transport, json_body,
};
use crate::secret::Secret;

/// No body.
pub(crate) const NOTHING: Option<&()> = None;

/// A project's API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) project: Project,
    pub(crate) transport: Arc<Transport>,
    secret: Option<Secret>,
}

impl Api {
    pub(crate) fn new(
        project: Project,
        transport: Arc<Transport>,
        secret: Option<Secret>,
    ) -> Result<Self> {
        if let Some(secret) = &secret {
            secret_of("secret", Some(secret))?;
        }
        Ok(Self { project, transport, secret })
    }

    /// Reads one client.
    pub(super) async fn get(&self, client_id: &str) -> Result<ClientResponse> {
        self.call(Method::GET, &[client_id], NOTHING).await
    }

    /// One management call below `/v1/m2m/clients`.
    pub(super) async fn call<T: DeserializeOwned + Envelope>(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<T> {
        record(&self.send(method, path, body).await?)
    }

    /// Like [`call`](Self::call), but returns the unparsed response.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<Reply> {
        let authorization = self.authorization()?;
        let segments = [&["v1", "m2m", "clients"], path].concat();
        limits::check_path(path)?;
        let body = match body {
            None => Body::Empty,
            Some(value) => Body::Json(json_body(value)?),
        };
        let repeat = repeat(&method, path);
        let request = Request {
            operation: operation(&method, path),
            method,
            url: self.project.url(&segments),
            authorization: Some(authorization),
            if_none_match: None,
            body,
            limit: MANAGEMENT_LIMIT,
            repeat,
            attempt_timeout: None,
        };
        self.transport.send(request).await
    }

    /// Basic authentication with the project's credentials (RFC 7617).
    fn authorization(&self) -> Result<HeaderValue> {
        let secret = secret_of("secret", self.secret.as_ref())?;
        let pair = Zeroizing::new(format!("{}:{}", self.project.id, secret.expose()));
        let basic = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut value = HeaderValue::from_str(&basic)
            .map_err(|_| Error::invalid_config("secret", "secret cannot be sent in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// Parses a response and fills in missing members of its envelope.
pub(super) fn record<T: DeserializeOwned + Envelope>(reply: &Reply) -> Result<T> {
    let mut record: T = reply.json()?;
    record.complete(reply.status.as_u16(), reply.request_id());
    Ok(record)
}

/// The name of a call.
fn operation(method: &Method, path: &[&str]) -> &'static str {
    match (method, path) {
        (&Method::POST, []) => "create",
        (&Method::POST, ["search"]) => "search",
        (&Method::POST, [.., "start"]) => "rotate_start",
        (&Method::POST, [.., "cancel"]) => "rotate_cancel",
        (&Method::POST, _) => "rotate",
        (&Method::PUT, _) => "update",
        (&Method::DELETE, _) => "delete",
        _ => "get",
    }
}

/// Whether a call can be repeated, or would create a second client or secret.
fn repeat(method: &Method, path: &[&str]) -> Repeat {
    match (method, path) {
        (&Method::POST, ["search"] | [.., "cancel"]) => Repeat::Safe,
        (&Method::POST, _) => Repeat::IfRefused,
        _ => Repeat::Safe,
    }
}
