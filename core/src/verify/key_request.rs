//! What must be fetched or asked before a token can be verified.

use std::sync::Arc;

use super::jwks_cache::{JwksCache, KeyFetchReason};
use super::key_error;
use super::resolver::IssuerRequest;
use crate::error::{Error, InvalidTokenReason, Result};

/// Why a verification ends without claims.
pub(crate) enum Stop {
    Refused(Error),
    NeedsKeys(KeyRequest),
    NeedsIssuer(IssuerRequest),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Stop {
    /// Checks whether the fetch or the call is allowed now; otherwise returns the result without it.
    pub(super) fn check_allowed(&self) -> Result<()> {
        match self {
            Self::Refused(_) => Ok(()),
            Self::NeedsKeys(request) => request.check_fetch_allowed(),
            Self::NeedsIssuer(request) => request.check_call_allowed(),
        }
    }

    /// The error if nothing will be fetched, since it was fetched just now.
    pub(crate) fn without_fetch(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::NeedsKeys(_) => key_error(InvalidTokenReason::KeyNotFound),
            Self::NeedsIssuer(request) => request.lost(),
        }
    }
}

/// A request for an issuer's keys: any key set, or one with `kid`.
pub(crate) struct KeyRequest {
    pub(super) cache: Arc<JwksCache>,
    pub(super) kid: Option<String>,
}

impl KeyRequest {
    /// Checks whether a fetch is allowed now; otherwise returns the result without one.
    fn check_fetch_allowed(&self) -> Result<()> {
        match &self.kid {
            Some(kid) if !self.cache.may_ask_for_unknown_kid(kid)? => {
                Err(key_error(InvalidTokenReason::KeyNotFound))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn fetch(&self) -> Result<()> {
        let unknown = self.kid.as_deref().map(KeyFetchReason::UnknownKid);
        self.cache.fetch(unknown.unwrap_or(KeyFetchReason::NoKeys)).await
    }
}
