//! The transport: the one user of reqwest. Limits, deadlines, and nothing secret in an error.

pub(crate) mod reply;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH};
pub(crate) use reqwest::{Method, StatusCode};
use url::Url;
use zeroize::Zeroizing;

use crate::config::TransportConfig;
use crate::error::{Error, ErrorKind, Result};

/// The largest management answer: a page of 1,000 clients with their metadata.
pub(crate) const MANAGEMENT_LIMIT: usize = 4 << 20;
/// The largest token answer.
pub(crate) const TOKEN_LIMIT: usize = 64 << 10;
/// The largest key set.
pub(crate) const KEY_SET_LIMIT: usize = 256 << 10;

pub(crate) enum Body {
    Empty,
    Json(Zeroizing<Vec<u8>>),
    Form(Zeroizing<String>),
}

pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// A ready `Authorization` value.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) if_none_match: Option<HeaderValue>,
    pub(crate) body: Body,
    /// Bytes of the answer that are read at the most.
    pub(crate) limit: usize,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

pub(crate) struct Transport {
    config: TransportConfig,
    /// Made on first use, and anew in a forked child, which must not share its parent's sockets.
    client: Mutex<Option<(u32, reqwest::Client)>>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(config: TransportConfig) -> Result<Self> {
        config.validate()?;
        Ok(Self { config, client: Mutex::new(None) })
    }

    pub(crate) fn config(&self) -> &TransportConfig {
        &self.config
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one user of reqwest")]
    fn client(&self) -> Result<reqwest::Client> {
        let mut slot = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if let Some((owner, client)) = slot.as_ref()
            && *owner == process
        {
            return Ok(client.clone());
        }
        let client = reqwest::Client::builder()
            .user_agent(concat!("stytch-m2m/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.config.connect_timeout)
            .timeout(self.config.attempt_timeout)
            .pool_idle_timeout(Duration::from_secs(60))
            .tcp_keepalive(Duration::from_secs(30))
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .build()
            .map_err(|e| {
                let cause = root_cause(&e);
                Error::new(ErrorKind::Network, format!("cannot set up TLS: {cause}"))
            })?;
        // In a forked child the parent's pool is leaked: closing it would disturb shared sockets.
        std::mem::forget(slot.replace((process, client.clone())));
        Ok(client)
    }

    /// Sends once. A redirect is an error; any other status is an answer.
    pub(crate) async fn send(&self, request: Request) -> Result<Reply> {
        let deadline = self.config.total_timeout;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        match tokio::time::timeout(deadline, self.exchange(request, &host)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(timed_out(&host)),
        }
    }

    async fn exchange(&self, request: Request, host: &str) -> Result<Reply> {
        let Request { method, url, authorization, if_none_match, body, limit } = request;
        let mut outgoing = self.client()?.request(method, url);
        if let Some(value) = authorization {
            outgoing = outgoing.header(AUTHORIZATION, value);
        }
        if let Some(etag) = if_none_match {
            outgoing = outgoing.header(IF_NONE_MATCH, etag);
        }
        // Bare media types: the API refuses a charset parameter.
        outgoing = match body {
            Body::Empty => outgoing,
            Body::Json(json) => {
                outgoing.header(CONTENT_TYPE, "application/json").body(json.to_vec())
            }
            Body::Form(form) => outgoing
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.as_bytes().to_vec()),
        };
        let failed = |e: reqwest::Error| transport_error(&e, host);
        let mut response = outgoing.send().await.map_err(failed)?;
        let status = response.status();
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            return Err(Error::new(
                ErrorKind::UnexpectedResponse,
                format!("{host} answered with a redirect, which is never followed: check base_url"),
            )
            .with(|d| d.status_code = Some(status.as_u16())));
        }
        let headers = response.headers().clone();
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > limit {
                return Err(Error::new(
                    ErrorKind::UnexpectedResponse,
                    format!("{host} answered with more than {limit} bytes"),
                )
                .with(|d| d.status_code = Some(status.as_u16())));
            }
            body.extend_from_slice(&chunk);
        }
        let retry_after = reply::retry_after(&headers, self.config.clock.now().wall);
        Ok(Reply { status, headers, retry_after, body })
    }
}

fn timed_out(host: &str) -> Error {
    Error::new(
        ErrorKind::Timeout,
        format!("{host} did not answer in time: check the network, or raise the timeouts"),
    )
}

fn transport_error(error: &reqwest::Error, host: &str) -> Error {
    if error.is_timeout() {
        return timed_out(host);
    }
    let cause = root_cause(error);
    if error.is_connect() {
        let advice = "Check base_url, DNS, proxy and firewall";
        let message = format!("cannot reach {host}: {cause}. {advice}");
        return Error::new(ErrorKind::Network, message).unsent();
    }
    Error::new(ErrorKind::Network, format!("lost the connection to {host}: {cause}"))
}

/// The innermost cause, which names the fault and holds no URL.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
