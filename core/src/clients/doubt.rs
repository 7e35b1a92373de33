//! Calls that must not be repeated blindly: what to do when their answer was lost.

use backon::BackoffBuilder as _;
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
pub(super) fn is_open(error: &Error) -> bool {
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

/// Makes the call, and after a failure that leaves its outcome open lets `look` say what came of
/// it: repeats what was not done, and fails as `call` did where that cannot be told.
pub(super) async fn resolved<T>(
    mut call: impl AsyncFnMut() -> Result<T>,
    mut look: impl AsyncFnMut(&Error) -> Result<Finding<T>>,
) -> Result<T> {
    let mut pauses = retry::schedule().build();
    loop {
        let error = match call().await {
            Err(error) if error.is_unsent() || is_open(&error) || is_conflict(&error) => error,
            outcome => return outcome,
        };
        match look(&error).await {
            Ok(Finding::Done(value)) => return Ok(value),
            Ok(Finding::NotDone) => {}
            // That the server cannot be asked says nothing new.
            Err(found) if is_open(&found) => return Err(error),
            Err(found) => return Err(found),
        }
        let Some(pause) = pauses.next() else { return Err(error) };
        sleep(pause).await;
    }
}

/// Refused, but perhaps because of an earlier attempt that did it.
fn is_conflict(error: &Error) -> bool {
    error.kind() == ErrorKind::Conflict
}
