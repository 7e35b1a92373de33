//! What a verification answers with: a dataclass whose fields become Python values when they are
//! first read. To verify a token and read one claim costs no more than that.

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use pyo3::exceptions::{PyAttributeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use stytch_m2m as m2m;
use time::OffsetDateTime;

use super::{Record, json_text, models};

const FIELDS: [&str; 12] = [
    "client_id",
    "scopes",
    "custom_claims",
    "issuer",
    "audience",
    "issued_at",
    "not_before",
    "expires_at",
    "token_id",
    "wildcard_scopes",
    "subject",
    "organization",
];

/// The base of `TokenClaims`: its values, and what those are read from that are not there yet.
#[pyclass(frozen, subclass, weakref, module = "stytch_m2m._native")]
pub(crate) struct Claims {
    verified: OnceLock<Arc<m2m::TokenClaims>>,
    values: [PyOnceLock<Py<PyAny>>; FIELDS.len()],
}

#[pymethods]
impl Claims {
    #[new]
    #[pyo3(signature = (*_args, **_values))]
    fn new(_args: &Bound<'_, PyTuple>, _values: Option<&Bound<'_, PyDict>>) -> Self {
        Self { verified: OnceLock::new(), values: [const { PyOnceLock::new() }; FIELDS.len()] }
    }
}

impl Record for Arc<m2m::TokenClaims> {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        static CLASS: PyOnceLock<(Py<PyTuple>, Py<PyAny>)> = PyOnceLock::new();
        let (class, new) = CLASS.get_or_try_init(py, || {
            let class = models(py)?.getattr("TokenClaims")?;
            let new = class.getattr("__new__")?.unbind();
            PyResult::Ok((PyTuple::new(py, [class])?.unbind(), new))
        })?;
        let claims = new.bind(py).call1(class.bind(py))?;
        let _ = claims.cast::<Claims>()?.get().verified.set(self);
        Ok(claims)
    }
}

/// A field of `TokenClaims`, as the descriptor in its class.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Field(usize);

#[pymethods]
impl Field {
    #[new]
    fn new(name: &str) -> PyResult<Self> {
        let index = FIELDS.iter().position(|field| *field == name);
        index.map(Self).ok_or_else(|| PyValueError::new_err("there is no such field"))
    }

    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        claims: Option<&Bound<'py, Claims>>,
        _class: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Some(claims) = claims else { return Ok(slf.clone().into_any()) };
        claims.get().value(slf.py(), slf.get().0)
    }

    /// For the dataclass's own `__init__`, which alone gets by its being frozen.
    fn __set__(&self, py: Python<'_>, claims: &Bound<'_, Claims>, value: Py<PyAny>) {
        if let Some(slot) = claims.get().values.get(self.0) {
            let _ = slot.set(py, value);
        }
    }
}

impl Claims {
    fn value<'py>(&self, py: Python<'py>, field: usize) -> PyResult<Bound<'py, PyAny>> {
        let name = || PyAttributeError::new_err(FIELDS.get(field).copied());
        let slot = self.values.get(field).ok_or_else(name)?;
        let read = || self.read(py, field)?.map(Bound::unbind).ok_or_else(name);
        Ok(slot.get_or_try_init(py, read)?.bind(py).clone())
    }

    /// The value of a field of verified claims.
    fn read<'py>(&self, py: Python<'py>, field: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(verified) = self.verified.get() else { return Ok(None) };
        let m2m::TokenClaims {
            client_id,
            scopes,
            wildcard_scopes,
            custom_claims,
            issuer,
            audience,
            issued_at,
            not_before,
            expires_at,
            token_id,
        } = &**verified;
        let value = match field {
            0 => client_id.into_pyobject(py)?.into_any(),
            1 => scopes.into_pyobject(py)?,
            2 => json_text(py, &custom_claims.to_json())?,
            3 => issuer.into_pyobject(py)?.into_any(),
            4 => audience.into_pyobject(py)?,
            5 => issued_at.map(|time| datetime(py, time)).transpose()?.into_pyobject(py)?,
            // Most issuers give both the same time.
            6 if not_before == issued_at => return self.value(py, 5).map(Some),
            6 => not_before.map(|time| datetime(py, time)).transpose()?.into_pyobject(py)?,
            7 => datetime(py, *expires_at)?,
            8 => token_id.as_deref().into_pyobject(py)?,
            9 => wildcard_scopes.into_pyobject(py)?.to_owned().into_any(),
            10 => verified.subject().into_pyobject(py)?,
            _ => verified.organization().into_pyobject(py)?,
        };
        Ok(Some(value))
    }
}

/// By `datetime`'s constructor: of the ways that the stable ABI leaves, others take three times as
/// long.
fn datetime(py: Python<'_>, time: SystemTime) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<(Py<PyAny>, Py<PyAny>)> = PyOnceLock::new();
    let (class, utc) = CLASS.get_or_try_init(py, || {
        let module = py.import("datetime")?;
        let utc = module.getattr("timezone")?.getattr("utc")?;
        PyResult::Ok((module.getattr("datetime")?.unbind(), utc.unbind()))
    })?;
    let time = OffsetDateTime::from(time);
    let date = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second, microsecond) = time.to_hms_micro();
    class.bind(py).call1((date.0, date.1, date.2, hour, minute, second, microsecond, utc))
}
