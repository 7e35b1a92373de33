//! What HTTP says about bearer tokens: the core's functions, and the origins of an HTTP client.

use napi_derive::napi;
use stytch_m2m as m2m;

use crate::error::{Outcome, outcome};

/// The token in an `Authorization` header's value, if there is one.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn token_from_authorization_header(value: Option<String>) -> Outcome<String> {
    outcome(m2m::token_from_authorization_header(value.as_deref()))
}

/// The token in a request's `Authorization` headers, all of them.
#[napi(catch_unwind, ts_return_type = "string | Failure")]
pub fn token_from_authorization_headers(values: Vec<String>) -> Outcome<String> {
    outcome(m2m::token_from_authorization_headers(values.iter().map(String::as_str)))
}

/// Whether an answer with this status and these `WWW-Authenticate` headers refuses the token.
#[napi(catch_unwind)]
pub fn refuses_token(status: u16, www_authenticate: Vec<String>) -> bool {
    m2m::refuses_token(status, www_authenticate.iter().map(String::as_str))
}

/// The scopes of `required` that `scopes` do not grant.
#[napi(catch_unwind)]
pub fn missing_scopes(
    scopes: Vec<String>,
    wildcard_scopes: bool,
    required: Vec<String>,
) -> Vec<String> {
    m2m::internals::missing_scopes(&scopes, wildcard_scopes, &required)
}

/// The origins to which an HTTP client may send its tokens.
#[napi]
pub struct Origins(m2m::Origins);

impl From<m2m::Origins> for Origins {
    fn from(origins: m2m::Origins) -> Self {
        Self(origins)
    }
}

/// The origins of a list.
#[napi(catch_unwind, ts_return_type = "Origins | Failure")]
pub fn new_origins(origins: Vec<String>) -> Outcome<Origins> {
    outcome(m2m::Origins::new(origins))
}

#[napi]
impl Origins {
    /// Whether a request to `url` may carry the token.
    #[napi(catch_unwind)]
    pub fn allows(&self, url: String) -> bool {
        self.0.allows(&url)
    }
}
