//! Resolves the outcome of calls that are not safe to repeat, after their response was lost.

use backon::{BackoffBuilder as _, Retryable as _};
use tokio::time::sleep;

use crate::error::{Error, ErrorKind, Result};
use crate::http::with_advice;
use crate::retry::{self, is_ambiguous};

/// The state at the server after a call with an unknown outcome.
pub(super) enum Reconciled<T> {
    /// The call was carried out.
    Done(T),
    /// The call was not carried out, so that it can be repeated.
    NotDone,
    /// The server does not show whether it was carried out.
    Unclear,
}

/// Turns an error that leaves the outcome unknown into `outcome_unknown` with this recovery.
pub(crate) fn outcome_unknown(error: Error, recovery: &str) -> Error {
    if !is_ambiguous(&error) {
        return error;
    }
    let unknown = with_recovery(error.clone(), recovery);
    unknown.with(|d| d.kind = ErrorKind::OutcomeUnknown).caused_by(error)
}

/// Adds a recovery to the error.
pub(super) fn with_recovery(error: Error, recovery: &str) -> Error {
    with_advice(error, recovery).with(|d| d.recovery = Some(recovery.to_owned()))
}

/// A call that is not safe to repeat, and the request that finds out its outcome.
pub(super) trait Reconcile: Sync {
    type Done;

    /// Makes the call once.
    fn call(&self) -> impl Future<Output = Result<Self::Done>> + Send;

    /// Looks at the server after the call failed with `error`. `lost`: the response of this or an
    /// earlier attempt was lost.
    fn look(
        &self,
        error: &Error,
        lost: bool,
    ) -> impl Future<Output = Result<Reconciled<Self::Done>>> + Send;
}

/// Makes the call, and looks at the server after a failure that leaves the outcome unknown. Repeats
/// a call that was not carried out; returns the call's error if the outcome stays unknown.
pub(super) async fn reconcile<A: Reconcile>(attempt: &A) -> Result<A::Done> {
    let mut pauses = retry::schedule().build();
    // The first failure that left the outcome unknown. A later refusal does not resolve it, since
    // that attempt may have been carried out.
    let mut lost: Option<Error> = None;
    loop {
        let error = match attempt.call().await {
            Err(error) if lost.is_some() || cannot_tell(&error) || is_conflict(&error) => error,
            outcome => return outcome,
        };
        if lost.is_none() && is_ambiguous(&error) {
            lost = Some(error.clone());
        }
        match look(attempt, &error, lost.is_some()).await {
            Ok(Reconciled::Done(value)) => return Ok(value),
            Ok(Reconciled::NotDone) => {}
            Ok(Reconciled::Unclear) => return Err(lost.unwrap_or(error)),
            Err(found) if is_conflict(&found) => return Err(found),
            // A server that cannot be reached gives no information.
            Err(found) => {
                return Err(lost.unwrap_or(if cannot_tell(&found) { error } else { found }));
            }
        }
        let Some(pause) = pauses.next() else { return Err(lost.unwrap_or(error)) };
        sleep(pause).await;
    }
}

async fn look<A: Reconcile>(attempt: &A, error: &Error, lost: bool) -> Result<Reconciled<A::Done>> {
    let once = || attempt.look(error, lost);
    once.retry(retry::schedule()).sleep(sleep).when(cannot_tell).await
}

fn cannot_tell(found: &Error) -> bool {
    found.is_unsent() || is_ambiguous(found)
}

/// Whether the call was refused, perhaps because an earlier attempt was carried out.
pub(super) fn is_conflict(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict
}
