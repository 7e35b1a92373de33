//! The core's errors as records, of which `ts/errors.ts` makes exceptions.

use std::collections::HashMap;
use std::time::Duration;

use napi::Either;
use napi_derive::napi;
use stytch_m2m::internals;
use stytch_m2m::{Error, ErrorDetails, ErrorKind, InvalidTokenReason, Result};

/// A result, or why there is none.
pub(crate) type Outcome<T> = Either<T, Failure>;

/// Why there is no result.
#[napi(object, object_from_js = false)]
pub struct Failure {
    /// The error.
    pub err: ErrorRecord,
}

/// All that an error carries.
#[napi(object, object_from_js = false)]
pub struct ErrorRecord {
    /// The stable code.
    pub code: &'static str,
    /// What was wrong and what to do.
    pub message: String,
    /// The argument or setting at fault.
    pub field: Option<String>,
    /// The HTTP status of the response.
    #[napi(js_name = "status_code")]
    pub status_code: Option<u16>,
    /// The server's id of the request.
    #[napi(js_name = "request_id")]
    pub request_id: Option<String>,
    /// The server's own code.
    #[napi(js_name = "error_type")]
    pub error_type: Option<String>,
    /// The server's explanation.
    #[napi(js_name = "error_message")]
    pub error_message: Option<String>,
    /// Where the server documents it.
    #[napi(js_name = "error_url")]
    pub error_url: Option<String>,
    /// How long to wait before the next attempt.
    #[napi(js_name = "retry_after_seconds")]
    pub retry_after_seconds: Option<f64>,
    /// Why the token is refused.
    pub reason: Option<&'static str>,
    /// The claim at fault.
    pub claim: Option<String>,
    /// The scopes that the token lacks.
    #[napi(js_name = "missing_scopes")]
    pub missing_scopes: Option<Vec<String>>,
    /// What to look at, and how to recover.
    pub recovery: Option<String>,
    /// Whether the same call may succeed later although nothing is changed.
    #[napi(js_name = "is_transient")]
    pub is_transient: bool,
    /// The status to answer one's own caller with.
    #[napi(js_name = "http_status")]
    pub http_status: u16,
    /// The header that goes with it.
    #[napi(js_name = "www_authenticate")]
    pub www_authenticate: Option<String>,
    /// The whole answer to one's own caller.
    pub refusal: Option<Refusal>,
}

/// How to answer a request whose token is refused.
#[napi(object, object_from_js = false)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The response's headers.
    pub headers: HashMap<&'static str, String>,
    /// JSON.
    pub body: String,
}

impl From<stytch_m2m::Refusal> for Refusal {
    fn from(refusal: stytch_m2m::Refusal) -> Self {
        let stytch_m2m::Refusal { status, headers, body } = refusal;
        Self { status, headers: headers.into_iter().collect(), body }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (http_status, www_authenticate) = (error.http_status(), error.www_authenticate());
        let (is_transient, refusal) = (error.is_transient(), error.refusal().map(Refusal::from));
        let ErrorDetails {
            kind,
            message,
            field,
            status_code,
            request_id,
            error_type,
            error_message,
            error_url,
            retry_after,
            reason,
            claim,
            missing_scopes,
            recovery,
        } = error.into_details();
        let scopes_matter = kind == ErrorKind::InsufficientScope || !missing_scopes.is_empty();
        Self {
            err: ErrorRecord {
                code: kind.code(),
                message,
                field,
                status_code,
                request_id,
                error_type,
                error_message,
                error_url,
                retry_after_seconds: retry_after.map(|wait| wait.as_secs_f64()),
                reason: reason.map(InvalidTokenReason::code),
                claim,
                missing_scopes: scopes_matter.then_some(missing_scopes),
                recovery,
                is_transient,
                http_status,
                www_authenticate,
                refusal,
            },
        }
    }
}

/// `result` as JavaScript gets it.
pub(crate) fn outcome<T, R: From<T>>(result: Result<T>) -> Outcome<R> {
    match result {
        Ok(value) => Either::A(value.into()),
        Err(error) => Either::B(error.into()),
    }
}

/// The error for a token that lacks these scopes, or that the caller's own `authorize` refused.
#[napi(catch_unwind)]
pub fn insufficient_scope(missing_scopes: Vec<String>) -> Failure {
    internals::insufficient_scope(missing_scopes).into()
}

/// An error of every kind with every field set, for the test of this mapping.
#[napi(catch_unwind)]
pub fn sample_errors() -> Vec<Failure> {
    ErrorKind::ALL.into_iter().map(|kind| internals::sample(kind).into()).collect()
}

/// Panics, for the test that a panic is an exception.
#[napi(catch_unwind)]
pub fn sample_panic() {
    let _ = Duration::MAX + Duration::MAX;
}
