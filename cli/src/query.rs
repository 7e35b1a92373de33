//! `--query`: a part of a result, by an expression in JMESPath.

use serde_json::Value;

use crate::failure::Failure;

/// The expression, if it is one.
pub(crate) fn parse(expression: &str) -> Result<String, String> {
    match jmespath::compile(expression) {
        Ok(_) => Ok(expression.to_owned()),
        // Its further lines repeat the expression, and point at a column.
        Err(error) => {
            let said = error.to_string();
            let line = said.lines().next().unwrap_or_default();
            Err(format!("not an expression in JMESPath: {line}"))
        }
    }
}

/// What `expression` selects in `value`.
pub(crate) fn select(expression: &str, value: &Value) -> Result<Value, Failure> {
    let failed = |error: jmespath::JmespathError| {
        let said = error.to_string();
        let line = said.lines().next().unwrap_or_default().to_owned();
        Failure::usage(format!("--query cannot be applied to the result: {line}"))
    };
    let found = jmespath::compile(expression).and_then(|query| query.search(value));
    let found = found.map_err(failed)?;
    serde_json::to_value(&*found)
        .map_err(|_| Failure::usage("--query selects a value that JSON cannot express"))
}
