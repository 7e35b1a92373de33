//! One error type with stable codes, the same in every language.

use std::fmt;
use std::time::Duration;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of this crate.
///
/// Branch on [`ErrorDetails::kind`] (or its [`code`](ErrorKind::code)); the message is for people.
/// No error ever contains a token, a secret, a claim's value or a response body.
///
/// [`source`](std::error::Error::source) is the `Error` that caused a `keys_unavailable` or an
/// `outcome_unknown`.
///
/// ```
/// use stytch_m2m::{Client, ClientConfig, Error, ErrorKind};
///
/// fn advice(error: &Error) -> String {
///     let details = error.details();
///     match error.kind() {
///         ErrorKind::InvalidConfig => format!("correct {:?}", details.field),
///         ErrorKind::OutcomeUnknown => details.recovery.clone().unwrap_or_default(),
///         _ if error.is_transient() => format!("try again after {:?}", details.retry_after),
///         _ => format!("{}: {}", error.code(), details.message),
///     }
/// }
///
/// let error = Client::new(ClientConfig::default()).unwrap_err();
/// assert_eq!(error.code(), "invalid_config");
/// assert_eq!(advice(&error), r#"correct Some("project_id")"#);
/// ```
#[derive(Clone, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}{}", .details.kind.code(), .details.message, .details.shown_request_id())]
struct Inner {
    details: ErrorDetails,
    /// The request was never sent, so that any request is safe to repeat.
    unsent: bool,
    source: Option<Error>,
}

/// The details of an [`Error`]. A field that does not apply is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ErrorDetails {
    /// The kind of the error.
    pub kind: ErrorKind,
    /// What was wrong and what to do, for people. It may change between versions.
    pub message: String,
    /// `invalid_config`: the wrong argument or setting.
    pub field: Option<String>,
    /// The HTTP status of the response.
    pub status_code: Option<u16>,
    /// The server's id of the request, for a support ticket.
    pub request_id: Option<String>,
    /// Stytch's `error_type`, or the `error` code of OAuth 2.0 (RFC 6749, section 5.2).
    pub error_type: Option<String>,
    /// The server's message: `error_message`, or OAuth's `error_description`.
    pub error_message: Option<String>,
    /// The URL of the server's documentation of the error. It is never fetched.
    pub error_url: Option<String>,
    /// How long to wait before the next attempt.
    pub retry_after: Option<Duration>,
    /// `invalid_token`: the reason. `insufficient_scope`: `wrong_organization`, if that is it.
    pub reason: Option<InvalidTokenReason>,
    /// `invalid_token`: the name of the wrong claim.
    pub claim: Option<String>,
    /// `insufficient_scope`: the required scopes that the token does not grant.
    pub missing_scopes: Vec<String>,
    /// What to do next: what to check after `outcome_unknown`, and the state of the rotation after
    /// a failed `rotate_finish` or `rotate_cancel`.
    pub recovery: Option<String>,
}

impl ErrorDetails {
    fn shown_request_id(&self) -> String {
        self.request_id.as_ref().map(|id| format!(" (request_id {id})")).unwrap_or_default()
    }
}

