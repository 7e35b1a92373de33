//! The end of a rotation: the next secret is compared with the client's, checked by a test fetch, and
//! made the only one. Whatever fails on the way, nothing is cancelled: both secrets go on working.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::clients::api::Api;
use crate::clients::model::{ClientResponse, M2MClient, last_four};
use crate::clients::outcome::{
    Reconcile, Reconciled, is_conflict, outcome_unknown, reconcile, with_recovery,
};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Method;
use crate::secret::Secret;
use crate::token::Grant;

/// Before each repetition of a question whose answer may come from a replica that is behind.
pub(super) const PAUSES: [Duration; 3] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];

pub(super) const COMPARE: &str = "keep the secrets that you have, get the client, and compare: \
     client_secret_last_four shows the secret that works";
const FINISH_AGAIN: &str = "nothing was changed: call rotate_finish again with the next secret";
const STILL_UNDER_WAY: &str = "the rotation is still under way and both secrets work: call \
     rotate_finish again with the next secret, or rotate_cancel while nobody depends on it";
const MAY_HAVE_ENDED: &str = "the rotation may have ended: keep both secrets, and call \
     rotate_finish again with the next one";

/// The end of a rotation whose next secret is known.
pub(super) struct Ending<'a> {
    api: &'a Api,
    client_id: &'a str,
    grant: Grant,
    /// The last four characters of the next secret.
    next: String,
}

/// What a client's last four characters say of the secret that was given as the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// A rotation to it is under way.
    Next,
    /// It is the only one.
    Only,
    /// It is the current one, and a rotation to another is under way.
    Current,
    /// It is another, and a rotation to yet another is under way.
    Replaced,
    /// It is another, and no rotation is under way.
    Gone,
}

impl<'a> Ending<'a> {
    pub(super) fn new(api: &'a Api, client_id: &'a str, secret: &Secret) -> Result<Self> {
        let url = api.project.token_url.clone();
        let (id, given) = (client_id.to_owned(), secret.clone());
        let grant = Grant::new(url, id, given, Vec::new(), BTreeMap::new())?;
        Ok(Self { api, client_id, grant, next: last_four(secret) })
    }

    pub(super) async fn run(&self) -> Result<ClientResponse> {
        let (standing, found) = self.look_until(Standing::is_settled).await.map_err(|e| {
            if e.kind() == ErrorKind::NotFound { e } else { with_recovery(e, FINISH_AGAIN) }
        })?;
        match standing {
            Standing::Next => {
                self.check_secret().await.map_err(|e| with_recovery(e, STILL_UNDER_WAY))?
            }
            // It ended by an earlier call whose answer was lost.
            Standing::Only => {
                self.check_secret().await.map_err(|e| with_recovery(e, FINISH_AGAIN))?;
                return Ok(found);
            }
            other => return Err(other.conflict()),
        }
        let ended =
            reconcile(self).await.map_err(|e| match outcome_unknown(e, MAY_HAVE_ENDED) {
                e if e.details().recovery.is_some() => e,
                e if is_conflict(&e) => with_recovery(e, COMPARE),
                e => with_recovery(e, STILL_UNDER_WAY),
            })?;
        self.confirm(ended).await
    }

    /// A test fetch: a token with the next secret, past every cache. A refusal counts only when it is
    /// repeated, for a replica may not know the secret yet.
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
                        d.message = format!("the next secret got no token: {}", d.message);
                    }));
                }
            }
        }
    }

    /// The answer to the end names the secret that is the only one now: another one's, if somebody
    /// replaced the rotation since it was compared.
    async fn confirm(&self, ended: ClientResponse) -> Result<ClientResponse> {
        if ended.m2m_client.client_secret_last_four == self.next {
            return Ok(ended);
        }
        match self.look_until(|now| matches!(now, Standing::Only | Standing::Current)).await {
            Ok((Standing::Only | Standing::Current, found)) => Ok(found),
            Ok(_) => Err(with_recovery(
                conflict(
                    "the rotation was replaced while it ended, and the next secret of the other \
                     rotation is the only one now",
                ),
                COMPARE,
            )),
            Err(error) => {
                let unknown = error.clone().with(|d| d.kind = ErrorKind::OutcomeUnknown);
                Err(with_recovery(unknown, COMPARE).caused_by(error))
            }
        }
    }

    async fn compared(&self) -> Result<(Standing, ClientResponse)> {
        let found = self.api.get(self.client_id).await?;
        Ok((Standing::of(&self.next, &found.m2m_client), found))
    }

    /// Looks again, after pauses, until there is an answer that settles it, for a replica may be
    /// behind; then takes the last answer.
    async fn look_until(
        &self,
        settles: fn(Standing) -> bool,
    ) -> Result<(Standing, ClientResponse)> {
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

impl Standing {
    /// What the secret is that ends with `four`.
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

    /// Whether a replica that is behind cannot be the reason.
    fn is_settled(self) -> bool {
        matches!(self, Self::Next | Self::Only | Self::Current)
    }

    fn conflict(self) -> Error {
        match self {
            Self::Current => with_recovery(
                conflict("this is the current secret, and a rotation to another one is under way"),
                "nothing was changed and both secrets work: call rotate_finish with the secret \
                 that rotate_start returned",
            ),
            Self::Replaced => with_recovery(
                conflict("another rotation is under way, to another secret than this one"),
                COMPARE,
            ),
            _ => with_recovery(
                conflict("no rotation to this secret is under way: it was cancelled or replaced"),
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
        let (standing, found) = self.look_until(Standing::is_settled).await?;
        match standing {
            Standing::Next => Ok(Reconciled::NotDone),
            // With the next rotation under way already, the other.
            Standing::Only | Standing::Current => Ok(Reconciled::Done(found)),
            // Cancelled, or a replica that is behind by more than that.
            Standing::Gone if lost => Ok(Reconciled::Unclear),
            other => Err(other.conflict()),
        }
    }
}
