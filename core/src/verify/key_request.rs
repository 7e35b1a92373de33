//! The keys that must be fetched before a token can be verified.

use std::sync::Arc;

use super::jwks_cache::{JwksCache, KeyFetchReason};
use super::key_error;
use crate::error::{Error, InvalidTokenReason, Result};

/// Why a verification ends without claims.
pub(crate) enum Stop<'v> {
    Refused(Error),
    NeedsKeys(KeyRequest<'v>),
}

impl From<Error> for Stop<'_> {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Stop<'_> {
    /// The error if no keys will be fetched, since they were fetched just now.
    pub(crate) fn without_fetch(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::NeedsKeys(_) => key_error(InvalidTokenReason::KeyNotFound),
        }
    }
}

/// A request for an issuer's keys: any key set, or one with `kid`.
pub(crate) struct KeyRequest<'v> {
    pub(super) cache: &'v Arc<JwksCache>,
    pub(super) kid: Option<String>,
}

impl KeyRequest<'_> {
    /// Checks whether a fetch is allowed now; otherwise returns the result without one.
    pub(super) fn check_fetch_allowed(&self) -> Result<()> {
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
