//! Checks of the API's limits before anything is sent (Stytch's API reference: M2M clients,
//! metadata).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::model::{ClientStatus, CreateRequest, UpdateRequest};
use super::organization::check_id;
use super::search::SearchRequest;
use crate::config::secret_of;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::verify::scopes::{MAX_SCOPE, check_names};

const METADATA_KEYS: usize = 20;
const METADATA_BYTES: usize = 4096;
const SHORTEST_SECRET: usize = 8;
pub(super) const LARGEST_PAGE: u32 = 1000;
/// Limits that Stytch enforces but does not document. These values are above those in practical
/// use.
const LONGEST_ID: usize = 256;
const LONGEST_NAME: usize = 256;
const LONGEST_DESCRIPTION: usize = 1024;
const LONGEST_SECRET: usize = 256;
const FEWEST_DISTINCT_CHARACTERS: usize = 5;
const MOST_SCOPES: usize = 256;

pub(super) fn check_create(request: &CreateRequest) -> Result<()> {
    check_names("scopes", &request.scopes)?;
    if let Some(client_id) = &request.client_id {
        check_path(&[client_id])?;
    }
    if let Some(secret) = &request.client_secret
        && is_too_short(secret_of("client_secret", Some(secret))?)
    {
        return Err(Error::invalid_config(
            "client_secret",
            format!("client_secret must have at least {SHORTEST_SECRET} characters"),
        ));
    }
    if let Some(id) = &request.organization_id {
        check_id("organization_id", id)?;
    }
    request.trusted_metadata.as_ref().map_or(Ok(()), check_metadata)
}

/// Also checks the limits that Stytch does not document (`insecure_m2m_client_secret`,
/// `m2m_client_invalid_client_id` and others). An import checks them before it starts.
pub(crate) fn check_import(request: &CreateRequest) -> Result<()> {
    check_create(request)?;
    let CreateRequest { client_id, client_secret, client_name, client_description, scopes, .. } =
        request;
    let wrong = |field: &str, what: String| Err(Error::invalid_config(field, what));
    let id = client_id.as_deref().unwrap_or_default();
    if id.chars().any(char::is_whitespace) {
        return wrong("client_id", "client_id must have no white space".into());
    }
    for (field, text, most) in [
        ("client_id", id, LONGEST_ID),
        ("client_name", client_name.as_deref().unwrap_or_default(), LONGEST_NAME),
        (
            "client_description",
            client_description.as_deref().unwrap_or_default(),
            LONGEST_DESCRIPTION,
        ),
    ] {
        if text.chars().count() > most {
            return wrong(field, format!("{field} must have at most {most} characters"));
        }
    }
    if scopes.len() > MOST_SCOPES || scopes.iter().any(|scope| scope.len() > MAX_SCOPE) {
        let what = format!("at most {MOST_SCOPES} scopes of at most {MAX_SCOPE} characters each");
        return wrong("scopes", format!("scopes must be {what}"));
    }
    let secret = client_secret.as_ref().map(Secret::expose).unwrap_or_default();
    if !secret.chars().all(|c| c.is_ascii() && !c.is_ascii_control()) {
        return wrong("client_secret", "client_secret must be printable ASCII".into());
    }
    if secret.len() > LONGEST_SECRET {
        let what = format!("client_secret must have at most {LONGEST_SECRET} characters");
        return wrong("client_secret", what);
    }
    if secret.chars().collect::<BTreeSet<_>>().len() < FEWEST_DISTINCT_CHARACTERS {
        return wrong(
            "client_secret",
            format!(
                "client_secret must have at least {FEWEST_DISTINCT_CHARACTERS} distinct characters"
            ),
        );
    }
    Ok(())
}

pub(super) fn check_update(request: &UpdateRequest) -> Result<()> {
    check_names("scopes", request.scopes.as_deref().unwrap_or_default())?;
    if request.status == Some(ClientStatus::Unknown) {
        return Err(Error::invalid_config("status", "status must be active or inactive"));
    }
    request.trusted_metadata.as_ref().map_or(Ok(()), check_metadata)
}

pub(super) fn check_search(request: &SearchRequest) -> Result<()> {
    if let Some(id) = &request.organization_id {
        check_id("organization_id", id)?;
    }
    match request.limit {
        Some(limit) if !(1..=LARGEST_PAGE).contains(&limit) => {
            Err(Error::invalid_config("limit", format!("limit must be from 1 to {LARGEST_PAGE}")))
        }
        _ => Ok(()),
    }
}

/// Refuses a segment that would lead to another endpoint, before it is encoded.
pub(super) fn check_path(segments: &[&str]) -> Result<()> {
    let unsafe_segment = |segment: &&&str| {
        matches!(**segment, "" | "." | "..") || segment.chars().any(char::is_control)
    };
    match segments.iter().find(unsafe_segment) {
        None => Ok(()),
        Some(&"") => Err(Error::invalid_config("client_id", "client_id is empty")),
        Some(_) => Err(Error::invalid_config(
            "client_id",
            "client_id must not be `.` or `..` or contain a control character",
        )),
    }
}

/// Whether the secret is shorter than Stytch's minimum.
pub(crate) fn is_too_short(secret: &Secret) -> bool {
    secret.expose().chars().count() < SHORTEST_SECRET
}

pub(crate) fn check_metadata(metadata: &Map<String, Value>) -> Result<()> {
    // A null removes a key, so it does not count.
    let kept = metadata.iter().filter(|(_, value)| !value.is_null());
    let kept: BTreeMap<_, _> = kept.collect();
    let wrong = |what: String| Err(Error::invalid_config("trusted_metadata", what));
    if kept.len() > METADATA_KEYS {
        return wrong(format!(
            "trusted_metadata must have at most {METADATA_KEYS} top-level keys, not {}",
            kept.len()
        ));
    }
    match serde_json::to_vec(&kept).map(|json| json.len()) {
        Ok(length) if length > METADATA_BYTES => wrong(format!(
            "trusted_metadata must have at most {METADATA_BYTES} bytes as JSON, not {length}"
        )),
        _ => Ok(()),
    }
}
