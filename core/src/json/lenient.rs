//! Lenient parsing of optional members: a wrong value never makes a response unusable.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A string, or `None` for any other value.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// A string, or an empty one for any other value.
pub(crate) fn text_or_empty<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    Ok(text(deserializer)?.unwrap_or_default())
}

/// An HTTP status, or `None` for any other value.
pub(crate) fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let number = Value::deserialize(deserializer)?.as_u64();
    Ok(number.and_then(|number| number.try_into().ok()))
}

/// An HTTP status, or 0 for any other value.
pub(crate) fn status_or_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    Ok(status(deserializer)?.unwrap_or_default())
}

/// An object, or `None` for any other value.
pub(crate) fn object<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Object(object) => Some(object),
        _ => None,
    })
}

/// The value, or the default for `null`.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
