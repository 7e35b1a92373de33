//! JSON as values that keep every digit: Kotlin's standard library reads no JSON, and Swift's rounds numbers.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};
use stytch_m2m::internals;

use crate::error::Result;

/// An `f64` holds every decimal number of this many digits.
const DOUBLE_DIGITS: usize = 15;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum JsonValue {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number of 64 bits.
    Integer(i64),
    /// Another number, of no more digits than an `f64` holds.
    Number(f64),
    /// The text of a number that neither of them holds.
    Exact(String),
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
            Value::Number(number) => Self::from(number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(k, v)| (k, v.into())).collect())
            }
        }
    }
}

impl From<Number> for JsonValue {
    fn from(number: Number) -> Self {
        let text = number.to_string();
        if let Some(integer) = number.as_i64() {
            return Self::Integer(integer);
        }
        match text.parse::<f64>() {
            Ok(double) if is_held(double, &text) => Self::Number(double),
            _ => Self::Exact(text),
        }
    }
}

/// Whether `double`, which was read from `text`, has all its digits.
fn is_held(double: f64, text: &str) -> bool {
    let is_whole = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_matches('0').len();
    !is_whole
        && significant <= DOUBLE_DIGITS
        && (double.is_normal() || (double == 0.0 && significant == 0))
}

impl TryFrom<JsonValue> for Value {
    type Error = serde_json::Error;

    fn try_from(value: JsonValue) -> Result<Self, serde_json::Error> {
        Ok(match value {
            JsonValue::Null => Self::Null,
            JsonValue::Bool(value) => Self::Bool(value),
            JsonValue::Integer(integer) => Self::Number(integer.into()),
            // Not a number, and infinite: JSON has no such numbers.
            JsonValue::Number(double) => Self::Number(format!("{double:?}").parse()?),
            JsonValue::Exact(text) => Self::Number(text.parse()?),
            JsonValue::Text(text) => Self::String(text),
            JsonValue::Array(items) => {
                Self::Array(items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            JsonValue::Object(members) => {
                let read = |(name, value)| Ok((name, Self::try_from(value)?));
                Self::Object(members.into_iter().map(read).collect::<Result<Map<_, _>, _>>()?)
            }
        })
    }
}

/// Reads `text`, which is the argument called `field`.
#[uniffi::export]
pub fn parse_json(field: &str, text: &str) -> Result<JsonValue> {
    let value: Value = serde_json::from_str(text).map_err(|_| {
        internals::invalid_config(field, format!("{field} is not the text of JSON"))
    })?;
    Ok(value.into())
}

/// The text of `value`, which is the argument called `field`.
#[uniffi::export]
pub fn json_text(field: &str, value: JsonValue) -> Result<String> {
    let message = || format!("{field} has a number that JSON cannot express");
    let value = Value::try_from(value).map_err(|_| internals::invalid_config(field, message()))?;
    Ok(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_every_digit() {
        let exact = |text: &str| JsonValue::Exact(text.to_owned());
        for (text, value) in [
            ("0", JsonValue::Integer(0)),
            ("-9223372036854775808", JsonValue::Integer(i64::MIN)),
            ("9223372036854775808", exact("9223372036854775808")),
            ("-9223372036854775809", exact("-9223372036854775809")),
            ("123456789012345678901234567890", exact("123456789012345678901234567890")),
            ("1.5", JsonValue::Number(1.5)),
            ("1.50", JsonValue::Number(1.5)),
            ("0.0", JsonValue::Number(0.0)),
            ("1e+3", JsonValue::Number(1000.0)),
            ("0.1234567890123456789", exact("0.1234567890123456789")),
            ("1e+400", exact("1e+400")),
            ("1e-400", exact("1e-400")),
        ] {
            let read = parse_json("claims", text).unwrap();
            assert_eq!(read, value, "{text}");
            let again = parse_json("claims", &json_text("claims", read).unwrap()).unwrap();
            assert_eq!(again, value, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_by_name() {
        for value in [
            JsonValue::Number(f64::NAN),
            JsonValue::Number(f64::NEG_INFINITY),
            JsonValue::Exact("0x10".to_owned()),
            JsonValue::Exact("1, 2".to_owned()),
            JsonValue::Exact(String::new()),
        ] {
            let error = json_text("metadata", JsonValue::Array(vec![value])).unwrap_err();
            let crate::error::NativeError::Failed { code, details, .. } = error;
            assert_eq!((&*code, details.field.as_deref()), ("invalid_config", Some("metadata")));
        }
    }
}
