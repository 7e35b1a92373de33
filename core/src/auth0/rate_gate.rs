//! How a long job bears with servers that are busy or away.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::error::{Error, ErrorKind};
use crate::random;

/// Failures in a row, of one request, after which it is given up.
pub(super) const PATIENCE: u32 = 8;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_BACKOFF: f64 = 10.0;

/// One gate for all of a job's requests: who is told to wait makes all wait, since limits are per
/// project and not per connection.
#[derive(Debug, Default)]
pub(super) struct RateGate {
    closed_until: Mutex<Option<Instant>>,
}

impl RateGate {
    /// Waits until requests may go out.
    pub(super) async fn ready(&self) {
        loop {
            let until = *self.closed_until.lock().unwrap_or_else(|e| e.into_inner());
            match until.filter(|until| *until > Instant::now()) {
                Some(until) => sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Sends nothing for so long.
    pub(super) fn hold(&self, pause: Duration) {
        let until = Instant::now() + pause.min(LONGEST_PAUSE);
        let mut closed = self.closed_until.lock().unwrap_or_else(|e| e.into_inner());
        *closed = Some(closed.map_or(until, |set| set.max(until)));
    }

    /// Holds all back after a failure that may pass, the `nth` in a row.
    pub(super) fn hold_after(&self, error: &Error, nth: u32) {
        let doubled = (0.25 * 2f64.powi(nth.min(10) as i32)).min(LONGEST_BACKOFF);
        let backoff = Duration::from_secs_f64(random::between(doubled / 2.0, doubled));
        self.hold(error.details().retry_after.unwrap_or(backoff));
    }
}

/// Whether asking again later can help.
pub(super) fn may_pass(error: &Error) -> bool {
    let kinds = [
        ErrorKind::RateLimited,
        ErrorKind::Service,
        ErrorKind::Network,
        ErrorKind::Timeout,
        ErrorKind::UnexpectedResponse,
        ErrorKind::OutcomeUnknown,
        ErrorKind::KeysUnavailable,
    ];
    kinds.contains(&error.kind())
}
