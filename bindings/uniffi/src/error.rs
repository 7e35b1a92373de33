//! The core's error as the one that every call may end with.

use std::collections::HashMap;
use std::fmt;

use stytch_m2m::internals;
use stytch_m2m::{Error, ErrorDetails, ErrorKind, InvalidTokenReason, Refusal};

use crate::spelling::camel;

/// The result of every fallible call of this crate.
pub type Result<T, E = NativeError> = std::result::Result<T, E>;

/// A failure, with all that the core knows about it. Facades turn it into their own types.
#[derive(Clone, Debug, uniffi::Error)]
pub enum NativeError {
    /// The only variant, for an error must be an enum.
    Failed {
        /// The stable code of `details.kind`.
        code: String,
        /// The stable name of `details.reason`.
        reason_code: Option<String>,
        /// The whole error for people: code, message and request id.
        text: String,
        /// Whether the same call may succeed later although nothing is changed.
        is_transient: bool,
        /// What a service should answer its own caller with.
        http_status: u16,
        /// The `WWW-Authenticate` value that goes with `http_status`.
        www_authenticate: Option<String>,
        /// The whole answer to its caller.
        refusal: Option<Box<NativeRefusal>>,
        /// The details.
        details: Box<ErrorDetails>,
    },
}

impl From<Error> for NativeError {
    fn from(error: Error) -> Self {
        let error = spelled(error);
        Self::Failed {
            code: error.code().to_owned(),
            reason_code: error.details().reason.map(|reason| reason.code().to_owned()),
            text: error.to_string(),
            is_transient: error.is_transient(),
            http_status: error.http_status(),
            www_authenticate: error.www_authenticate(),
            refusal: error.refusal().map(|refusal| Box::new(refusal.into())),
            details: Box::new(error.into_details()),
        }
    }
}

/// With the names of settings as the languages spell them, unless it has a server's words, scopes or the advice of
/// `recovery` in it.
fn spelled(error: Error) -> Error {
    let details = error.details();
    let is_answer = details.error_type.is_some() || details.error_message.is_some();
    let has_others = is_answer || details.recovery.is_some();
    if has_others || details.kind == ErrorKind::InsufficientScope {
        return error;
    }
    let details = error.into_details();
    internals::error(ErrorDetails { message: camel(&details.message), ..details })
}

impl fmt::Display for NativeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Failed { text, .. } = self;
        f.write_str(text)
    }
}

impl std::error::Error for NativeError {}

/// [`Refusal`], whose list of pairs uniffi does not carry.
#[derive(Clone, Debug, uniffi::Record)]
pub struct NativeRefusal {
    /// The HTTP status.
    pub status: u16,
    /// The response's headers.
    pub headers: HashMap<String, String>,
    /// JSON.
    pub body: String,
}

impl From<Refusal> for NativeRefusal {
    fn from(refusal: Refusal) -> Self {
        let Refusal { status, headers, body } = refusal;
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { status, headers, body }
    }
}

/// Fails: the token is good, but its bearer may not do this. For an `authorize` in the language.
#[uniffi::export]
pub fn refuse_scopes(missing: Vec<String>) -> Result<()> {
    Err(internals::insufficient_scope(missing).into())
}

/// Fails: an argument that Rust never sees is wrong.
#[uniffi::export]
pub fn refuse_config(field: &str, message: String) -> Result<()> {
    Err(internals::invalid_config(field, message).into())
}

/// Fails with `details`, so that a facade can test its mapping of every error.
#[uniffi::export]
pub fn fail_with(details: ErrorDetails) -> Result<()> {
    Err(internals::error(details).into())
}

#[uniffi::remote(Record)]
pub struct ErrorDetails {
    pub kind: ErrorKind,
    pub message: String,
    pub field: Option<String>,
    pub status_code: Option<u16>,
    pub request_id: Option<String>,
    pub error_type: Option<String>,
    pub error_message: Option<String>,
    pub error_url: Option<String>,
    pub retry_after: Option<std::time::Duration>,
    pub reason: Option<InvalidTokenReason>,
    pub claim: Option<String>,
    pub missing_scopes: Vec<String>,
    pub recovery: Option<String>,
}

#[uniffi::remote(Enum)]
pub enum ErrorKind {
    InvalidConfig,
    Authentication,
    PermissionDenied,
    NotFound,
    Conflict,
    InvalidRequest,
    RateLimited,
    Service,
    Network,
    Timeout,
    UnexpectedResponse,
    OutcomeUnknown,
    InvalidToken,
    InsufficientScope,
    KeysUnavailable,
    Cancelled,
}

#[uniffi::remote(Enum)]
pub enum InvalidTokenReason {
    Missing,
    Malformed,
    AlgorithmNotAllowed,
    HeaderUnsupported,
    KeyNotFound,
    KeyAmbiguous,
    KeyUnusable,
    SignatureInvalid,
    Expired,
    NotYetValid,
    TooOld,
    ClaimMissing,
    ClaimInvalid,
    WrongTokenKind,
    WrongOrganization,
}
