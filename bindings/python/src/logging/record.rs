//! What an event says: its text, and its fields.

use std::fmt;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tracing::field::{Field, Visit};

#[derive(Default)]
pub(super) struct Message {
    text: String,
    fields: Vec<(&'static str, Value)>,
}

enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => number.fmt(f),
        }
    }
}

impl Message {
    /// The text, and then the fields.
    pub(super) fn text(&self) -> String {
        let fields = self.fields.iter().map(|(name, value)| format!(" {name}={value}"));
        self.text.clone() + &fields.collect::<String>()
    }

    pub(super) fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let fields = PyDict::new(py);
        for (name, value) in &self.fields {
            match value {
                Value::Text(text) => fields.set_item(name, text)?,
                Value::Integer(number) => fields.set_item(name, number)?,
                Value::Float(number) => fields.set_item(name, number)?,
            }
        }
        Ok(fields)
    }

    fn push(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::Text(text)) => self.text = text,
            (name, value) => self.fields.push((name, value)),
        }
    }
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push(field, Value::Text(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, Value::Text(value.to_owned()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Value::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record_u128(field, value.into());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field, Value::Integer(i64::try_from(value).unwrap_or(i64::MAX)));
    }
}
