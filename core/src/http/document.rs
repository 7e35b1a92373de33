//! Documents that servers publish for everyone: key sets and metadata.

use std::future::Future;
use std::time::Duration;

use url::Url;

use super::{Body, HeaderValue, KEY_SET_LIMIT, Method, Repeat, Request};
use crate::error::{Error, ErrorKind, Result};

/// The time limits of a fetch, and of each of its attempts.
const DEADLINE: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(3);

/// The request for a document, without credentials.
pub(crate) fn request(
    operation: &'static str,
    url: Url,
    if_none_match: Option<HeaderValue>,
) -> Request {
    Request {
        operation,
        method: Method::GET,
        url,
        authorization: None,
        if_none_match,
        body: Body::Empty,
        limit: KEY_SET_LIMIT,
        repeat: Repeat::Never,
        attempt_timeout: Some(ATTEMPT),
    }
}

/// Runs `ask` within the deadline, and once more if it fails in a way that may pass. `is_failing`
/// is whether earlier fetches failed: in an outage only the backoff decides when to retry.
pub(crate) async fn ask_twice<T, F>(what: &str, is_failing: bool, ask: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let attempts = async {
        match ask().await {
            Err(error) if is_retryable(&error) && !is_failing => ask().await,
            outcome => outcome,
        }
    };
    tokio::time::timeout(DEADLINE, attempts).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Timeout, format!("{what} did not arrive within 5 s")))
    })
}

/// Whether to retry: no response, a gateway's error, or a success with a page or a truncated
/// document.
fn is_retryable(error: &Error) -> bool {
    let status = error.details().status_code;
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout => true,
        ErrorKind::UnexpectedResponse => matches!(status, Some(200 | 502..=504)),
        _ => matches!(status, Some(502..=504)),
    }
}
