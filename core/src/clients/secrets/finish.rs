//! Ends a rotation: compares the next secret with the client's, fetches a token with it, and makes
//! it the only secret. No failure cancels the rotation: both secrets keep working.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::clients::api::Api;
use crate::clients::model::{ClientResponse, ClientStatus, M2MClient, last_four};
use crate::clients::outcome::{
    Reconcile, Reconciled, is_conflict, outcome_unknown, reconcile, with_recovery,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Method;
use crate::secret::Secret;
use crate::token::Grant;
use crate::token::target::Target;

/// Delays before reading again, since a replica may be behind.
pub(super) const PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];

pub(super) const COMPARE: &str = "keep all secrets that you have, get the client, and compare: \
     client_secret_last_four shows the secret that works";
const FINISH_AGAIN: &str = "nothing was changed: call rotate_finish again with the next secret";
const ACTIVATE: &str = "nothing was changed: activate the client and call rotate_finish again, or \
     call rotate, which fetches no token";
const STILL_IN_PROGRESS: &str = "the rotation is still in progress and both secrets work: call \
     rotate_finish again with the next secret, or rotate_cancel if nothing uses it yet";
const MAY_HAVE_ENDED: &str = "the rotation may have ended: keep both secrets, and call \
     rotate_finish again with the next one";

/// The end of a rotation with a known next secret.
pub(super) struct Ending<'a> {
    api: &'a Api,
    client_id: &'a str,
    grant: Grant,
    /// The last four characters of the next secret.
    next: String,
}

/// The state of a rotation to the given secret, by the client's last four characters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RotationState {
    /// A rotation to the given secret is in progress.
    Next,
    /// The given secret is the only one.
    Only,
    /// The given secret is the current one, and a rotation to another one is in progress.
    Current,
    /// The given secret is unknown, and a rotation to another one is in progress.
    Replaced,
    /// The given secret is unknown, and no rotation is in progress.
    Gone,
}

impl<'a> Ending<'a> {
    pub(super) fn new(api: &'a Api, client_id: &'a str, secret: &Secret) -> Result<Self> {
        let url = api.project.token_url.clone();
        let (id, given) = (client_id.to_owned(), secret.clone());
        let grant = Grant::new(url, id, given, Vec::new(), Target::default(), BTreeMap::new())?;
        Ok(Self { api, client_id, grant, next: last_four(secret) })
    }

    pub(super) async fn run(&self) -> Result<ClientResponse> {
        let (state, found) = self.look_until(RotationState::is_settled).await.map_err(|e| {
            if e.kind() == ErrorKind::NotFound { e } else { with_recovery(e, FINISH_AGAIN) }
        })?;
        if found.m2m_client.status == ClientStatus::Inactive && state == RotationState::Next {
            let inactive = conflict("the client is inactive, so the next secret cannot be tested");
            return Err(with_recovery(inactive, ACTIVATE));
        }
        match state {
            RotationState::Next => {
                self.check_secret().await.map_err(|e| with_recovery(e, STILL_IN_PROGRESS))?
            }
            // An earlier call, whose response was lost, has ended it.
            RotationState::Only => {
                self.check_secret().await.map_err(|e| with_recovery(e, FINISH_AGAIN))?;
                return Ok(found);
            }
            other => return Err(other.conflict()),
        }
        let ended =
            reconcile(self).await.map_err(|e| match outcome_unknown(e, MAY_HAVE_ENDED) {
                e if e.details().recovery.is_some() => e,
                e if is_conflict(&e) => with_recovery(e, COMPARE),
                e => with_recovery(e, STILL_IN_PROGRESS),
            })?;
        self.confirm(ended).await
    }

