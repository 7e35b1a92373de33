//! A fetch of a key set, with at most two attempts.

use std::sync::Arc;
use std::time::Duration;

use super::{JwksCache, Loaded, REFRESH_AT, lifetime};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::http::header::ETAG;
use crate::http::{Body, KEY_SET_LIMIT, Method, Repeat, Reply, Request, StatusCode, authority};
use crate::random;
use crate::verify::key_set::KeySet;

/// The time limits of a fetch, and of each of its at most two attempts.
const DEADLINE: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(3);

impl JwksCache {
    pub(super) async fn load(&self) -> Result<Arc<Loaded>> {
        match tokio::time::timeout(DEADLINE, self.ask_twice()).await {
            Ok(outcome) => outcome.map(Arc::new),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the key set did not arrive within 5 s")),
        }
    }

    async fn ask_twice(&self) -> Result<Loaded> {
        match self.ask().await {
            // In an outage only the backoff decides when to retry.
            Err(error) if is_retryable(&error) && !self.is_failing() => self.ask().await,
            outcome => outcome,
        }
    }

    fn is_failing(&self) -> bool {
        self.single_flight.with_state(|cooldown, _| cooldown.backoff.failures() > 0)
    }

    async fn ask(&self) -> Result<Loaded> {
        let asked_at = self.now();
        let previous = self.current.load_full();
        let reply = self
            .transport
            .send(Request {
                operation: "jwks",
                method: Method::GET,
                url: self.url.clone(),
                // The key set is public: no credentials.
                authorization: None,
                if_none_match: previous.etag.clone(),
                body: Body::Empty,
                limit: KEY_SET_LIMIT,
                repeat: Repeat::Never,
                attempt_timeout: Some(ATTEMPT),
            })
            .await?;
        let etag = reply.headers.get(ETAG).cloned();
        let (keys, text, etag) = match reply.status {
            StatusCode::NOT_MODIFIED if previous.fetched_at.is_some() => (
                Arc::clone(&previous.keys),
                Arc::clone(&previous.text),
                etag.or_else(|| previous.etag.clone()),
            ),
            StatusCode::OK => (Arc::new(self.parse(&reply)?), reply.body[..].into(), etag),
            _ => return Err(self.refused(&reply)),
        };
        let soft_lifetime = lifetime::soft_lifetime(&reply.headers);
        Ok(Loaded {
            keys,
            text,
            etag,
            fetched_at: Some(asked_at),
            soft_lifetime,
            refresh_after: soft_lifetime * random::between(REFRESH_AT.0, REFRESH_AT.1),
        })
    }

    /// The server's refusal, which is of the address where it does not depend on the moment.
    fn refused(&self, reply: &Reply) -> Error {
        let error = reply.error();
        let is_of_address = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidRequest);
        match is_of_address {
            false => error,
            true => error.with(|d| {
                d.message = format!("{}. {}", d.message.trim_end_matches('.'), self.advice());
            }),
        }
    }

    fn advice(&self) -> String {
        format!("Check {}", self.transport.config().spelling.of(self.setting))
    }

    fn parse(&self, reply: &Reply) -> Result<KeySet> {
        KeySet::parse(&reply.body, &self.algorithms).map_err(|bad| {
            let message = format!("the key set is unusable: {}. {}", bad.0, self.advice());
            Error::new(ErrorKind::UnexpectedResponse, message)
                .with(|d| d.status_code = Some(reply.status.as_u16()))
        })
    }

    pub(super) fn report(&self, outcome: &Result<Arc<Loaded>>, started: Instants) {
        let (issuer, host) = (&self.issuer, authority(&self.url));
        let elapsed_ms = self.now().milliseconds_since(started);
        match outcome {
            Ok(loaded) => {
                let keys = loaded.keys.usable();
                tracing::debug!(issuer, host, keys, elapsed_ms, "keys fetched");
            }
            Err(error) => {
                let (code, details) = (error.code(), error.details());
                let (reason, request_id) = (&details.message, details.request_id.as_deref());
                tracing::warn!(
                    issuer,
                    code,
                    reason,
                    host,
                    request_id,
                    elapsed_ms,
                    "cannot fetch keys"
                );
            }
        }
    }
}

/// Whether to retry: no response, a gateway's error, or a success with a page or a truncated key
/// set.
fn is_retryable(error: &Error) -> bool {
    let status = error.details().status_code;
    match error.kind() {
        ErrorKind::Network | ErrorKind::Timeout => true,
        ErrorKind::UnexpectedResponse => matches!(status, Some(200 | 502..=504)),
        _ => matches!(status, Some(502..=504)),
    }
}

/// The error of a token with a new unknown key id, which cannot be fetched for this many seconds.
pub(super) fn too_early(wait: f64) -> Error {
    let message = format!(
        "the token's key is not in the cached key set, which has just been fetched for other \
         unknown key ids: try again in {:.0} s",
        wait.ceil()
    );
    Error::new(ErrorKind::KeysUnavailable, message)
        .with(|d| d.retry_after = Duration::try_from_secs_f64(wait).ok())
}
