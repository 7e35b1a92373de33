//! Rotation of a client's secret in two phases: both secrets work until the rotation ends.

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
///
/// ```no_run
/// use stytch_m2m::{Client, Secret};
///
/// # async fn write_to_the_vault(_: &str) -> std::io::Result<()> { Ok(()) }
/// # async fn run(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// // The next secret becomes the only one once it is stored and a token was fetched with it.
/// let store = |next: Secret| async move {
///     write_to_the_vault(next.expose()).await?;
///     Ok::<_, Box<dyn std::error::Error>>(())
/// };
/// client.secrets().rotate_with("m2m-client-live-...", store).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Secrets {
    api: Arc<Api>,
}

impl Secrets {
    pub(crate) fn new(api: Arc<Api>) -> Self {
        Self { api }
    }

    /// Starts a rotation and returns the next secret, which Stytch cannot show again. From now on
    /// both secrets work.
    ///
    /// # Errors
    /// `conflict` when a rotation is in progress. `outcome_unknown` when the response was lost:
    /// then call [`recover_rotation`](Self::recover_rotation).
    pub async fn rotate_start(&self, client_id: &str) -> Result<RotateStartResponse> {
        let path = [client_id, "secrets", "rotate", "start"];
        self.api.call(Method::POST, &path, Some(&json!({}))).await.map_err(|e| {
            outcome_unknown(
                e,
                "a rotation may have started, and its next secret is lost: call \
                 recover_rotation, which cancels it and starts another; the current secret \
                 still works",
            )
        })
    }

    /// Ends a rotation without comparing or testing the next secret, which becomes the only one.
    ///
    /// # Errors
    /// `conflict` when no rotation is in progress; `outcome_unknown` when the response was lost.
    pub async fn rotate(&self, client_id: &str) -> Result<ClientResponse> {
        finish::end(&self.api, client_id).await.map_err(|e| {
            outcome_unknown(
                e,
                "the rotation may have ended: keep both secrets, get the client, and compare: \
                 client_secret_last_four shows the secret that works",
            )
        })
    }

    /// Cancels a rotation: the next secret stops working, and the current one stays. Call it only
    /// while nothing uses the next secret.
    ///
    /// After success no rotation is in progress. After a lost response the rotation may have ended
    /// instead: `client_secret_last_four` shows the secret that stayed.
    ///
    /// # Errors
    /// `conflict` when no rotation is in progress.
    pub async fn rotate_cancel(&self, client_id: &str) -> Result<ClientResponse> {
        let path = [client_id, "secrets", "rotate", "cancel"];
        let reply = self.api.send(Method::POST, &path, Some(&json!({}))).await;
        let reply = reply.map_err(may_be_in_progress)?;
        let in_doubt = reply.in_doubt;
        match reply.json() {
            // An earlier attempt, whose response was lost, may have cancelled it.
            Err(refused) if in_doubt && is_conflict(&refused) => {
                self.without_rotation(client_id, refused).await
            }
            outcome => outcome.map_err(may_be_in_progress),
        }
    }

    /// The client, if no rotation of it is in progress. Only the client shows whether the last
    /// rotation was cancelled or ended, and a replica may be behind, so every read must show the
    /// same.
    async fn without_rotation(&self, client_id: &str, refused: Error) -> Result<ClientResponse> {
        let mut seen = self.api.get(client_id).await.map_err(may_be_in_progress)?;
        for pause in PAUSES {
            sleep(pause).await;
            let now = self.api.get(client_id).await.map_err(may_be_in_progress)?;
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

    /// Starts a rotation after cancelling any rotation in progress, such as one whose next secret
    /// was lost with the response. The current secret works throughout.
    ///
    /// # Errors
    /// `outcome_unknown` when this response was lost too: call it again.
    pub async fn recover_rotation(&self, client_id: &str) -> Result<RotateStartResponse> {
        match self.rotate_start(client_id).await {
            Err(e) if is_conflict(&e) => {
                match self.rotate_cancel(client_id).await {
                    // It has ended in the meantime, as intended.
                    Err(e) if !is_conflict(&e) => Err(e),
                    _ => self.rotate_start(client_id).await,
                }
            }
            outcome => outcome,
        }
    }

    /// Ends a rotation safely: compares the secret with the client's
    /// `next_client_secret_last_four`, fetches a token with it, and makes it the only secret. A
    /// lost response is resolved by looking the client up. The call can be repeated: a rotation
    /// that has already ended with this secret is a success.
    ///
    /// No error cancels the rotation: both secrets keep working, and
    /// [`recovery`](crate::ErrorDetails::recovery) says what to do next.
    ///
    /// # Errors
    /// `conflict` when this is the current secret, when the rotation was cancelled or replaced, or
    /// when the client is inactive, so that it cannot fetch a token.
    /// The error of the test fetch, which is retried after a refusal. `outcome_unknown` when the
    /// rotation may or may not have ended: the next secret works either way.
    pub async fn rotate_finish(
        &self,
        client_id: &str,
        next_client_secret: &Secret,
    ) -> Result<ClientResponse> {
        Ending::new(&self.api, client_id, next_client_secret)?.run().await
    }

    /// Rotates the secret: starts a rotation, passes the next secret to `store`, fetches a token
    /// with it, and makes it the only secret. The client always has a working secret, provided that
    /// `store` keeps the current secret beside the next until this call returns.
    ///
    /// If `store` fails, the rotation is cancelled and the current secret stays. If a later step
    /// fails, or the future is dropped, the rotation stays in progress, since callers may already
    /// use the next secret: both secrets work, and [`rotate_finish`](Self::rotate_finish)
    /// continues.
    ///
    /// # Errors
    /// The error that `store` returned, unchanged, or an [`Error`] of
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

    /// Cancels after `store` failed. The caller gets the error of `store`, so this one is only
    /// logged.
    async fn abandon(&self, client_id: &str) {
        if let Err(error) = self.rotate_cancel(client_id).await {
            tracing::warn!(
                client_id,
                code = error.code(),
                "the rotation is still in progress: both secrets work; call rotate_cancel again"
            );
        }
    }
}

/// The error of a failed cancellation, with a recovery unless there was nothing to cancel.
fn may_be_in_progress(error: Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidConfig | ErrorKind::NotFound | ErrorKind::Conflict => error,
        _ => {
            with_recovery(error, "the rotation may still be in progress: call rotate_cancel again")
        }
    }
}
