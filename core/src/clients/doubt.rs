//! Calls that must not be repeated blindly: what to do when their answer was lost.

use backon::{BackoffBuilder as _, Retryable as _};
use tokio::time::sleep;

use crate::error::{Error, ErrorKind, Result};
use crate::http::retry;

/// What a look at the server shows after a call whose outcome is open.
pub(super) enum Finding<T> {
    /// It was carried out.
    Done(T),
    /// It was not, so that it can be repeated.
    NotDone,
}

/// Whether the call may have been carried out although it failed.
fn is_open(error: &Error) -> bool {
    let kinds = [
        ErrorKind::Network,
        ErrorKind::Timeout,
        ErrorKind::UnexpectedResponse,
        ErrorKind::Service,
        ErrorKind::OutcomeUnknown,
    ];
    kinds.contains(&error.kind())
}

/// A lost answer leaves the outcome open, which is an error of its own.
pub(crate) fn outcome_unknown(error: Error, recovery: &str) -> Error {
    match error.kind() {
        _ if error.is_unsent() => error,
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::UnexpectedResponse => {
            let message = format!("{}. {recovery}", error.details().message);
            Error::new(ErrorKind::OutcomeUnknown, message).with(|d| {
                d.status_code = error.details().status_code;
                d.request_id.clone_from(&error.details().request_id);
                d.recovery = Some(recovery.to_owned());
            })
        }
        _ => error,
    }
}

/// A call that must not be repeated blindly, and how to see what came of it.
pub(super) trait Attempt: Sync {
    type Done;

    /// Makes the call once.
    fn call(&self) -> impl Future<Output = Result<Self::Done>> + Send;

    /// Looks at the server after the call failed with `error`; an earlier one was `lost`.
    fn look(
        &self,
        error: &Error,
        lost: bool,
    ) -> impl Future<Output = Result<Finding<Self::Done>>> + Send;
}

/// Makes the call, and after a failure that leaves its outcome open looks what came of it: repeats
/// what was not done, and fails as the call did where that cannot be told.
pub(super) async fn resolved<A: Attempt>(attempt: &A) -> Result<A::Done> {
    let mut pauses = retry::schedule().build();
    let mut lost = false;
    loop {
        let error = match attempt.call().await {
            Err(error) if cannot_tell(&error) || is_conflict(&error) => error,
            outcome => return outcome,
        };
        lost |= is_open(&error) && !error.is_unsent();
        match look(attempt, &error, lost).await {
            Ok(Finding::Done(value)) => return Ok(value),
            Ok(Finding::NotDone) => {}
            // That the server cannot be asked now says nothing.
            Err(found) if cannot_tell(&found) => return Err(error),
            Err(found) => return Err(found),
        }
        let Some(pause) = pauses.next() else { return Err(error) };
        sleep(pause).await;
    }
}

async fn look<A: Attempt>(attempt: &A, error: &Error, lost: bool) -> Result<Finding<A::Done>> {
    let once = || attempt.look(error, lost);
    once.retry(retry::schedule()).sleep(sleep).when(cannot_tell).await
}

fn cannot_tell(found: &Error) -> bool {
    found.is_unsent() || is_open(found)
}

/// Refused, but perhaps because of an earlier attempt that did it.
fn is_conflict(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict
}
