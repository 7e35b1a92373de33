//! The transport, the only user of reqwest: size limits, deadlines, and errors without secrets.

mod advice;
mod basic;
mod certificate;
mod connector;
pub(crate) mod document;
pub(crate) mod lifetime;
pub(crate) mod reply;
mod retry;
mod sent;
mod target;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::Retryable as _;
use bytes::Bytes;
pub(crate) use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, IF_NONE_MATCH};
pub(crate) use reqwest::{Method, StatusCode};
use serde::Serialize;
use tokio::time::{Instant, sleep, timeout};
use tracing::Instrument as _;
use url::{Position, Url};
use zeroize::Zeroizing;

use crate::config::{TransportConfig, is_loopback};
use crate::credential::live::LiveSecret;
use crate::error::{Error, ErrorKind, Result};
use crate::fork::ForkLock;
use crate::retry::schedule;
use crate::secret::Secret;
pub(crate) use advice::{with_address, with_advice};
pub(crate) use basic::basic;
use certificate::ClientCertificate;
use connector::Route;
pub(crate) use reply::Reply;
use retry::Failed;
pub(crate) use retry::Repeat;
use sent::Sent;
use target::Target;

/// Maximum size of a management response: a page of 1,000 clients with their metadata.
pub(crate) const MANAGEMENT_LIMIT: usize = 4 << 20;
/// Maximum size of a token response.
pub(crate) const TOKEN_LIMIT: usize = 64 << 10;
/// Maximum size of a discovery document.
pub(crate) const KEY_SET_LIMIT: usize = 256 << 10;
/// Seconds after which connections are renewed, so that changes of DNS and load balancers take
/// effect.
const CONNECTION_LIFETIME: f64 = 300.0;
/// Seconds until a failed renewal is tried again.
const RENEWAL_PAUSE: f64 = 30.0;

pub(crate) enum Body {
    Empty,
    Json(Zeroizing<Vec<u8>>),
    Form(Zeroizing<String>),
}

/// `value` as a JSON body.
pub(crate) fn json_body(value: &(impl Serialize + ?Sized)) -> Result<Zeroizing<Vec<u8>>> {
    serde_json::to_vec(value)
        .map(Zeroizing::new)
        .map_err(|_| Error::invalid_config("request", "the request cannot be written as JSON"))
}

pub(crate) struct Request {
    /// The name in the log of what is asked for, such as `token`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The value of the `Authorization` header.
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) if_none_match: Option<HeaderValue>,
    pub(crate) body: Body,
    /// Maximum number of bytes of the response.
    pub(crate) limit: usize,
    pub(crate) repeat: Repeat,
    /// A shorter time limit of an attempt than the settings'.
    pub(crate) attempt_timeout: Option<Duration>,
}

/// The host with its port, as the log shows it.
pub(crate) fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

pub(crate) struct Transport {
    config: TransportConfig,
    /// The caller's setting that contains the server's address.
    setting: Option<&'static str>,
    /// The certificate and private key of this client.
    certificate: Option<ClientCertificate>,
    /// Created on first use, and again in a forked child, which must not share its parent's
    /// sockets.
    clients: ForkLock<Clients>,
}

#[derive(Default)]
struct Clients {
    loopback: Option<Connections>,
    configured: Option<Connections>,
}

impl Clients {
    fn of(&mut self, route: Route) -> &mut Option<Connections> {
        match route {
            Route::Loopback => &mut self.loopback,
            Route::Configured => &mut self.configured,
        }
    }
}

