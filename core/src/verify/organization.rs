//! The organization of a client, in a claim that the issuer's settings name.

use serde_json::Value as Json;

use super::claim_path;
use super::compact::malformed;
use super::in_payload::InPayload;
use super::payload::{invalid, is_checked};
use crate::error::{Error, Result};
use crate::json::Value;

/// The claim with the organization: prepared once, and none costs nothing.
#[derive(Debug)]
pub(crate) struct OrganizationClaim {
    /// The claim's name, and the names of members inside it.
    path: Vec<String>,
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
        Ok(Self { path: parts.into_iter().map(str::to_owned).collect() })
    }

    /// The claim's name, if its value is collected while the payload is parsed.
    pub(super) fn collected(&self) -> Option<&str> {
        match self.path.as_slice() {
            [name] if !is_checked(name) => Some(name),
            _ => None,
        }
    }

    /// The organization's id; `collected` is the value of the claim of that name.
    pub(super) fn read(&self, collected: &Option<Value<'_>>, payload: &str) -> Result<InPayload> {
        let [claim, inner @ ..] = self.path.as_slice() else { return Ok(InPayload::Absent) };
        if self.collected().is_some() {
            return match collected {
                None | Some(Value::Null) => Ok(InPayload::Absent),
                Some(Value::String(id)) if id.is_empty() => Err(invalid(claim, "is empty")),
                value @ Some(Value::String(_)) => Ok(InPayload::of(value, payload)),
                Some(_) => Err(invalid(claim, "is not a string")),
            };
        }
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
}
