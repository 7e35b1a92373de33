//! Retries of one request; `crate::retry` has the table of all retries.

use std::time::Duration;

use reqwest::StatusCode;

use super::reply::Reply;
use crate::error::{Error, ErrorKind};
use crate::retry::{is_transient_status, jittered};

/// The longest `Retry-After` that is waited for; the caller must wait longer ones.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// The failures after which a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// After any transient failure: the request only reads, or repeating it does no harm.
    Safe,
    /// Only after 429, which means that the request was not carried out: repeating it could do
    /// harm.
    IfRefused,
    /// The caller decides.
    Never,
}

/// A failed attempt.
#[expect(clippy::large_enum_variant, reason = "one at a time, on its way up")]
pub(crate) enum Failed {
    /// A response arrived, but it is to be retried.
    Answered(Reply),
    Broke(Error),
}

impl Repeat {
    /// Whether the response should be retried.
    pub(super) fn regards_as_failed(self, reply: &Reply) -> bool {
        match self {
            Self::Safe => {
                let is_transient = is_transient_status(reply.status.as_u16());
                (is_transient && !reply.is_definite()) || reply.is_truncated()
            }
            Self::IfRefused => {
                reply.status == StatusCode::TOO_MANY_REQUESTS && reply.retry_after.is_some()
            }
            Self::Never => false,
        }
    }

    pub(super) fn allows(self, failed: &Failed) -> bool {
        match failed {
            Failed::Answered(reply) => self.regards_as_failed(reply),
            Failed::Broke(error) => {
                let may_pass = matches!(error.kind(), ErrorKind::Network | ErrorKind::Timeout);
                may_pass && self == Self::Safe
            }
        }
    }
}

impl Failed {
    /// Whether the server may have carried out the request.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            Self::Answered(reply) => reply.status != StatusCode::TOO_MANY_REQUESTS,
            Self::Broke(error) => !error.is_unsent(),
        }
    }

    /// The delay before the next attempt: the server's `Retry-After`, or else `backoff` with
    /// jitter. `None` if there is no next attempt, or no time `left` for it.
    pub(super) fn pause(&self, backoff: Option<Duration>, left: Duration) -> Option<Duration> {
        let asked = match self {
            Self::Answered(reply) => reply.retry_after,
            Self::Broke(_) => None,
        };
        let pause = match asked {
            Some(asked) if asked > LONGEST_RETRY_AFTER => return None,
            Some(asked) => backoff.map(|_| asked),
            None => backoff.map(jittered),
        };
        pause.filter(|pause| *pause < left)
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Answered(reply) => reply.error().code(),
            Self::Broke(error) => error.code(),
        }
    }
}
