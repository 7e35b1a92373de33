//! The core's errors as Python exceptions, whose classes are in `stytch_m2m._errors`.

use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict};
use stytch_m2m::internals;
use stytch_m2m::{Error, ErrorDetails, ErrorKind, InvalidTokenReason};

use crate::records::Record as _;

/// The exception for `error`, or the one that came up while it was made.
pub(crate) fn exception(py: Python<'_>, error: Error) -> PyErr {
    instance(py, error).map_or_else(|failure| failure, PyErr::from_value)
}

/// The exception for a bad argument or setting called `field`.
pub(crate) fn invalid_config(py: Python<'_>, field: &str, message: &str) -> PyErr {
    exception(py, internals::invalid_config(field, message))
}

fn instance(py: Python<'_>, error: Error) -> PyResult<Bound<'_, PyAny>> {
    let derived = [
        ("is_transient", error.is_transient().into_pyobject(py)?.to_owned().into_any()),
        ("http_status", error.http_status().into_pyobject(py)?.into_any()),
        ("www_authenticate", error.www_authenticate().into_pyobject(py)?),
        (
            "refusal",
            error
                .refusal()
                .map(|refusal| refusal.into_python(py))
                .transpose()?
                .into_pyobject(py)?,
        ),
    ];
    let (code, message, fields) = fields(py, error.into_details())?;
    fields.update(derived.into_py_dict(py)?.as_mapping())?;
    let classes = py.import("stytch_m2m._errors")?.getattr("BY_CODE")?;
    classes.get_item(code)?.call((message,), Some(&fields))
}

fn fields(
    py: Python<'_>,
    details: ErrorDetails,
) -> PyResult<(&'static str, String, Bound<'_, PyDict>)> {
    let ErrorDetails {
        kind,
        message,
        field,
        status_code,
        request_id,
        error_type,
        error_message,
        error_url,
        retry_after,
        reason,
        claim,
        missing_scopes,
        recovery,
    } = details;
    let fields = [
        ("field", field.into_pyobject(py)?),
        ("status_code", status_code.into_pyobject(py)?),
        ("request_id", request_id.into_pyobject(py)?),
        ("error_type", error_type.into_pyobject(py)?),
        ("error_message", error_message.into_pyobject(py)?),
        ("error_url", error_url.into_pyobject(py)?),
        ("retry_after_seconds", retry_after.map(|d| d.as_secs_f64()).into_pyobject(py)?),
        ("reason", reason.map(InvalidTokenReason::code).into_pyobject(py)?),
        ("claim", claim.into_pyobject(py)?),
        ("missing_scopes", missing_scopes.into_pyobject(py)?),
        ("recovery", recovery.into_pyobject(py)?),
    ];
    Ok((kind.code(), message, fields.into_py_dict(py)?))
}

/// The error for a token that lacks these scopes, or that the caller's own `authorize` refused.
#[pyfunction]
#[pyo3(signature = (missing_scopes=Vec::new()))]
pub(crate) fn insufficient_scope(py: Python<'_>, missing_scopes: Vec<String>) -> PyErr {
    exception(py, internals::insufficient_scope(missing_scopes))
}

/// An exception of every kind with every field set, for the test of this mapping.
#[pyfunction]
pub(crate) fn sample_errors(py: Python<'_>) -> Vec<(&'static str, PyErr)> {
    let exception = |kind: ErrorKind| (kind.code(), exception(py, internals::sample(kind)));
    ErrorKind::ALL.into_iter().map(exception).collect()
}