    /// Fetches a token with the next secret, without any cache. A refusal is retried, since a
    /// replica may not know the secret yet.
    async fn check_secret(&self) -> Result<()> {
        let transport = &self.api.transport;
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match self.grant.fetch(transport).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            let refused = error.kind() == ErrorKind::Authentication;
            match pauses.next().filter(|_| refused) {
                Some(pause) => sleep(pause).await,
                None => {
                    return Err(error.with(|d| {
                        d.message = format!("the next secret cannot fetch a token: {}", d.message);
                    }));
                }
            }
        }
    }

    /// Checks that the given secret is now the only one: somebody may have replaced the rotation
    /// since it was compared.
    async fn confirm(&self, ended: ClientResponse) -> Result<ClientResponse> {
        if ended.m2m_client.client_secret_last_four == self.next {
            return Ok(ended);
        }
        match self
            .look_until(|now| matches!(now, RotationState::Only | RotationState::Current))
            .await
        {
            Ok((RotationState::Only | RotationState::Current, found)) => Ok(found),
            Ok(_) => Err(with_recovery(
                conflict(
                    "the rotation was replaced while it ended, and the next secret of the other \
                     rotation is now the only secret",
                ),
                COMPARE,
            )),
            Err(error) => {
                let unknown = error.clone().with(|d| d.kind = ErrorKind::OutcomeUnknown);
                Err(with_recovery(unknown, COMPARE).caused_by(error))
            }
        }
    }

    async fn compared(&self) -> Result<(RotationState, ClientResponse)> {
        let found = self.api.get(self.client_id).await?;
        Ok((RotationState::of(&self.next, &found.m2m_client), found))
    }

    /// Reads the client until `settles` accepts its state, with delays, since a replica may be
    /// behind. Returns the last state read.
    async fn look_until(
        &self,
        settles: fn(RotationState) -> bool,
    ) -> Result<(RotationState, ClientResponse)> {
        let mut last = self.compared().await?;
        for pause in PAUSES {
            if settles(last.0) {
                break;
            }
            sleep(pause).await;
            last = self.compared().await?;
        }
        Ok(last)
    }
}

impl RotationState {
    /// The state of a rotation to the secret that ends with `four`.
    fn of(four: &str, client: &M2MClient) -> Self {
        let next = client.next_client_secret_last_four.as_deref().filter(|next| !next.is_empty());
        let is_current = client.client_secret_last_four == four;
        match next {
            Some(next) if next == four => Self::Next,
            Some(_) if is_current => Self::Current,
            Some(_) => Self::Replaced,
            None if is_current => Self::Only,
            None => Self::Gone,
        }
    }

    /// Whether the state is final: not the result of a replica that is behind.
    fn is_settled(self) -> bool {
        matches!(self, Self::Next | Self::Only | Self::Current)
    }

    fn conflict(self) -> Error {
        match self {
            Self::Current => with_recovery(
                conflict(
                    "this is the current secret, and a rotation to another one is in progress",
                ),
                "nothing was changed and both secrets work: call rotate_finish with the secret \
                 that rotate_start returned",
            ),
            Self::Replaced => {
                with_recovery(conflict("a rotation to another secret is in progress"), COMPARE)
            }
            _ => with_recovery(
                conflict("no rotation to this secret is in progress: it was cancelled or replaced"),
                COMPARE,
            ),
        }
    }
}

/// Makes the next secret the only one.
pub(super) async fn end(api: &Api, client_id: &str) -> Result<ClientResponse> {
    api.call(Method::POST, &[client_id, "secrets", "rotate"], Some(&json!({}))).await
}

fn conflict(message: &str) -> Error {
    Error::new(ErrorKind::Conflict, message)
}

impl Reconcile for Ending<'_> {
    type Done = ClientResponse;

    async fn call(&self) -> Result<ClientResponse> {
        end(self.api, self.client_id).await
    }

    async fn look(&self, _: &Error, lost: bool) -> Result<Reconciled<ClientResponse>> {
        let (state, found) = self.look_until(RotationState::is_settled).await?;
        match state {
            RotationState::Next => Ok(Reconciled::NotDone),
            // `Current`: the next rotation is already in progress.
            RotationState::Only | RotationState::Current => Ok(Reconciled::Done(found)),
            // Cancelled, or read from a replica that is far behind.
            RotationState::Gone if lost => Ok(Reconciled::Unclear),
            other => Err(other.conflict()),
        }
    }
}
