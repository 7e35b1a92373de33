//! The organization of a client, in a claim that the issuer's settings name.

use serde_json::Value as Json;

use super::claim_path;
use super::compact::malformed;
use super::in_payload::InPayload;
use super::payload::{invalid, is_checked};
use crate::error::{Error, Result};
use crate::json::Value;

/// The claim with the organization, prepared once.
#[derive(Debug)]
pub(crate) enum OrganizationClaim {
    /// The claim of this name, which is collected while the payload is parsed.
    Collected(String),
    /// The member of other claims, or a claim that is checked for itself.
    At(Vec<String>),
}

impl OrganizationClaim {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let parts = claim_path::parts(text);
        if parts.iter().any(|part| part.is_empty() || part.contains(['{', '*'])) {
            return Err(Error::invalid_config(
                "organization_claim",
                "organization_claim must be a name such as org_id, or a path such as tenant.id",
            ));
        }
        Ok(match parts.as_slice() {
            [name] if !is_checked(name) => Self::Collected((*name).to_owned()),
            parts => Self::At(parts.iter().map(|&part| part.to_owned()).collect()),
        })
    }

    /// The name of the claim to collect.
    pub(super) fn collected(&self) -> Option<&str> {
        match self {
            Self::Collected(name) => Some(name),
            Self::At(_) => None,
        }
    }

    /// The organization's id, or why the token has none that counts, which matters only where one is
    /// required; `collected` is the value of the collected claim.
    pub(super) fn read(&self, collected: &Option<Value<'_>>, payload: &str) -> Result<InPayload> {
        match self {
            Self::At(path) => inside(path, payload),
            Self::Collected(claim) => match collected {
                None | Some(Value::Null) => Ok(InPayload::Absent),
                Some(Value::String(id)) if id.is_empty() => Err(invalid(claim, "is empty")),
                Some(Value::String(_)) => Ok(InPayload::of(collected, payload)),
                Some(_) => Err(invalid(claim, "is not a string")),
            },
        }
    }
}

/// The string at `path` of a payload that is strict JSON.
fn inside(path: &[String], payload: &str) -> Result<InPayload> {
    let [claim, inner @ ..] = path else { return Ok(InPayload::Absent) };
    let claims: Json = serde_json::from_str(payload)
        .map_err(|_| malformed("the payload is not one strict JSON object"))?;
    let mut found = claims.get(claim).unwrap_or(&Json::Null);
    for name in inner {
        found = match found {
            Json::Null => return Ok(InPayload::Absent),
            Json::Object(members) => members.get(name).unwrap_or(&Json::Null),
            _ => return Err(invalid(claim, "is not an object, as organization_claim says")),
        };
    }
    match found {
        Json::Null => Ok(InPayload::Absent),
        Json::String(id) if id.is_empty() => Err(invalid(claim, "has an empty organization")),
        Json::String(id) => Ok(InPayload::Own(id.clone())),
        _ => Err(invalid(claim, "has an organization that is not a string")),
    }
}
