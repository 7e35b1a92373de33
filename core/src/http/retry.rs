//! Whether and when one request is sent again; `crate::retry` has the table of who repeats what.

use std::time::Duration;

use reqwest::StatusCode;

use super::reply::Reply;
use crate::error::{Error, ErrorKind};
use crate::retry::{is_transient_status, jittered};

/// A longer `Retry-After` is the caller's to wait for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// After which failures a request may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// After any that may pass: it only reads, or doing it twice is as good as once.
    Safe,
    /// After 429 alone, which says that nothing was done: doing it twice could do harm.
    IfRefused,
    /// The caller decides.
    Never,
}

/// An attempt that came to nothing.
#[expect(clippy::large_enum_variant, reason = "one at a time, on its way up")]
pub(crate) enum Failed {
    /// There was an answer, but not one to be content with.
    Answered(Reply),
    Broke(Error),
}

impl Repeat {
    /// Whether the answer is worth another attempt.
    pub(super) fn regards_as_failed(self, reply: &Reply) -> bool {
        match self {
            Self::Safe => is_transient_status(reply.status.as_u16()) || reply.is_cut_short(),
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
    /// Whether the server may have carried the request out all the same.
    pub(super) fn is_in_doubt(&self) -> bool {
        match self {
            Self::Answered(reply) => reply.status != StatusCode::TOO_MANY_REQUESTS,
            Self::Broke(error) => !error.is_unsent(),
        }
    }

    /// How long to wait before the next attempt: as long as the server asks, or else `backoff` with
    /// jitter. `None` if there is no next one, or no time `left` for it.
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
