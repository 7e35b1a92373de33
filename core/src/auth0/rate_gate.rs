//! Retries and rate limits of a long job.

use std::sync::Mutex;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable as _};
use tokio::time::{Instant, sleep, sleep_until};

use crate::error::{Error, Result};
use crate::retry::{is_retryable_in_job, jittered};

/// Consecutive failures of one request after which it is not retried.
const MAX_ATTEMPTS: usize = 8;
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LONGEST_BACKOFF: Duration = Duration::from_secs(10);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A gate for all requests of a job: one rate-limited request makes all of them wait, since limits
/// are per project, not per connection.
#[derive(Debug, Default)]
pub(super) struct RateGate {
    closed_until: Mutex<Option<Instant>>,
}

impl RateGate {
    /// Makes the call, and retries transient failures.
    pub(super) async fn retry<T, F>(&self, call: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.retry_when(is_retryable_in_job, call).await
    }

    /// Makes the call, and retries failures for which `may_pass` returns true.
    pub(super) async fn retry_when<T, F>(
        &self,
        may_pass: impl FnMut(&Error) -> bool,
        mut call: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let attempt = || {
            let call = call();
            async {
                self.ready().await;
                call.await
            }
        };
        attempt
            .retry(schedule())
            .sleep(sleep)
            .when(may_pass)
            .adjust(|error, backoff| {
                let asked = error.details().retry_after.map(|asked| asked.min(LONGEST_PAUSE));
                backoff.map(|backoff| asked.unwrap_or_else(|| jittered(backoff)))
            })
            .notify(|_, pause| self.hold(pause))
            .await
    }

    /// Waits until requests are allowed.
    async fn ready(&self) {
        loop {
            let until = *self.closed_until.lock().unwrap_or_else(|e| e.into_inner());
            match until.filter(|until| *until > Instant::now()) {
                Some(until) => sleep_until(until).await,
                None => return,
            }
        }
    }

    /// Blocks all requests for this time.
    pub(super) fn hold(&self, pause: Duration) {
        let pause = pause.min(LONGEST_PAUSE);
        let until = Instant::now() + pause;
        tracing::debug!(wait_seconds = pause.as_secs_f64(), "waiting before the next request");
        let mut closed = self.closed_until.lock().unwrap_or_else(|e| e.into_inner());
        *closed = Some(closed.map_or(until, |set| set.max(until)));
    }
}

fn schedule() -> impl BackoffBuilder {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_BACKOFF)
        .with_max_delay(LONGEST_BACKOFF)
        .with_max_times(MAX_ATTEMPTS - 1)
}
