//! The error of a seed.

/// Why a seed is rejected. It never quotes the seed, which has secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// Not valid JSON or YAML, an unknown member, or a member of a wrong type.
    #[error(
        "line {line} of the seed{}: not valid JSON or YAML, an unknown member, or a wrong type",
        field.as_ref().map(|field| format!(", {field}")).unwrap_or_default()
    )]
    Syntax {
        /// Counts from 1.
        line: usize,
        /// The member, such as `clients[2].scopes`, if it is known.
        field: Option<String>,
    },
    /// A value breaks a rule of the API.
    #[error("{place} of the seed: {message}")]
    Invalid {
        /// Where, such as `clients[2]`.
        place: String,
        /// The rule.
        message: String,
    },
}

impl SeedError {
    pub(crate) fn invalid(place: impl Into<String>, message: impl ToString) -> Self {
        Self::Invalid { place: place.into(), message: message.to_string() }
    }
}
