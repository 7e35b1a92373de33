//! Calls of functions that the user gave.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind, Result};
use crate::text::visible;

/// An error of a user's function. Messages and logs contain its text.
pub(crate) type FunctionError = Box<dyn std::error::Error + Send + Sync>;

/// Maximum characters of a function's error in a message.
const LONGEST_CAUSE: usize = 300;

/// The result of the function of the setting `field`, which may hang or panic.
pub(crate) async fn call<T>(
    field: &str,
    limit: Duration,
    function: impl Future<Output = Result<T, FunctionError>>,
) -> Result<T> {
    let failed = |kind, what: &str| Err(Error::new(kind, format!("{field}: its function {what}")));
    match timeout(limit, AssertUnwindSafe(function).catch_unwind()).await {
        Ok(Ok(Ok(value))) => Ok(value),
        Ok(Ok(Err(cause))) => {
            let cause: String = cause.to_string().chars().take(LONGEST_CAUSE).collect();
            failed(ErrorKind::Network, &format!("failed: {}", visible(&cause)))
        }
        Ok(Err(_)) => failed(ErrorKind::Network, "panicked"),
        Err(_) => failed(ErrorKind::Timeout, &format!("did not return within {limit:?}")),
    }
}
