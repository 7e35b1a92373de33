//! Whether and when a request is sent again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::{Reply, StatusCode};
use crate::error::{Error, ErrorKind};
use crate::random;

/// Repetitions after the first attempt.
const REPETITIONS: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
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
            Self::Safe => is_transient(reply.status) || reply.is_cut_short(),
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
            None => backoff.map(|pause| pause.mul_f64(random::between(0.5, 1.0))),
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

pub(crate) fn schedule() -> impl BackoffBuilder {
    ExponentialBuilder::new().with_min_delay(FIRST_PAUSE).with_max_times(REPETITIONS)
}

/// Whether asking again later can help (RFC 9110, section 15; RFC 6585, section 4).
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500..=599)
}
