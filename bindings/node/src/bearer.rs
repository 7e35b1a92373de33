//! What HTTP says about bearer tokens: the core's functions, and the origins of an HTTP client.

use napi_derive::napi;
use stytch_m2m as core;

use crate::error::{Outcome, outcome};

/// The token in an `Authorization` header's value, if there is one.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn token_from_authorization_header(value: Option<String>) -> Outcome<String> {
    outcome(core::token_from_authorization_header(value.as_deref()))
}

/// The token in a request's `Authorization` headers, all of them.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn token_from_authorization_headers(values: Vec<String>) -> Outcome<String> {
    outcome(core::token_from_authorization_headers(values.iter().map(String::as_str)))
}

/// Whether an answer with this status and these `WWW-Authenticate` headers refuses the token.
#[napi(catch_unwind)]
pub fn refuses_token(status: u16, www_authenticate: Vec<String>) -> bool {
    core::refuses_token(status, www_authenticate.iter().map(String::as_str))
}

/// The scopes of `required` that `scopes` do not grant.
#[napi(catch_unwind)]
pub fn missing_scopes(
    scopes: Vec<String>,
    wildcard_scopes: bool,
    required: Vec<String>,
) -> Vec<String> {
    core::missing_scopes(&scopes, wildcard_scopes, &required)
}

/// The origins that an HTTP client may send its tokens to.
#[napi]
pub struct Origins(core::Origins);

impl From<core::Origins> for Origins {
    fn from(origins: core::Origins) -> Self {
        Self(origins)
    }
}

/// The origins of a list.
#[napi(catch_unwind, ts_return_type = "Origins | Failure")]
pub fn new_origins(origins: Vec<String>) -> Outcome<Origins> {
    outcome(core::Origins::new(origins))
}

#[napi]
impl Origins {
    /// Whether a request to `url` may carry the token.
    #[napi(catch_unwind)]
    pub fn allows(&self, url: String) -> bool {
        self.0.allows(&url)
    }
}
