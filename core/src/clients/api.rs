//! The management API of a project: its address, credentials and transport.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::envelope::Envelope;
use super::limits;
use super::model::ClientResponse;
use super::organization::OrganizationKey;
use crate::backoff::RefreshThrottle;
use crate::config::{Project, secret_of};
use crate::credential::live::LiveSecret;
use crate::credential::source::SecretSource;
use crate::error::{Error, Result};
use crate::http::{
    Body, HeaderValue, MANAGEMENT_LIMIT, Method, Repeat, Reply, Request, StatusCode, Transport,
    basic, json_body,
};
use crate::secret::Secret;

/// No body.
pub(crate) const NOTHING: Option<&()> = None;

/// A project's API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) project: Project,
    pub(crate) transport: Arc<Transport>,
    secret: Option<LiveSecret>,
    pub(super) organization: OrganizationKey,
    /// Holds back reads of a secret that was refused again.
    reads: RefreshThrottle,
}

/// Seconds until a secret that the server refused is read again, if it had not changed.
const READ_INTERVAL: f64 = 10.0;

impl Api {
    pub(crate) fn new(
        project: Project,
        transport: Arc<Transport>,
        secret: Option<SecretSource>,
        organization: OrganizationKey,
    ) -> Result<Self> {
        let config = transport.config();
        let secret = secret.map(|secret| {
            let check = |field: &str, secret: &Secret| secret_of(field, Some(secret)).map(drop);
            LiveSecret::new("secret", secret, check, config)
        });
        let secret = secret.transpose()?;
        Ok(Self { project, transport, secret, organization, reads: RefreshThrottle::default() })
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
        let mut response: T = record(&self.send(method, path, body).await?)?;
        for client in response.clients() {
            client.organization_id = self.organization.find(client.trusted_metadata.as_ref());
        }
        Ok(response)
    }

    /// Like [`call`](Self::call), but returns the unparsed response.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&(impl Serialize + ?Sized)>,
    ) -> Result<Reply> {
        let secret = self.secret.as_ref().ok_or_else(missing_secret)?;
        let segments = [&["v1", "m2m", "clients"], path].concat();
        limits::check_path(path)?;
        let request = |secret: &Secret| {
            let body = match body {
                None => Body::Empty,
                Some(value) => Body::Json(json_body(value)?),
            };
            Ok::<_, Error>(Request {
                operation: operation(&method, path),
                method: method.clone(),
                url: self.project.url(&segments),
                authorization: Some(self.authorization(secret)?),
                if_none_match: None,
                body,
                limit: MANAGEMENT_LIMIT,
                repeat: repeat(&method, path),
                attempt_timeout: None,
            })
        };
        let current = secret.get().await?;
        let reply = self.transport.send(request(&current)?).await?;
        if reply.status != StatusCode::UNAUTHORIZED {
            return Ok(reply);
        }
        // The call was not carried out, so it is safe to repeat.
        match self.other_secret(secret, &current).await {
            Some(other) => self.transport.send(request(&other)?).await,
            None => Ok(reply),
        }
    }

    /// The secret that has replaced a `refused` one.
    async fn other_secret(&self, secret: &LiveSecret, refused: &Secret) -> Option<Secret> {
        let other = |found: &Secret| found != refused;
        if let Some(known) = secret.known().filter(other) {
            return Some(known);
        }
        let now = self.transport.config().clock.now();
        if secret.is_fixed() || self.reads.is_held(now) {
            return None;
        }
        let found = secret.read().await.ok().filter(other);
        if found.is_none() {
            self.reads.hold(now, READ_INTERVAL);
        }
        found
    }

    /// Basic authentication with the project's credentials.
    fn authorization(&self, secret: &Secret) -> Result<HeaderValue> {
        basic(&self.project.id, "secret", secret.expose())
    }
}

fn missing_secret() -> Error {
    secret_of("secret", None).err().unwrap_or_else(|| Error::invalid_config("secret", "secret"))
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