/// The kind of an error. Its [`code`](Self::code) is the same in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum ErrorKind {
    /// An argument or setting is wrong; found before any I/O.
    InvalidConfig,
    /// The credentials are wrong (HTTP 401, `invalid_client`).
    Authentication,
    /// The credentials are valid, but do not permit this call (HTTP 403).
    PermissionDenied,
    /// The client or the project does not exist (HTTP 404).
    NotFound,
    /// The call conflicts with the current state, such as an id in use or a rotation in progress
    /// (HTTP 409).
    Conflict,
    /// The API refused the request as invalid (HTTP 400).
    InvalidRequest,
    /// Too many requests (HTTP 429).
    RateLimited,
    /// The API failed (HTTP 5xx).
    Service,
    /// The server could not be reached, or the connection broke.
    Network,
    /// The response did not arrive in time.
    Timeout,
    /// The response is not one of the API's: HTML, truncated JSON, a redirect.
    UnexpectedResponse,
    /// The response of a call that is not safe to repeat was lost; see [`ErrorDetails::recovery`].
    OutcomeUnknown,
    /// The token is invalid; see [`ErrorDetails::reason`].
    InvalidToken,
    /// The token is valid, but lacks a required scope, or belongs to another organization than the
    /// required one.
    InsufficientScope,
    /// The key set is unavailable, so the token cannot be verified: answer 503, never 401.
    KeysUnavailable,
    /// The caller cancelled the call.
    Cancelled,
}

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::InvalidConfig,
        Self::Authentication,
        Self::PermissionDenied,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidRequest,
        Self::RateLimited,
        Self::Service,
        Self::Network,
        Self::Timeout,
        Self::UnexpectedResponse,
        Self::OutcomeUnknown,
        Self::InvalidToken,
        Self::InsufficientScope,
        Self::KeysUnavailable,
        Self::Cancelled,
    ];

    /// The stable code: `invalid_config`, `authentication`, ...
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidConfig => "invalid_config",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "invalid_request",
            Self::RateLimited => "rate_limited",
            Self::Service => "service",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::UnexpectedResponse => "unexpected_response",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::KeysUnavailable => "keys_unavailable",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum InvalidTokenReason {
    /// The request has no bearer token: no `Authorization` header, or one with another scheme.
    Missing,
    /// The token is not a compact JWS of strict base64url and strict JSON within the size limits.
    Malformed,
    /// `alg` is missing, `none`, symmetric, not allowed for the issuer, or does not fit the key.
    AlgorithmNotAllowed,
    /// The header requires an unsupported extension (`crit`, `b64`, `zip`).
    HeaderUnsupported,
    /// The header has no `kid`, or the issuer publishes no key with it.
    KeyNotFound,
    /// Several keys of the issuer fit.
    KeyAmbiguous,
    /// The key is weak, invalid, or not for signatures.
    KeyUnusable,
    /// The signature is invalid.
    SignatureInvalid,
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` is in the future.
    NotYetValid,
    /// The token is older than the maximum age allowed.
    TooOld,
    /// A required claim is missing.
    ClaimMissing,
    /// A claim has the wrong type or value.
    ClaimInvalid,
    /// The token is not an M2M access token: a session JWT, a Connected App's token, another `typ`.
    WrongTokenKind,
    /// The token is valid, but belongs to another organization than the required one, or to none.
    /// Its error is `insufficient_scope`: a new token would not help.
    WrongOrganization,
}

impl InvalidTokenReason {
    /// The stable name: `missing`, `malformed`, `expired`, ...
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::HeaderUnsupported => "header_unsupported",
            Self::KeyNotFound => "key_not_found",
            Self::KeyAmbiguous => "key_ambiguous",
            Self::KeyUnusable => "key_unusable",
            Self::SignatureInvalid => "signature_invalid",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::TooOld => "too_old",
            Self::ClaimMissing => "claim_missing",
            Self::ClaimInvalid => "claim_invalid",
            Self::WrongTokenKind => "wrong_token_kind",
            Self::WrongOrganization => "wrong_organization",
        }
    }
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let details = ErrorDetails {
            kind,
            message: message.into(),
            field: None,
            status_code: None,
            request_id: None,
            error_type: None,
            error_message: None,
            error_url: None,
            retry_after: None,
            reason: None,
            claim: None,
            missing_scopes: Vec::new(),
            recovery: None,
        };
        Self(Box::new(Inner { details, unsent: false, source: None }))
    }

    pub(crate) fn invalid_config(field: &str, message: impl Into<String>) -> Self {
        let field = field.to_owned();
        Self::new(ErrorKind::InvalidConfig, message).with(|d| d.field = Some(field))
    }

    pub(crate) fn invalid_token(reason: InvalidTokenReason, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidToken, message).with(|d| d.reason = Some(reason))
    }

    pub(crate) fn insufficient_scope(missing: Vec<String>) -> Self {
        let message = match missing.as_slice() {
            [] => "the token is valid, but it is not authorized for this".to_owned(),
            scopes => format!("the token is valid, but it lacks: {}", scopes.join(" ")),
        };
        Self::new(ErrorKind::InsufficientScope, message).with(|d| d.missing_scopes = missing)
    }

    /// Never says which organization the token belongs to.
    pub(crate) fn wrong_organization() -> Self {
        let message = "the token is valid, but it belongs to another organization, or to none";
        let reason = Some(InvalidTokenReason::WrongOrganization);
        Self::new(ErrorKind::InsufficientScope, message).with(|d| d.reason = reason)
    }

    #[cfg(feature = "internals")]
    pub(crate) fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "the call was cancelled")
    }

    #[cfg(feature = "internals")]
    pub(crate) fn from_details(details: ErrorDetails) -> Self {
        Self(Box::new(Inner { details, unsent: false, source: None }))
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut ErrorDetails)) -> Self {
        change(&mut self.0.details);
        self
    }

    pub(crate) fn unsent(mut self) -> Self {
        self.0.unsent = true;
        self
    }

    /// The same error, with its cause.
    pub(crate) fn caused_by(mut self, source: Self) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn is_unsent(&self) -> bool {
        self.0.unsent
    }

    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.details.kind
    }

    /// The stable code of the kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.details.kind.code()
    }

    /// The details.
    #[must_use]
    pub fn details(&self) -> &ErrorDetails {
        &self.0.details
    }

    /// The details, owned.
    #[must_use]
    pub fn into_details(self) -> ErrorDetails {
        self.0.details
    }

    /// The HTTP status with which a service answers its own caller when verification failed: 401,
    /// 403 or 503; 500 for an error that is not about the caller's token.
    #[must_use]
    pub fn http_status(&self) -> u16 {
        match self.0.details.kind {
            ErrorKind::InvalidToken => 401,
            ErrorKind::InsufficientScope => 403,
            ErrorKind::KeysUnavailable => 503,
            _ => 500,
        }
    }

    /// The `WWW-Authenticate` header's value for [`http_status`](Self::http_status) 401 and 403
    /// (RFC 6750, section 3).
    #[must_use]
    pub fn www_authenticate(&self) -> Option<String> {
        match self.0.details.kind {
            // A request without a token gets no error code (section 3.1).
            ErrorKind::InvalidToken
                if self.0.details.reason == Some(InvalidTokenReason::Missing) =>
            {
                Some("Bearer".to_owned())
            }
            ErrorKind::InvalidToken => Some(r#"Bearer error="invalid_token""#.to_owned()),
            ErrorKind::InsufficientScope if self.0.details.missing_scopes.is_empty() => {
                Some(r#"Bearer error="insufficient_scope""#.to_owned())
            }
            ErrorKind::InsufficientScope => Some(format!(
                r#"Bearer error="insufficient_scope", scope="{}""#,
                self.0.details.missing_scopes.join(" ").replace(['"', '\\'], "")
            )),
            _ => None,
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.details.fmt(f)
    }
}
