//! The profile of an issuer: which claims of its tokens name the client.

use std::str::FromStr;

use crate::error::{Error, Result};

/// How an issuer's claims name the client, and which of its tokens are refused as another kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum TokenProfile {
    /// `sub` is the client; tokens about users and sessions are refused.
    Stytch,
    /// `sub` is `{client_id}@clients`; tokens about users are refused.
    Auth0,
    /// `client_id`, or else `azp`, or else `sub` is the client (RFC 9068, section 2.2). ID tokens
    /// and tokens marked as a user's are refused; the guide lists the marks.
    OAuth,
}

impl TokenProfile {
    /// The name in settings: `stytch`, `auth0` or `oauth`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stytch => "stytch",
            Self::Auth0 => "auth0",
            Self::OAuth => "oauth",
        }
    }

    /// The setting with the keys' address.
    pub(super) fn setting(self) -> &'static str {
        match self {
            Self::Stytch => "project_id",
            Self::Auth0 => "domain",
            Self::OAuth => "jwks_url",
        }
    }
}

impl FromStr for TokenProfile {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "stytch" => Ok(Self::Stytch),
            "auth0" => Ok(Self::Auth0),
            "oauth" => Ok(Self::OAuth),
            _ => Err(Error::invalid_config("profile", "profile must be stytch, auth0 or oauth")),
        }
    }
}
