//! The organization of a client: a key of its trusted metadata, from which a template of the
//! project's tokens can take it.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::text::is_deceptive;

/// The key unless [`ClientConfig::organization_key`](crate::ClientConfig::organization_key) names
/// another.
pub(crate) const ORGANIZATION_KEY: &str = "organization_id";
const LONGEST_KEY: usize = 64;
const LONGEST_ID: usize = 256;

/// The key of trusted metadata whose value is the organization's id.
#[derive(Clone, Debug)]
pub(crate) struct OrganizationKey(String);

impl OrganizationKey {
    pub(crate) fn new(key: Option<String>) -> Result<Self> {
        let key = key.unwrap_or_else(|| ORGANIZATION_KEY.to_owned());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        match key.is_empty() || key.len() > LONGEST_KEY || !key.chars().all(is_plain) {
            true => Err(Error::invalid_config(
                "organization_key",
                format!(
                    "organization_key must be 1 to {LONGEST_KEY} ASCII letters, digits, `_` or `-`"
                ),
            )),
            false => Ok(Self(key)),
        }
    }

    /// `metadata` with the organization.
    ///
    /// # Errors
    /// `invalid_config` for a bad id, or if `metadata` has another value under the key.
    pub(crate) fn add(
        &self,
        organization_id: Option<String>,
        metadata: Option<Map<String, Value>>,
    ) -> Result<Option<Map<String, Value>>> {
        let Some(id) = organization_id else { return Ok(metadata) };
        check_id("organization_id", &id)?;
        let mut metadata = metadata.unwrap_or_default();
        if metadata.get(&self.0).is_some_and(|other| *other != id) {
            let message =
                format!("organization_id and trusted_metadata.{} differ: set one of them", self.0);
            return Err(Error::invalid_config("organization_id", message));
        }
        metadata.insert(self.0.clone(), Value::String(id));
        Ok(Some(metadata))
    }

    /// The organization in `metadata`.
    pub(crate) fn find(&self, metadata: Option<&Map<String, Value>>) -> Option<String> {
        metadata?.get(&self.0)?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

/// Checks an organization's id.
pub(crate) fn check_id(field: &str, id: &str) -> Result<()> {
    let wrong = |what: &str| Err(Error::invalid_config(field, format!("{field} {what}")));
    if id.is_empty() {
        return wrong("is empty: leave it out, or set the organization's id");
    }
    if id.chars().count() > LONGEST_ID {
        return wrong(&format!("must have at most {LONGEST_ID} characters"));
    }
    match id.chars().any(|c| c.is_whitespace() || is_deceptive(c)) {
        true => wrong("must have no white space and no invisible or control character"),
        false => Ok(()),
    }
}
