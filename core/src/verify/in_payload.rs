//! A string in the payload, which costs no copy.

use std::borrow::Cow;

use crate::json::Value;

/// Where a string of the payload is.
#[derive(Clone)]
pub(super) enum InPayload {
    /// Nowhere, or not as a string.
    Absent,
    /// At these bytes of the payload.
    At { start: usize, end: usize },
    /// Not as its text: it contains an escape in the payload, or is inside another claim.
    Own(String),
}

impl InPayload {
    /// Where `value`, which was parsed from `payload`, is.
    pub(super) fn of(value: &Option<Value<'_>>, payload: &str) -> Self {
        match value {
            Some(Value::String(Cow::Borrowed(text))) => {
                let start = (text.as_ptr() as usize).wrapping_sub(payload.as_ptr() as usize);
                Self::At { start, end: start.wrapping_add(text.len()) }
            }
            Some(Value::String(Cow::Owned(text))) => Self::Own(text.clone()),
            _ => Self::Absent,
        }
    }

    pub(super) fn text<'p>(&'p self, payload: &'p str) -> Option<&'p str> {
        match self {
            Self::Absent => None,
            Self::At { start, end } => payload.get(*start..*end),
            Self::Own(text) => Some(text),
        }
    }
}
