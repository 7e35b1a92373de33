//! Comparison and renaming of scopes. Of `action:resource` scopes, `action:*` grants every resource of
//! an action if the issuer's scopes have wildcards.

use std::collections::HashMap;

use crate::error::{Error, Result};

/// Maximum number of scopes of a token, and maximum bytes of each.
pub(crate) const MAX_SCOPES: usize = 1000;
pub(crate) const MAX_SCOPE: usize = 256;

/// The scopes of a `scope` claim, split at spaces (RFC 6749, section 3.3). Empty and invalid scopes
/// are skipped.
pub(crate) fn split(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|piece| is_scope_token(piece))
}

/// The new name of a scope: its own, or the pattern of `*`, in which `*` is replaced by the old
/// name. `None` if it keeps its name.
pub(crate) fn renamed<'n>(
    names: impl Fn(&str) -> Option<&'n String>,
    scope: &str,
) -> Option<String> {
    let pattern = || Some(names("*")?.replace('*', scope));
    names(scope).cloned().or_else(pattern)
}

/// The scopes under their new names, each once.
pub(crate) fn renamed_all(scopes: Vec<String>, names: &HashMap<String, String>) -> Vec<String> {
    if names.is_empty() {
        return scopes;
    }
    let mut all = Vec::with_capacity(scopes.len());
    for scope in scopes {
        let name = renamed(|name| names.get(name), &scope).unwrap_or(scope);
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Checks a caller's scopes.
pub(crate) fn check_names(field: &str, scopes: &[String]) -> Result<()> {
    match scopes.iter().find(|scope| !is_scope_token(scope)) {
        None => Ok(()),
        Some(bad) => Err(Error::invalid_config(
            field,
            format!(
                "{field} contains {}: pass each scope as one string of printable ASCII without spaces",
                if bad.is_empty() { "an empty scope" } else { "an invalid scope" }
            ),
        )),
    }
}

/// The required scopes that `held` does not grant, in their order. For packages with their own type
/// of claims.
pub(crate) fn missing(held: &[String], wildcard_scopes: bool, required: &[String]) -> Vec<String> {
    let by_wildcard = |scope| wildcard_scopes && held.iter().any(|held| grants(held, scope));
    let is_granted = |scope| held.contains(scope) || by_wildcard(scope);
    required.iter().filter(|scope| !is_granted(scope)).cloned().collect()
}

/// Whether the scope `held` grants the different scope `required`. Only `action:*` is a wildcard;
/// it does not grant `action` alone.
fn grants(held: &str, required: &str) -> bool {
    match (held.split_once(':'), required.split_once(':')) {
        (Some((action, "*")), Some((wanted, resource))) => {
            !action.is_empty() && action != "*" && action == wanted && !resource.is_empty()
        }
        _ => false,
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`
pub(crate) fn is_scope_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}
