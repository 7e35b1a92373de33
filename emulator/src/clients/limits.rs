//! Limits of client settings. Where Stytch documents no number, the limit is a generous guess.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::reply::ApiError;

const MAX_CLIENT_ID_CHARS: usize = 256;
const MAX_NAME_CHARS: usize = 256;
const MAX_DESCRIPTION_CHARS: usize = 1024;
const MAX_SCOPES: usize = 256;
const MAX_SECRET_CHARS: usize = 256;
const MIN_DISTINCT_SECRET_CHARS: usize = 5;
/// Documented.
const MIN_SECRET_CHARS: usize = 8;
/// Documented.
const MAX_METADATA_KEYS: usize = 20;
/// Documented: 4 KB, as JSON.
const MAX_METADATA_BYTES: usize = 4096;

type Check = Result<(), ApiError>;

fn require(holds: bool, error_type: &'static str, message: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(ApiError::bad_request(error_type, message())) }
}

fn require_length(text: &str, max: usize, error_type: &'static str, field: &str) -> Check {
    require(text.chars().count() <= max, error_type, || {
        format!("The {field} must have {max} characters at most.")
    })
}

pub(super) fn check_client_id(client_id: &str) -> Check {
    let error_type = "m2m_client_invalid_client_id";
    require(!client_id.is_empty(), error_type, || "The client_id must not be empty.".into())?;
    require(!client_id.chars().any(|c| c.is_control() || c.is_whitespace()), error_type, || {
        "The client_id must have no spaces and no control characters.".into()
    })?;
    require_length(client_id, MAX_CLIENT_ID_CHARS, error_type, "client_id")
}

pub(super) fn check_name(name: &str) -> Check {
    require_length(name, MAX_NAME_CHARS, "m2m_client_invalid_client_name", "client_name")
}

pub(super) fn check_description(description: &str) -> Check {
    let error_type = "m2m_client_invalid_client_description";
    require_length(description, MAX_DESCRIPTION_CHARS, error_type, "client_description")
}

pub(super) fn check_secret(secret: &str) -> Check {
    let printable = |c: char| c.is_ascii() && !c.is_ascii_control();
    require(secret.chars().all(printable), "m2m_client_invalid_client_secret", || {
        "The client_secret must be printable ASCII.".into()
    })?;
    require_length(secret, MAX_SECRET_CHARS, "client_secret_too_long", "client_secret")?;
    require(secret.chars().count() >= MIN_SECRET_CHARS, "insecure_m2m_client_secret", || {
        format!("The client_secret must have {MIN_SECRET_CHARS} characters at least.")
    })?;
    let distinct = secret.chars().collect::<BTreeSet<_>>().len();
    require(distinct >= MIN_DISTINCT_SECRET_CHARS, "insecure_m2m_client_secret", || {
        "The client_secret is too easy to guess.".into()
    })
}

/// RFC 6749 section 3.3: printable ASCII but space, quote and backslash.
pub(super) fn check_scopes(scopes: &[String]) -> Check {
    require(scopes.len() <= MAX_SCOPES, "too_many_m2m_client_scopes", || {
        format!("A client has {MAX_SCOPES} scopes at most.")
    })?;
    let valid = |scope: &String| {
        !scope.is_empty() && scope.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
    };
    require(scopes.iter().all(valid), "invalid_m2m_client_scope", || {
        "A scope must be printable ASCII, without spaces, quotes and backslashes.".into()
    })
}

pub(super) fn check_metadata(metadata: &Map<String, Value>) -> Check {
    require(metadata.len() <= MAX_METADATA_KEYS, "metadata_too_many_keys", || {
        format!("The trusted_metadata must have {MAX_METADATA_KEYS} top-level keys at most.")
    })?;
    let bytes = serde_json::to_vec(metadata).map_or(usize::MAX, |json| json.len());
    require(bytes <= MAX_METADATA_BYTES, "metadata_too_large", || {
        format!("The trusted_metadata must have {MAX_METADATA_BYTES} bytes at most, as JSON.")
    })
}