struct Connections {
    client: reqwest::Client,
    /// The certificate of these connections.
    certificate: Option<Secret>,
    renew_at: f64,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Transport {
    pub(crate) fn new(config: TransportConfig) -> Result<Self> {
        config.validate()?;
        connector::validate(&config)?;
        let certificate = ClientCertificate::new(&config)?;
        Ok(Self { config, setting: None, certificate, clients: ForkLock::default() })
    }

    /// The certificate and private key of this client, which may change.
    pub(crate) fn certificate(&self) -> Option<&Arc<LiveSecret>> {
        self.certificate.as_ref().map(|certificate| &certificate.pem)
    }

    /// Sets the setting that messages name as the server's address, if there is one.
    pub(crate) fn named_by(self, setting: Option<&'static str>) -> Self {
        Self { setting, ..self }
    }

    pub(crate) fn config(&self) -> &TransportConfig {
        &self.config
    }

    /// Requests to this machine never use a proxy, so they have their own client.
    async fn client(&self, url: &Url) -> Result<reqwest::Client> {
        let now = self.config.clock.now();
        let certificate = match &self.certificate {
            Some(certificate) => Some(certificate.current(now).await?),
            None => None,
        };
        let route = if is_loopback(url) { Route::Loopback } else { Route::Configured };
        let now = now.monotonic;
        let working = self.clients.with(|clients| {
            let current = clients.of(route).as_mut()?;
            if current.certificate != certificate {
                return None;
            }
            let is_due = now >= current.renew_at;
            if is_due {
                // One caller renews it; the others use the current one.
                current.renew_at = now + RENEWAL_PAUSE;
            }
            Some((current.client.clone(), is_due))
        });
        if let Some((client, false)) = working {
            return Ok(client);
        }
        // Outside the lock, since it reads files and may log.
        match (connector::build(&self.config, certificate.as_ref(), route), working) {
            (Ok(client), _) => {
                let renew_at = now + CONNECTION_LIFETIME;
                let made = Connections { client: client.clone(), certificate, renew_at };
                self.clients.with(|clients| *clients.of(route) = Some(made));
                Ok(client)
            }
            (Err(error), Some((working, _))) => {
                let message = &error.details().message;
                tracing::warn!(message, "cannot renew connections; keeping the old ones");
                Ok(working)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Sends the request, with retries if `repeat` allows them, until the total deadline. A
    /// redirect is an error; any other status is a response.
    pub(crate) async fn send(&self, request: Request) -> Result<Reply> {
        let (target, limit, repeat) = (Target::of(&request), request.limit, request.repeat);
        let (message, sent) = self.message(request);
        // Bodies are bytes, which can be cloned.
        let copy = || message.try_clone().ok_or_else(|| self.timed_out(&target));
        self.send_all(&target, limit, repeat, || Ok((copy()?, sent.clone()))).await
    }

    /// Like [`send`](Self::send), with a request of its own for each attempt.
    pub(crate) async fn send_each(&self, make: impl Fn() -> Result<Request>) -> Result<Reply> {
        let first = make()?;
        let (target, limit, repeat) = (Target::of(&first), first.limit, first.repeat);
        let mut first = Some(first);
        self.send_all(&target, limit, repeat, || {
            Ok(self.message(first.take().map_or_else(&make, Ok)?))
        })
        .await
    }

    async fn send_all(
        &self,
        target: &Target,
        limit: usize,
        repeat: Repeat,
        mut make: impl FnMut() -> Result<(reqwest::Request, Sent)>,
    ) -> Result<Reply> {
        let total = self.config.total_timeout;
        let started = Instant::now();
        let mut in_doubt = false;
        let attempts = (|| {
            let made = make().map_err(Failed::Broke);
            async move { self.attempt(made?, target, limit, repeat).await }
        })
        .retry(schedule())
        .sleep(sleep)
        .when(|failed: &Failed| {
            in_doubt |= failed.is_in_doubt();
            repeat.allows(failed)
        })
        .adjust(|failed, pause| failed.pause(pause, total.saturating_sub(started.elapsed())))
        .notify(|failed, pause| target.retrying(failed.code(), pause));
        let outcome = timeout(total, attempts.instrument(target.span())).await;
        let error = match outcome {
            Ok(Ok(reply) | Err(Failed::Answered(reply))) => return Ok(Reply { in_doubt, ..reply }),
            Ok(Err(Failed::Broke(error))) => error,
            Err(_) => self.timed_out(target),
        };
        target.failed(&error, started.elapsed());
        Err(error)
    }

    fn message(&self, request: Request) -> (reqwest::Request, Sent) {
        let Request { method, url, authorization, if_none_match, body, attempt_timeout, .. } =
            request;
        let mut message = reqwest::Request::new(method, url);
        let most = self.config.attempt_timeout;
        *message.timeout_mut() = Some(attempt_timeout.map_or(most, |limit| limit.min(most)));
        // Media types without parameters: the API refuses a charset.
        let (media_type, bytes) = match body {
            Body::Empty => (None, None),
            Body::Json(json) => (Some("application/json"), Some(Bytes::from_owner(json))),
            Body::Form(form) => {
                (Some("application/x-www-form-urlencoded"), Some(Bytes::from_owner(form)))
            }
        };
        let bytes: Option<Bytes> = bytes;
        *message.body_mut() = bytes.clone().map(reqwest::Body::from);
        let headers = [
            (AUTHORIZATION, authorization),
            (IF_NONE_MATCH, if_none_match),
            (CONTENT_TYPE, media_type.map(HeaderValue::from_static)),
            // Some token endpoints answer with a form otherwise.
            (ACCEPT, media_type.map(|_| HeaderValue::from_static("application/json"))),
            // No compression, so that a small response cannot expand into a large one.
            (ACCEPT_ENCODING, Some(HeaderValue::from_static("identity"))),
        ];
        let given = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        message.headers_mut().extend(given);
        let sent = Sent::of(&message, bytes.unwrap_or_default());
        (message, sent)
    }

    async fn attempt(
        &self,
        (message, sent): (reqwest::Request, Sent),
        target: &Target,
        limit: usize,
        repeat: Repeat,
    ) -> Result<Reply, Failed> {
        let reply = self.exchange(message, &sent, target, limit);
        let reply = reply.await.map_err(Failed::Broke)?;
        match repeat.regards_as_failed(&reply) {
            true => Err(Failed::Answered(reply)),
            false => Ok(reply),
        }
    }

    async fn exchange(
        &self,
        message: reqwest::Request,
        sent: &Sent,
        target: &Target,
        limit: usize,
    ) -> Result<Reply> {
        let (started, host) = (Instant::now(), &target.authority);
        let failed = |e: reqwest::Error| self.transport_error(&e, sent, target);
        let client = self.client(message.url()).await?;
        let response = client.execute(message).await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let unexpected = |message: String| {
            Error::new(ErrorKind::UnexpectedResponse, message).with(|d| {
                d.status_code = Some(status.as_u16());
                d.request_id = reply::request_id(&headers, sent);
            })
        };
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            let advice = match self.setting {
                Some(name) => format!(": check {}", self.config.spelling.of(name)),
                None => String::new(),
            };
            return Err(unexpected(format!(
                "{host} answered with a redirect, which is never followed{advice}"
            )));
        }
        let Some(body) = read(response, limit).await.map_err(failed)? else {
            return Err(unexpected(format!("{host} answered with more than {limit} bytes")));
        };
        target.answered(status, &headers, &body, sent, started.elapsed());
        let retry_after = reply::retry_after(&headers, self.config.clock.now().wall);
        let (setting, spelling) = (self.setting, self.config.spelling);
        let sent = sent.clone();
        Ok(Reply { status, headers, retry_after, body, in_doubt: false, sent, setting, spelling })
    }

    fn timed_out(&self, target: &Target) -> Error {
        let (host, advice) = (&target.authority, advice::too_slow(&self.config));
        Error::new(ErrorKind::Timeout, format!("{host} did not answer in time: {advice}"))
    }

    fn transport_error(&self, error: &reqwest::Error, sent: &Sent, target: &Target) -> Error {
        let host = &target.authority;
        if let Some(certificate) = &self.certificate {
            certificate.suspect();
        }
        // A certificate's names come from the server.
        let cause = || sent.clean(&connector::root_cause(error));
        let failure = if error.is_timeout() {
            self.timed_out(target)
        } else if error.is_connect() {
            let cause = cause();
            let advice = advice::no_connection(&self.config, &cause, self.setting, target.is_local);
            Error::new(ErrorKind::Network, format!("cannot reach {host}: {cause}. {advice}"))
        } else {
            Error::new(ErrorKind::Network, format!("lost the connection to {host}: {}", cause()))
        };
        if error.is_connect() { failure.unsent() } else { failure }
    }
}

/// Reads the body, up to `limit` bytes, without leaving copies in freed memory.
async fn read(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Option<Zeroizing<Vec<u8>>>, reqwest::Error> {
    let announced = usize::try_from(response.content_length().unwrap_or(0)).unwrap_or(usize::MAX);
    if announced > limit {
        return Ok(None);
    }
    let mut body = Zeroizing::new(Vec::with_capacity(announced));
    while let Some(chunk) = response.chunk().await? {
        let length = body.len() + chunk.len();
        if length > limit {
            return Ok(None);
        }
        if length > body.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            larger.extend_from_slice(&body);
            body = larger;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
