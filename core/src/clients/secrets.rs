//! The rotation of a client's secret, in two phases: both secrets work until it ends.

use std::collections::BTreeMap;

use serde_json::json;

use super::Clients;
use super::doubt::{Attempt, Finding, outcome_unknown, resolved};
use super::model::{ClientResponse, RotateStartResponse, last_four};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Method;
use crate::secret::Secret;
use crate::token::Grant;

/// Rotation calls. Needs the project's secret.
#[derive(Clone, Debug)]
pub struct Secrets {
    clients: Clients,
}

impl Secrets {
    pub(super) fn new(clients: Clients) -> Self {
        Self { clients }
    }

    /// Starts a rotation: the answer is the only sight of the next secret, and both work from now.
    ///
    /// # Errors
    /// `conflict` when a rotation is under way; `outcome_unknown` when the answer was lost, after
    /// which [`recover_rotation`](Self::recover_rotation) helps.
    pub async fn rotate_start(&self, client_id: &str) -> Result<RotateStartResponse> {
        let path = [client_id, "secrets", "rotate", "start"];
        self.clients.call(Method::POST, &path, Some(&json!({}))).await.map_err(|e| {
            outcome_unknown(
                e,
                "a rotation may have started, its secret lost: recover_rotation cancels it and \
                 starts another; the current secret still works",
            )
        })
    }

    /// Ends a rotation: the next secret becomes the only one.
    ///
    /// # Errors
    /// `conflict` when none is under way; `outcome_unknown` when the answer was lost.
    pub async fn rotate(&self, client_id: &str) -> Result<ClientResponse> {
        self.end(client_id).await.map_err(|e| {
            outcome_unknown(
                e,
                "the rotation may have ended: get the client and compare client_secret_last_four",
            )
        })
    }

    /// Drops the next secret: the current one stays the only one.
    ///
    /// # Errors
    /// `conflict` when no rotation is under way.
    pub async fn rotate_cancel(&self, client_id: &str) -> Result<ClientResponse> {
        let path = [client_id, "secrets", "rotate", "cancel"];
        let reply = self.clients.send(Method::POST, &path, Some(&json!({}))).await?;
        // Refused, but perhaps because an attempt whose answer was lost did it already.
        if reply.status.is_client_error() && reply.in_doubt {
            let now = self.clients.get(client_id).await?;
            if now.m2m_client.next_client_secret_last_four.is_none() {
                return Ok(now);
            }
        }
        reply.json()
    }

    /// Starts a rotation whatever is under way: one that was started already, and whose secret was
    /// lost with the answer, is cancelled first. The current secret works throughout.
    ///
    /// # Errors
    /// `outcome_unknown` when this answer was lost too: call it again.
    pub async fn recover_rotation(&self, client_id: &str) -> Result<RotateStartResponse> {
        match self.rotate_start(client_id).await {
            Err(e) if e.kind() == ErrorKind::Conflict => {
                self.rotate_cancel(client_id).await?;
                self.rotate_start(client_id).await
            }
            outcome => outcome,
        }
    }

    /// Ends a rotation after proof: fetches a token with the next secret, and makes it the only one.
    /// A lost answer is resolved by looking the client up.
    ///
    /// # Errors
    /// The error of the proof, after which the rotation is cancelled and the current secret stays;
    /// `conflict` when the rotation is gone; `outcome_unknown` when it cannot be told whether it
    /// ended: the next secret works either way, so call [`rotate`](Self::rotate) again.
    pub async fn rotate_finish(
        &self,
        client_id: &str,
        next_client_secret: &Secret,
    ) -> Result<ClientResponse> {
        if let Err(error) = self.prove(client_id, next_client_secret).await {
            self.abandon(client_id).await;
            return Err(error);
        }
        let ending = Ending { secrets: self, client_id, next: last_four(next_client_secret) };
        resolved(&ending).await.map_err(|e| {
            outcome_unknown(
                e,
                "the rotation may have ended: the next secret works either way; call rotate again",
            )
        })
    }

    /// A whole rotation: hands the next secret to `store`, proves it by fetching a token, and makes
    /// it the only one. If anything fails before the end, the rotation is cancelled, and the current
    /// secret stays. At no moment is the client without a working secret: `store` should therefore
    /// keep the current one beside the next until this returns.
    ///
    /// # Errors
    /// What `store` returned, unchanged, or an [`Error`] of
    /// [`rotate_start`](Self::rotate_start) or [`rotate_finish`](Self::rotate_finish).
    pub async fn rotate_with<E, F>(
        &self,
        client_id: &str,
        store: impl FnOnce(Secret) -> F,
    ) -> Result<ClientResponse, E>
    where
        E: From<Error>,
        F: Future<Output = Result<(), E>>,
    {
        let started = self.rotate_start(client_id).await?;
        let next = started.m2m_client.next_client_secret;
        if let Err(error) = store(next.clone()).await {
            self.abandon(client_id).await;
            return Err(error);
        }
        Ok(self.rotate_finish(client_id, &next).await?)
    }

    async fn end(&self, client_id: &str) -> Result<ClientResponse> {
        let path = [client_id, "secrets", "rotate"];
        self.clients.call(Method::POST, &path, Some(&json!({}))).await
    }

    /// Fetches a token with this secret, past every cache.
    async fn prove(&self, client_id: &str, secret: &Secret) -> Result<()> {
        let inner = &self.clients.client.inner;
        let url = inner.project.token_url.clone();
        let (id, secret) = (client_id.to_owned(), secret.clone());
        let grant = Grant::new(url, id, secret, Vec::new(), BTreeMap::new())?;
        grant.fetch(&inner.transport).await.map(|_| ())
    }

    /// After a failure, which is what the caller should hear of: left under way, the rotation does
    /// no harm.
    async fn abandon(&self, client_id: &str) {
        if let Err(error) = self.rotate_cancel(client_id).await {
            tracing::warn!(code = error.code(), "the rotation is still under way");
        }
    }
}

/// The end of a rotation whose next secret is known.
struct Ending<'a> {
    secrets: &'a Secrets,
    client_id: &'a str,
    /// The last four characters of the next secret.
    next: String,
}

impl Attempt for Ending<'_> {
    type Done = ClientResponse;

    async fn call(&self) -> Result<ClientResponse> {
        self.secrets.end(self.client_id).await
    }

    async fn look(&self, _: &Error, _: bool) -> Result<Finding<ClientResponse>> {
        let found = self.secrets.clients.get(self.client_id).await?;
        let client = &found.m2m_client;
        match client.next_client_secret_last_four.as_ref() {
            Some(next) if *next == self.next => Ok(Finding::NotDone),
            None if client.client_secret_last_four == self.next => Ok(Finding::Done(found)),
            _ => Err(Error::new(
                ErrorKind::Conflict,
                "the rotation was cancelled or replaced meanwhile: start again",
            )),
        }
    }
}
