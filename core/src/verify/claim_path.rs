//! Names of claims in settings, which may lead into other claims.

/// The parts of a name: a name with a colon (a URL or URN) is one claim; in others, dots lead into
/// objects.
pub(super) fn parts(name: &str) -> Vec<&str> {
    match name.contains(':') {
        true => vec![name],
        false => name.split('.').collect(),
    }
}
