//! The rotation of a client's secret, in two phases: both secrets work until it ends.

use serde_json::json;

use super::model::{ClientResponse, RotateStartResponse};
use super::{Clients, unknown_if_lost};
use crate::error::Result;
use crate::http::Method;

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
    /// `conflict` when a rotation is under way; `outcome_unknown` when the answer was lost.
    pub async fn rotate_start(&self, client_id: &str) -> Result<RotateStartResponse> {
        let path = [client_id, "secrets", "rotate", "start"];
        self.clients.call(Method::POST, &path, Some(&json!({}))).await.map_err(|e| {
            unknown_if_lost(
                e,
                "a rotation may have started, its secret lost: get the client, and if \
                 next_client_secret_last_four is set, cancel and start again; the current secret \
                 still works",
            )
        })
    }

    /// Ends a rotation: the next secret becomes the only one.
    ///
    /// # Errors
    /// `conflict` when none is under way; `outcome_unknown` when the answer was lost.
    pub async fn rotate(&self, client_id: &str) -> Result<ClientResponse> {
        let path = [client_id, "secrets", "rotate"];
        self.clients.call(Method::POST, &path, Some(&json!({}))).await.map_err(|e| {
            unknown_if_lost(
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
}
