//! Each fault has its documented outcome, within its deadline, in every kind of call.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use stytch_m2m::{Client, ClientConfig, CreateRequest, Error, ErrorKind, TransportConfig};
use tokio::time::Instant;

use crate::issuer::{PROJECT, config, hurried, token_request, unsigned};
use crate::server::{Act, Server, raw, refusing};

/// What the calls against one server must come to.
pub(crate) struct Expected {
    /// `get` and `token`.
    pub(crate) kind: ErrorKind,
    /// `create`, which must not be repeated blindly.
    pub(crate) create: ErrorKind,
    /// Requests that `get` and `token` make, each.
    pub(crate) attempts: usize,
    pub(crate) status_code: Option<u16>,
}

/// Makes one call of each kind, and checks outcome, time and number of requests.
pub(crate) async fn in_every_call(
    config: ClientConfig,
    requests: impl Fn() -> usize,
    expected: Expected,
) {
    let total = config.transport.total_timeout;
    let client = Client::new(config).unwrap();

    let (error, made) = timed(&requests, total, client.clients().get("x")).await;
    assert_eq!(error.kind(), expected.kind, "{error}");
    assert_eq!(error.details().status_code, expected.status_code, "{error}");
    assert_eq!(made, expected.attempts, "get: {error}");

    let (error, made) = timed(&requests, total, client.token(token_request())).await;
    assert_eq!(error.kind(), expected.kind, "{error}");
    assert_eq!(made, expected.attempts, "token: {error}");

    let clients = client.clients();
    let create = clients.create(CreateRequest::default());
    let (error, made) = timed(&requests, total, create).await;
    assert_eq!(error.kind(), expected.create, "{error}");
    assert_eq!(made, expected.attempts.min(1), "create: {error}");
    assert_eq!(error.details().recovery.is_some(), expected.create == ErrorKind::OutcomeUnknown);
    assert_eq!(cause(&error).is_some(), expected.create == ErrorKind::OutcomeUnknown);

    let options = Default::default();
    let unknown = unsigned(PROJECT, "k");
    let verify = client.authenticate_token(&unknown, &options);
    let (error, made) = timed(&requests, Duration::from_secs(5), verify).await;
    assert_eq!(error.kind(), ErrorKind::KeysUnavailable, "{error}");
    assert_eq!(error.http_status(), 503);
    assert!(cause(&error).is_some_and(|kind| kind != ErrorKind::KeysUnavailable));
    assert!(made <= 2, "a key set is asked for at most twice, not {made} times");
}

/// The kind of the failure behind an error.
fn cause(error: &Error) -> Option<ErrorKind> {
    std::error::Error::source(error)?.downcast_ref().map(Error::kind)
}

async fn timed<T: std::fmt::Debug>(
    requests: &impl Fn() -> usize,
    deadline: Duration,
    call: impl Future<Output = stytch_m2m::Result<T>>,
) -> (Error, usize) {
    let (started, before) = (Instant::now(), requests());
    let error = call.await.unwrap_err();
    let took = started.elapsed();
    assert!(took < deadline + Duration::from_millis(500), "took {took:?}: {error}");
    assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    (error, requests() - before)
}

async fn all_calls(act: Act, expected: Expected) {
    let server = Server::always(act);
    in_every_call(config(server.url(), hurried()), || server.requests(), expected).await;
}

/// No answer, or a broken one: repeated where that is safe.
fn lost(kind: ErrorKind) -> Expected {
    Expected { kind, create: ErrorKind::OutcomeUnknown, attempts: 3, status_code: None }
}

/// A page of a gateway or half an answer, reported as a success: repeated like a reset.
fn cut_short() -> Expected {
    Expected { attempts: 3, ..unusable(200) }
}

/// An answer that nothing can be made of: not repeated.
fn unusable(status_code: u16) -> Expected {
    Expected {
        kind: ErrorKind::UnexpectedResponse,
        create: ErrorKind::OutcomeUnknown,
        attempts: 1,
        status_code: Some(status_code),
    }
}

#[tokio::test]
async fn a_refused_connection_is_a_network_error_and_nothing_is_unknown() {
    let network = ErrorKind::Network;
    let expected = Expected { kind: network, create: network, attempts: 0, status_code: None };
    in_every_call(config(&refusing(), hurried()), || 0, expected).await;
}

#[tokio::test]
async fn a_reset_before_the_answer_is_a_network_error() {
    all_calls(Act::Reset, lost(ErrorKind::Network)).await;
}

#[tokio::test]
async fn a_reset_in_the_middle_of_the_body_is_a_network_error() {
    all_calls(Act::ResetInBody, lost(ErrorKind::Network)).await;
}

#[tokio::test]
async fn one_byte_a_second_is_a_timeout() {
    all_calls(Act::SlowBody, lost(ErrorKind::Timeout)).await;
}

#[tokio::test]
async fn slow_headers_are_a_timeout() {
    all_calls(Act::SlowHeaders, lost(ErrorKind::Timeout)).await;
}

#[tokio::test]
async fn silence_is_a_timeout() {
    all_calls(Act::Hold, lost(ErrorKind::Timeout)).await;
}

#[tokio::test]
async fn silence_in_the_tls_handshake_is_a_timeout_and_nothing_is_unknown() {
    let timeout = ErrorKind::Timeout;
    let expected = Expected { kind: timeout, create: timeout, attempts: 0, status_code: None };
    in_every_call(config(&raw("https", b""), hurried()), || 0, expected).await;
}

#[tokio::test]
async fn truncated_json_is_an_unexpected_response() {
    let act = Act::json(200, r#"{"request_id":"r","m2m_client":{"client_id":"canary"#);
    all_calls(act, cut_short()).await;
}

#[tokio::test]
async fn an_empty_answer_is_an_unexpected_response() {
    all_calls(Act::json(200, ""), cut_short()).await;
}

#[tokio::test]
async fn html_of_a_proxy_is_an_unexpected_response() {
    let act = Act::with(502, "content-type: text/html", "<html>canary</html>");
    all_calls(act, Expected { attempts: 3, ..unusable(502) }).await;
    let act = Act::with(200, "content-type: text/html", "<html>canary</html>");
    all_calls(act, cut_short()).await;
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let canary = Server::always(Act::json(200, "{}"));
    let act = Act::with(307, &format!("location: {}/stolen", canary.url()), "");
    all_calls(act, unusable(307)).await;
    assert_eq!(canary.requests(), 0);
}

#[tokio::test]
async fn a_gzip_bomb_is_not_inflated() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 50 << 20]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 60 << 10, "{} bytes, less than any limit", bomb.len());
    let head = "200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip";
    let server = Server::always(Act::Answer(head.into(), bomb));
    in_every_call(config(server.url(), hurried()), || server.requests(), cut_short()).await;
    for seen in server.seen() {
        assert!(seen.head.to_lowercase().contains("accept-encoding: identity"), "{}", seen.head);
    }
}

#[tokio::test]
async fn a_body_of_5_mb_is_refused_before_it_is_read() {
    let act = Act::Answer("200 OK".into(), vec![b' '; 5 << 20]);
    all_calls(act, unusable(200)).await;
}

#[tokio::test]
async fn a_body_of_5_mb_in_chunks_is_refused() {
    // Beside other work, reading so much takes longer than the others wait.
    let patient = TransportConfig {
        attempt_timeout: Duration::from_secs(5),
        total_timeout: Duration::from_secs(15),
        ..hurried()
    };
    let server = Server::always(Act::Chunks(5 << 20));
    in_every_call(config(server.url(), patient), || server.requests(), unusable(200)).await;
}
