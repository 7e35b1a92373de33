//! What HTTP says about bearer tokens: the core's functions, and the origins of an HTTP client.

use stytch_m2m::Origins;

use crate::error::Result;

/// The token in an `Authorization` header's value; `None` is a request without the header.
#[uniffi::export]
pub fn token_from_authorization_header(value: Option<String>) -> Result<String> {
    Ok(stytch_m2m::token_from_authorization_header(value.as_deref())?.to_owned())
}

/// The token in a request's `Authorization` headers, all of them.
#[uniffi::export]
pub fn token_from_authorization_headers(values: Vec<String>) -> Result<String> {
    let values = values.iter().map(String::as_str);
    Ok(stytch_m2m::token_from_authorization_headers(values)?.to_owned())
}

/// Whether an answer with this status and these `WWW-Authenticate` headers refuses the token.
#[uniffi::export]
pub fn refuses_token(status: u16, www_authenticate: Vec<String>) -> bool {
    stytch_m2m::refuses_token(status, www_authenticate.iter().map(String::as_str))
}

/// The scopes of `required` that `scopes` do not grant.
#[uniffi::export]
pub fn missing_scopes(
    scopes: Vec<String>,
    wildcard_scopes: bool,
    required: Vec<String>,
) -> Vec<String> {
    stytch_m2m::internals::missing_scopes(&scopes, wildcard_scopes, &required)
}

/// [`Origins`].
#[derive(Debug, uniffi::Object)]
pub struct NativeOrigins(Origins);

#[uniffi::export]
impl NativeOrigins {
    /// The origins of a list.
    #[uniffi::constructor]
    pub fn new(origins: Vec<String>) -> Result<Self> {
        Ok(Self(Origins::new(origins)?))
    }

    /// Whether a request to `url` may carry the token.
    pub fn allows(&self, url: &str) -> bool {
        self.0.allows(url)
    }
}
