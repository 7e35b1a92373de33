//! Which failures are transient, and who retries after which.
//!
//! | who retries | after | why |
//! |---|---|---|
//! | a caller | [`Error::is_transient`] | the call may succeed later without any change |
//! | one request, [`Repeat::Safe`] | a [transient status](is_transient_status), a truncated success, no connection, a timeout | repeating does no harm |
//! | one request, [`Repeat::IfRefused`] | 429 with `Retry-After` | the request was not carried out; repeating it otherwise could do harm |
//! | a token, refreshed | [`Error::is_transient`]; other failures are remembered for a fixed time | refused credentials are not sent again and again |
//! | a key set, refreshed | every failure, with growing delays | the issuer can fix a wrong response without the caller |
//! | a create, the end of a rotation | [`is_ambiguous`]: first it finds out the outcome | the call may have been carried out |
//! | a migration's calls | [`is_retryable_in_job`], up to eight times | a long job can wait, and each of its calls is repeatable |
//! | the shared token store | never: its circuit breaker opens | each process can fetch its own token |
//!
//! [`Repeat::Safe`]: crate::http::Repeat::Safe
//! [`Repeat::IfRefused`]: crate::http::Repeat::IfRefused

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::error::{Error, ErrorKind};
use crate::random;

/// Retries of one request after its first attempt.
const REPETITIONS: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(250);

impl Error {
    /// Whether the same call may succeed later without any change: true for `rate_limited`,
    /// `service`, `network`, `timeout` and `keys_unavailable`, and for an `unexpected_response`
    /// unless its status is a refusal (4xx). The library has already retried what is safe to retry:
    /// wait for [`retry_after`](crate::ErrorDetails::retry_after), or back off, before the next
    /// call.
    ///
    /// False for `outcome_unknown`: the call may have been carried out, and
    /// [`recovery`](crate::ErrorDetails::recovery) says what to check before repeating it.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        let status = self.details().status_code;
        let is_transient = status.is_some_and(is_transient_status);
        match self.kind() {
            ErrorKind::RateLimited
            | ErrorKind::Service
            | ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::KeysUnavailable => true,
            ErrorKind::OutcomeUnknown => false,
            // A server that names the reason knows it, even if its status is that of an outage.
            ErrorKind::Authentication | ErrorKind::PermissionDenied | ErrorKind::InvalidRequest => {
                matches!(status, Some(408 | 425 | 429))
            }
            // A proxy's page or a truncated response may be transient, but a 4xx is a refusal.
            ErrorKind::UnexpectedResponse => {
                is_transient || !status.is_some_and(|status| (400..500).contains(&status))
            }
            _ => is_transient,
        }
    }
}

/// Whether the status is transient (RFC 9110, section 15; RFC 6585, section 4).
pub(crate) fn is_transient_status(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether a failed call may have been carried out: no response arrived, or the response does not
/// tell. A gateway can return 5xx or 408 although the server behind it succeeded.
pub(crate) fn is_ambiguous(error: &Error) -> bool {
    let kinds = [
        ErrorKind::Network,
        ErrorKind::Timeout,
        ErrorKind::UnexpectedResponse,
        ErrorKind::Service,
        ErrorKind::OutcomeUnknown,
    ];
    let is_gateways = error.details().status_code.is_some_and(|code| code == 408 || code >= 500);
    !error.is_unsent() && (kinds.contains(&error.kind()) || is_gateways)
}

/// Whether a long job of repeatable calls retries: also after a gateway's own response of any
/// status.
pub(crate) fn is_retryable_in_job(error: &Error) -> bool {
    let kinds = [ErrorKind::UnexpectedResponse, ErrorKind::OutcomeUnknown];
    error.is_transient() || kinds.contains(&error.kind())
}

/// The delays between the attempts of one request.
pub(crate) fn schedule() -> impl BackoffBuilder {
    ExponentialBuilder::new().with_min_delay(FIRST_PAUSE).with_max_times(REPETITIONS)
}

/// Between half of `pause` and all of it, so that callers that failed together do not retry
/// together.
pub(crate) fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(random::between(0.5, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, status: Option<u16>) -> Error {
        Error::new(kind, "message").with(|d| d.status_code = status)
    }

    #[test]
    fn a_kind_that_may_pass_is_transient_whatever_its_status() {
        let transient = |kind: &ErrorKind| error(*kind, None).is_transient();
        let found: Vec<_> = ErrorKind::ALL.into_iter().filter(transient).collect();
        let expected = [
            ErrorKind::RateLimited,
            ErrorKind::Service,
            ErrorKind::Network,
            ErrorKind::Timeout,
            ErrorKind::UnexpectedResponse,
            ErrorKind::KeysUnavailable,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_status_decides_where_the_kind_does_not() {
        let cases = [
            (ErrorKind::UnexpectedResponse, 200, true),
            (ErrorKind::UnexpectedResponse, 403, false),
            (ErrorKind::UnexpectedResponse, 429, true),
            (ErrorKind::UnexpectedResponse, 502, true),
            (ErrorKind::InvalidRequest, 400, false),
            (ErrorKind::InvalidRequest, 408, true),
            (ErrorKind::Authentication, 401, false),
            (ErrorKind::Authentication, 503, false),
            (ErrorKind::InvalidRequest, 500, false),
            (ErrorKind::NotFound, 502, true),
            (ErrorKind::OutcomeUnknown, 503, false),
        ];
        for (kind, status, expected) in cases {
            let error = error(kind, Some(status));
            assert_eq!(error.is_transient(), expected, "{} {status}", kind.code());
            assert!(
                !expected || is_retryable_in_job(&error),
                "a long job is no less patient than a caller"
            );
        }
    }

    #[test]
    fn only_what_was_sent_is_ambiguous() {
        assert!(is_ambiguous(&error(ErrorKind::Network, None)));
        assert!(!is_ambiguous(&error(ErrorKind::Network, None).unsent()));
        assert!(is_ambiguous(&error(ErrorKind::NotFound, Some(502))));
        assert!(!is_ambiguous(&error(ErrorKind::RateLimited, Some(429))));
    }
}
