//! Calls that must not be repeated blindly: what to do when their answer was lost.

use backon::{BackoffBuilder as _, Retryable as _};
use tokio::time::sleep;

use crate::error::{Error, ErrorKind, Result};
use crate::retry::{self, is_ambiguous};

/// What a look at the server shows after a call whose outcome is open.
pub(super) enum Reconciled<T> {
    /// It was carried out.
    Done(T),
    /// It was not, so that it can be repeated.
    NotDone,
    /// The server does not show which.
    Unclear,
}

/// A lost answer leaves the outcome open, which is an error of its own.
pub(crate) fn outcome_unknown(error: Error, recovery: &str) -> Error {
    if !is_ambiguous(&error) {
        return error;
    }
    let unknown = with_recovery(error.clone(), recovery);
    unknown.with(|d| d.kind = ErrorKind::OutcomeUnknown).caused_by(error)
}

/// The same error, and how to go on after it.
pub(super) fn with_recovery(error: Error, recovery: &str) -> Error {
    error.with(|d| {
        d.message = format!("{}. {recovery}", d.message);
        d.recovery = Some(recovery.to_owned());
    })
}

/// A call that must not be repeated blindly, and how to see what came of it.
pub(super) trait Reconcile: Sync {
    type Done;

    /// Makes the call once.
    fn call(&self) -> impl Future<Output = Result<Self::Done>> + Send;

    /// Looks at the server after the call failed with `error`; this one or an earlier one was
    /// `lost`.
    fn look(
        &self,
        error: &Error,
        lost: bool,
    ) -> impl Future<Output = Result<Reconciled<Self::Done>>> + Send;
}

/// Makes the call, and after a failure that leaves its outcome open looks what came of it: repeats
/// what was not done, and fails as the call did where that cannot be told.
pub(super) async fn reconcile<A: Reconcile>(attempt: &A) -> Result<A::Done> {
    let mut pauses = retry::schedule().build();
    // The first failure that left the outcome open. No later refusal closes it: whatever is
    // refused now, that attempt may have been carried out.
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
            // That the server cannot be asked now says nothing.
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

/// Refused, but perhaps because of an earlier attempt that did it.
pub(super) fn is_conflict(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict
}
