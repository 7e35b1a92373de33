//! JSON as values, for a language whose standard library reads none.

use std::collections::HashMap;

use serde_json::Value;
use stytch_m2m::Error;

use crate::error::Result;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum JsonValue {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<JsonValue>),
    /// An object.
    Object(HashMap<String, JsonValue>),
}

impl From<Value> for JsonValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(k, v)| (k, v.into())).collect())
            }
        }
    }
}

/// Reads `text`, which is the argument called `field`.
pub(crate) fn parse_json(field: &str, text: &[u8]) -> Result<JsonValue> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|_| Error::invalid_config(field, format!("{field} is not the text of JSON")))?;
    Ok(value.into())
}
