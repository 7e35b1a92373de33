//! Claims with scopes, beside `scope`: of any name, and inside other claims.

use serde_json::{Map, Value};

use super::claim_path;
use super::payload::invalid;
use super::scopes;
use crate::error::Result;

/// The part of a path that stands for each of the issuer's audiences.
const AUDIENCE: &str = "{audience}";
/// The end of a name whose claim is an object with the scopes as member names.
const NAMES: &str = ".*";

/// One claim with scopes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ScopeClaim {
    /// The claim's name, and the names of members inside it.
    path: Vec<String>,
    /// Whether the scopes are the names of the members of an object.
    by_member_name: bool,
}

impl ScopeClaim {
    /// The claims that the setting `text` names: one, or one for each audience. `None` if it names
    /// none.
    pub(super) fn parse(text: &str, audiences: &[String]) -> Option<Vec<Self>> {
        let (name, by_member_name) = match text.strip_suffix(NAMES) {
            Some(name) => (name, true),
            None => (text, false),
        };
        let parts = claim_path::parts(name);
        let is_misplaced = |part: &&str| part.contains(AUDIENCE) && *part != AUDIENCE;
        if parts.iter().any(|part| part.is_empty() || is_misplaced(part)) {
            return None;
        }
        let path = |audience: &str| Self {
            path: parts.iter().map(|part| part.replace(AUDIENCE, audience)).collect(),
            by_member_name,
        };
        match parts.contains(&AUDIENCE) {
            true if audiences.is_empty() => None,
            true => Some(audiences.iter().map(|audience| path(audience)).collect()),
            false => Some(vec![path("")]),
        }
    }

    /// The scopes in the claim; none if it is absent. Values that cannot be scopes, such as names
    /// with spaces in an array, are skipped.
    pub(super) fn read(
        &self,
        claims: &Map<String, Value>,
        accept_array: bool,
    ) -> Result<Vec<String>> {
        let [first, ..] = self.path.as_slice() else { return Ok(Vec::new()) };
        let wrong = |what: &str| Err(invalid(first, what));
        let mut members = claims;
        let mut found: Option<&Value> = None;
        for (depth, name) in self.path.iter().enumerate() {
            if depth > 0 {
                members = match found {
                    Some(Value::Object(inner)) => inner,
                    _ => return wrong("is not an object, as scope_claims says"),
                };
            }
            found = match members.get(name) {
                None | Some(Value::Null) => return Ok(Vec::new()),
                found => found,
            };
        }
        match found {
            Some(Value::Object(members)) if self.by_member_name => {
                Ok(members.keys().filter(|name| scopes::is_scope_token(name)).cloned().collect())
            }
            _ if self.by_member_name => wrong("is not an object, as scope_claims says"),
            Some(Value::String(text)) => Ok(scopes::split(text).map(str::to_owned).collect()),
            Some(Value::Array(items)) if accept_array => {
                let texts: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
                let Some(texts) = texts else { return wrong("is not an array of strings") };
                let valid = texts.into_iter().filter(|text| scopes::is_scope_token(text));
                Ok(valid.map(str::to_owned).collect())
            }
            Some(Value::Array(_)) => wrong("is an array: to accept it, set accept_scope_array"),
            _ => wrong("is neither a string nor an array of strings"),
        }
    }
}
