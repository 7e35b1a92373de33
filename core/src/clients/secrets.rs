//! The rotation of a client's secret, in two phases: both secrets work until it ends.

mod finish;

use std::sync::Arc;

use serde_json::json;
use tokio::time::sleep;

use super::api::Api;
use super::model::{ClientResponse, RotateStartResponse};
use super::outcome::{is_conflict, outcome_unknown, with_recovery};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Method;
use crate::secret::Secret;
use finish::{COMPARE, Ending, PAUSES};

/// Rotation calls. Needs the project's secret.
#[derive(Clone, Debug)]
pub struct Secrets {
    api: Arc<Api>,
}

impl Secrets {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }

    /// Starts a rotation: the answer is the only sight of the next secret, and both work from now.
    ///
    /// # Errors
    /// `conflict` when a rotation is under way; `outcome_unknown` when the answer was lost, after
    /// which [`recover_rotation`](Self::recover_rotation) helps.
    pub async fn rotate_start(&self, client_id: &str) -> Result<RotateStartResponse> {
        let path = [client_id, "secrets", "rotate", "start"];
        self.api.call(Method::POST, &path, Some(&json!({}))).await.map_err(|e| {
            outcome_unknown(
                e,
                "a rotation may have started, its secret lost: recover_rotation cancels it and \
                 starts another; the current secret still works",
            )
        })
    }

    /// Ends a rotation without a test fetch: the next secret becomes the only one, whichever it is.
    ///
    /// # Errors
    /// `conflict` when none is under way; `outcome_unknown` when the answer was lost.
    pub async fn rotate(&self, client_id: &str) -> Result<ClientResponse> {
        finish::end(&self.api, client_id).await.map_err(|e| {
            outcome_unknown(
                e,
                "the rotation may have ended: keep both secrets, get the client, and compare: \
                 client_secret_last_four shows the secret that works",
            )
        })
    }

    /// Drops the next secret: the current one stays the only one. Only for a next secret that
    /// nobody depends on yet.
    ///
    /// It succeeds only when no rotation is under way any more. After a lost answer that may be
    /// because the rotation had ended: `client_secret_last_four` shows the secret that stayed.
    ///
    /// # Errors
    /// `conflict` when no rotation is under way.
    pub async fn rotate_cancel(&self, client_id: &str) -> Result<ClientResponse> {
        let path = [client_id, "secrets", "rotate", "cancel"];
        let reply = self.api.send(Method::POST, &path, Some(&json!({}))).await;
        let reply = reply.map_err(may_be_under_way)?;
        let in_doubt = reply.in_doubt;
        match reply.json() {
            // Refused, but perhaps because an attempt whose answer was lost did it already.
            Err(refused) if in_doubt && is_conflict(&refused) => {
                self.without_rotation(client_id, refused).await
            }
            outcome => outcome.map_err(may_be_under_way),
        }
    }

    /// The client, when no rotation of it is under way. Whether the last one was cancelled or ended,
    /// only the client shows, and a replica may be behind: all looks must show the same.
    async fn without_rotation(&self, client_id: &str, refused: Error) -> Result<ClientResponse> {
        let mut seen = self.api.get(client_id).await.map_err(may_be_under_way)?;
        for pause in PAUSES {
            sleep(pause).await;
            let now = self.api.get(client_id).await.map_err(may_be_under_way)?;
            if now.m2m_client.client_secret_last_four != seen.m2m_client.client_secret_last_four {
                return Err(with_recovery(refused, COMPARE));
            }
            seen = now;
        }
        match &seen.m2m_client.next_client_secret_last_four {
            None => Ok(seen),
            Some(_) => Err(with_recovery(refused, COMPARE)),
        }
    }

    /// Starts a rotation whatever is under way: one that was started already, and whose secret was
    /// lost with the answer, is cancelled first. The current secret works throughout.
    ///
    /// # Errors
    /// `outcome_unknown` when this answer was lost too: call it again.
    pub async fn recover_rotation(&self, client_id: &str) -> Result<RotateStartResponse> {
        match self.rotate_start(client_id).await {
            Err(e) if is_conflict(&e) => {
                match self.rotate_cancel(client_id).await {
                    // Gone meanwhile, which is what was wanted.
                    Err(e) if !is_conflict(&e) => Err(e),
                    _ => self.rotate_start(client_id).await,
                }
            }
            outcome => outcome,
        }
    }

    /// Ends a rotation after a test fetch: compares the secret with the client's
    /// `next_client_secret_last_four`, fetches a token with it, and makes it the only one. A lost
    /// answer is resolved by looking the client up. May be called again at any time: a rotation that
    /// has ended with this secret is a success.
    ///
    /// Nothing is ever cancelled: after every error both secrets go on working, and
    /// [`recovery`](crate::ErrorDetails::recovery) says how to go on.
    ///
    /// # Errors
    /// `conflict` when this is the current secret, or when the rotation was cancelled or replaced;
    /// the error of the test fetch, a refusal only after it was repeated; `outcome_unknown` when it
    /// cannot be told whether the rotation ended: the next secret works either way.
    pub async fn rotate_finish(
        &self,
        client_id: &str,
        next_client_secret: &Secret,
    ) -> Result<ClientResponse> {
        Ending::new(&self.api, client_id, next_client_secret)?.run().await
    }

    /// A whole rotation: hands the next secret to `store`, checks it by a test fetch of a token, and
    /// makes it the only one. At no moment is the client without a working secret: `store` should therefore
    /// keep the current one beside the next until this returns.
    ///
    /// If `store` fails, the rotation is cancelled: the current secret stays. What fails after
    /// `store` has succeeded cancels nothing, for callers may use the next secret by then: the
    /// rotation stays under way, both secrets work, and
    /// [`rotate_finish`](Self::rotate_finish) goes on. The same holds for a future that is dropped.
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

    /// After a failure of the store, which is what the caller should hear of.
    async fn abandon(&self, client_id: &str) {
        if let Err(error) = self.rotate_cancel(client_id).await {
            tracing::warn!(
                client_id,
                code = error.code(),
                "the rotation is still under way: both secrets work, and rotate_cancel ends it"
            );
        }
    }
}

/// A cancel that failed, unless there was nothing to cancel.
fn may_be_under_way(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidConfig | ErrorKind::NotFound | ErrorKind::Conflict => error,
        _ => with_recovery(error, "the rotation may still be under way: call rotate_cancel again"),
    }
}
