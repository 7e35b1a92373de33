//! Options of one verification.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::claims::TokenClaims;
use super::scopes;
use super::times::{TimeLimits, check_tolerance};
use crate::error::{Error, Result};

/// A replacement for the scope comparison, called with the claims and the required scopes.
pub type Authorize = Arc<dyn Fn(&TokenClaims, &[String]) -> bool + Send + Sync>;

/// The organization that a token must belong to, by [`TokenClaims::organization`].
///
/// ```
/// use stytch_m2m::{AuthenticateOptions, RequiredOrganization};
///
/// let options = AuthenticateOptions { organization: Some("acme".into()), ..Default::default() };
/// assert_eq!(options.organization, Some(RequiredOrganization::Exactly("acme".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum RequiredOrganization {
    /// Any organization, but one.
    Any,
    /// The organization with this id, compared exactly.
    Exactly(String),
}

impl RequiredOrganization {
    /// Checks that the token's organization is the required one.
    pub(crate) fn check(&self, found: Option<&str>) -> Result<()> {
        let is_right = match self {
            Self::Any => found.is_some(),
            Self::Exactly(id) => found == Some(id),
        };
        if is_right { Ok(()) } else { Err(Error::wrong_organization()) }
    }
}

impl From<&str> for RequiredOrganization {
    fn from(id: &str) -> Self {
        Self::Exactly(id.to_owned())
    }
}

impl From<String> for RequiredOrganization {
    fn from(id: String) -> Self {
        Self::Exactly(id)
    }
}

/// Options of one verification.
///
/// ```
/// use std::time::Duration;
/// use stytch_m2m::AuthenticateOptions;
///
/// let options = AuthenticateOptions {
///     max_token_age: Some(Duration::from_secs(15 * 60)),
///     clock_tolerance: Duration::from_secs(10),
///     ..AuthenticateOptions::scopes(["read:users", "write:users"])
/// };
/// assert_eq!(options.required_scopes, ["read:users", "write:users"]);
/// ```
#[derive(Clone, Default)]
pub struct AuthenticateOptions {
    /// Scopes that the token must grant; all are required. Default: none.
    pub required_scopes: Vec<String>,
    /// The organization that the token must belong to. A token of another organization, or of none,
    /// is refused as `insufficient_scope` with the reason `wrong_organization`, before its scopes
    /// are compared. Default: not checked.
    pub organization: Option<RequiredOrganization>,
    /// Refuses tokens of this age or older, by `iat`. Zero refuses every token. Default `None`: no
    /// limit.
    pub max_token_age: Option<Duration>,
    /// Leeway for `exp`, `nbf` and `iat`, up to 300 seconds. Default 0. `nbf` and `iat` always have
    /// a leeway of at least 5 seconds.
    pub clock_tolerance: Duration,
    /// Replaces the scope comparison. Default: none.
    pub authorize: Option<Authorize>,
}

impl fmt::Debug for AuthenticateOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticateOptions")
            .field("required_scopes", &self.required_scopes)
            .field("organization", &self.organization)
            .field("max_token_age", &self.max_token_age)
            .field("clock_tolerance", &self.clock_tolerance)
            .field("authorize", &self.authorize.is_some())
            .finish()
    }
}

impl AuthenticateOptions {
    /// Options that require these scopes; all others are defaults.
    #[must_use]
    pub fn scopes<S: Into<String>>(required: impl IntoIterator<Item = S>) -> Self {
        let required_scopes = required.into_iter().map(Into::into).collect();
        Self { required_scopes, ..Self::default() }
    }

    /// Checks the options: at each verification, and when a guard is made.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub(crate) fn validate(&self) -> Result<()> {
        check_tolerance("clock_tolerance", self.clock_tolerance)?;
        scopes::check_names("required_scopes", &self.required_scopes)
    }

    /// The limits for a token whose issuer has the leeway `least`.
    pub(crate) fn time_limits(&self, least: Duration) -> TimeLimits {
        let clock_tolerance = self.clock_tolerance.max(least);
        TimeLimits { clock_tolerance, max_token_age: self.max_token_age }
    }

    /// Checks that `claims` are of the required organization and grant the required scopes.
    pub(super) fn check_authorization(&self, claims: &TokenClaims) -> Result<()> {
        if let Some(organization) = &self.organization {
            organization.check(claims.checked_organization()?)?;
        }
        let missing = || claims.missing_scopes(&self.required_scopes);
        match &self.authorize {
            Some(authorize) if authorize(claims, &self.required_scopes) => Ok(()),
            Some(_) => Err(Error::insufficient_scope(missing())),
            None => match missing() {
                missing if missing.is_empty() => Ok(()),
                missing => Err(Error::insufficient_scope(missing)),
            },
        }
    }
}
