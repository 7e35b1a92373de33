//! A fetch of a key set.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::source::KeyAddress;
use super::{JwksCache, Loaded, REFRESH_AT};
use crate::clock::Instants;
use crate::error::{Error, ErrorKind, Result};
use crate::http::document::{self, ask_twice};
use crate::http::header::ETAG;
use crate::http::{Reply, Request, StatusCode, authority, lifetime, with_address, with_advice};
use crate::random;
use crate::verify::key_set::KeySet;
use crate::verify::key_token::KeyToken;

impl JwksCache {
    pub(super) async fn load(&self) -> Result<Arc<Loaded>> {
        let is_failing =
            self.single_flight.with_state(|cooldown, _| cooldown.backoff.failures() > 0);
        ask_twice("the key set", is_failing, || self.ask()).await.map(Arc::new)
    }

    async fn ask(&self) -> Result<Loaded> {
        let asked_at = self.now();
        let url = self.url().await?;
        let previous = self.current.load_full();
        let is_same = previous.url.as_ref().is_none_or(|known| *known == url);
        let known_etag = previous.etag.clone().filter(|_| is_same);
        let token = self.source.token.as_ref();
        let request = Request {
            // A key set is public: no credentials, unless its server wants one.
            authorization: token.map(KeyToken::authorization).transpose()?,
            limit: self.source.rules.max_bytes as usize,
            ..document::request("jwks", url.clone(), known_etag)
        };
        let reply = self.transport.send(request).await?;
        let etag = reply.headers.get(ETAG).cloned();
        let (keys, text, etag) = match reply.status {
            StatusCode::NOT_MODIFIED if previous.fetched_at.is_some() && is_same => (
                Arc::clone(&previous.keys),
                Arc::clone(&previous.text),
                etag.or_else(|| previous.etag.clone()),
            ),
            StatusCode::OK => {
                let keys = self.parse(&reply)?;
                keys.log_skipped(&self.issuer, &previous.keys);
                (Arc::new(keys), reply.body[..].into(), etag)
            }
            _ => return Err(self.refused(&reply, &url)),
        };
        let soft_lifetime = lifetime::soft_lifetime(&reply.headers);
        Ok(Loaded {
            keys,
            text,
            etag,
            url: Some(url),
            fetched_at: Some(asked_at),
            soft_lifetime,
            refresh_after: soft_lifetime * random::between(REFRESH_AT.0, REFRESH_AT.1),
        })
    }

    async fn url(&self) -> Result<Url> {
        let discovery = match &self.source.address {
            KeyAddress::Known(url) => return Ok(url.clone()),
            KeyAddress::Discovered(discovery) => discovery,
        };
        discovery.metadata().await?.jwks_uri.clone().ok_or_else(|| {
            let message = format!(
                "the discovery document of {} names no jwks_uri: set jwks_url",
                discovery.issuer()
            );
            Error::new(ErrorKind::UnexpectedResponse, message)
        })
    }

    /// The server's refusal, which is of the address where it does not depend on the moment.
    fn refused(&self, reply: &Reply, url: &Url) -> Error {
        if let KeyAddress::Discovered(discovery) = &self.source.address {
            discovery.suspect();
        }
        let error = reply.error();
        match reply.status {
            StatusCode::NOT_FOUND => with_advice(with_address(error, url), &self.advice()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let setting = self.transport.config().spelling.of("jwks_token_file");
                with_advice(error, &format!("If the server wants a bearer token, set {setting}"))
            }
            _ if error.kind() == ErrorKind::InvalidRequest => with_advice(error, &self.advice()),
            _ => error,
        }
    }

    fn advice(&self) -> String {
        format!("Check {}", self.transport.config().spelling.of(self.source.setting))
    }

    fn parse(&self, reply: &Reply) -> Result<KeySet> {
        if reply.compression().is_some() {
            return Err(reply.unexpected());
        }
        KeySet::parse(&reply.body, &self.source.rules).map_err(|bad| {
            let message = format!("the key set is unusable: {}. {}", bad.0, self.advice());
            Error::new(ErrorKind::UnexpectedResponse, message)
                .with(|d| d.status_code = Some(reply.status.as_u16()))
        })
    }

    pub(super) fn report(&self, outcome: &Result<Arc<Loaded>>, started: Instants) {
        let (issuer, current) = (&self.issuer, self.current.load());
        let url = match &self.source.address {
            KeyAddress::Known(url) => url,
            KeyAddress::Discovered(discovery) => {
                current.url.as_ref().unwrap_or_else(|| discovery.issuer_url())
            }
        };
        let host = authority(url);
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
