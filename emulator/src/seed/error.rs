//! Why a seed is refused.

/// Why a seed is refused. It never quotes the seed, which has secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// It is neither JSON nor YAML, or has a member that a seed does not have, or one of a wrong type.
    #[error("line {line} of the seed is neither JSON nor YAML, or not what a seed has there")]
    Syntax {
        /// Counts from 1.
        line: usize,
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
