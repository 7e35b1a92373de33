//! The payload's members that are checked.

use super::compact::malformed;
use super::subject_claims::SubjectClaims;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::{self, Limits, Value};

pub(super) const PAYLOAD_LIMITS: Limits = Limits { depth: 32, members: 256 };
/// The claim of Stytch's session tokens.
const SESSION_CLAIM: &str = "https://stytch.com/session";

/// The checked members of the payload, borrowed from its text.
#[derive(Default)]
pub(super) struct Payload<'p> {
    pub(super) iss: Option<Value<'p>>,
    pub(super) sub: Option<Value<'p>>,
    pub(super) aud: Option<Value<'p>>,
    pub(super) exp: Option<Value<'p>>,
    pub(super) nbf: Option<Value<'p>>,
    pub(super) iat: Option<Value<'p>>,
    pub(super) jti: Option<Value<'p>>,
    pub(super) scope: Option<Value<'p>>,
    pub(super) azp: Option<Value<'p>>,
    pub(super) client_id: Option<Value<'p>>,
    /// The claim with the organization.
    pub(super) organization: Option<Value<'p>>,
    pub(super) session: bool,
    /// `cnf`: the token is bound to a key (RFC 7800).
    pub(super) bound: bool,
    /// Whether there is any claim that is not a registered one.
    pub(super) custom: bool,
}

impl<'p> Payload<'p> {
    /// Parses `text`, and collects the claims that identify the subject in `signs`, and the claim
    /// called `organization`, which is not one that [`is_checked`].
    pub(super) fn parse(
        text: &'p str,
        mut signs: Option<&mut SubjectClaims<'p>>,
        organization: Option<&str>,
    ) -> Result<Self> {
        let mut payload = Self::default();
        json::object(text, PAYLOAD_LIMITS, |name, value| match name {
            "iss" => payload.iss = Some(value),
            "sub" => payload.sub = Some(value),
            "aud" => payload.aud = Some(value),
            "exp" => payload.exp = Some(value),
            "nbf" => payload.nbf = Some(value),
            "iat" => payload.iat = Some(value),
            "jti" => payload.jti = Some(value),
            "scope" => payload.scope = Some(value),
            custom => {
                payload.custom = true;
                match custom {
                    "azp" => payload.azp = Some(value),
                    "client_id" => payload.client_id = Some(value),
                    "cnf" => payload.bound = value != Value::Null,
                    SESSION_CLAIM => payload.session = true,
                    _ => {
                        if organization == Some(custom) {
                            payload.organization = Some(value.clone());
                        }
                        if let Some(signs) = &mut signs {
                            signs.member(custom, value);
                        }
                    }
                }
            }
        })
        .map_err(|_| malformed("the payload is not one strict JSON object"))?;
        Ok(payload)
    }
}

/// Whether the claim has a field of [`Payload`] of its own.
pub(super) fn is_checked(name: &str) -> bool {
    let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope"];
    registered.contains(&name) || ["azp", "client_id", "cnf", SESSION_CLAIM].contains(&name)
}

pub(super) fn string<'v>(claim: &str, value: &'v Option<Value<'_>>) -> Result<Option<&'v str>> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(claim, "is not a string")),
    }
}

pub(super) fn missing(claim: &str) -> Error {
    let message = format!("the token has no `{claim}`");
    Error::invalid_token(InvalidTokenReason::ClaimMissing, message)
        .with(|d| d.claim = Some(claim.to_owned()))
}

pub(super) fn invalid(claim: &str, what: &str) -> Error {
    let message = format!("the token's `{claim}` {what}");
    Error::invalid_token(InvalidTokenReason::ClaimInvalid, message)
        .with(|d| d.claim = Some(claim.to_owned()))
}

pub(super) fn wrong_kind(what: &str) -> Error {
    Error::invalid_token(
        InvalidTokenReason::WrongTokenKind,
        format!("the token is not an M2M access token: {what}"),
    )
}
