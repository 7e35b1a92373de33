//! The records of the hot paths: a dataclass that asks the native object for the field that is read
//! first, and for all others with the second. To verify a token and read one claim costs no more
//! than that.

use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use stytch_m2m as core;

use super::{Fields, Record, json_object};

type Class = PyOnceLock<Py<PyAny>>;

/// The dataclass `name` around `native`.
fn around<'py>(
    py: Python<'py>,
    class: &Class,
    name: &str,
    native: impl IntoPyObject<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let make = class.get_or_try_init(py, || {
        let class = py.import("stytch_m2m._models")?.getattr(name)?;
        class.getattr("_around").map(Bound::unbind)
    })?;
    make.bind(py).call1((native,))
}

/// What `Token` is read from.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct Token(core::Token);

impl Record for core::Token {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        static CLASS: Class = PyOnceLock::new();
        around(py, &CLASS, "Token", Token(self))
    }
}

/// The last token's Python value, which serves for as long as the core hands out the same: its
/// `expires_in` is another one every second.
#[derive(Default)]
pub(crate) struct LastToken(ArcSwapOption<(core::Token, Py<PyAny>)>);

impl LastToken {
    pub(crate) fn value<'py>(
        &self,
        py: Python<'py>,
        token: core::Token,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let Some(last) = &*self.0.load()
            && last.0 == token
        {
            return Ok(last.1.bind(py).clone());
        }
        let value = token.clone().into_python(py)?;
        self.0.store(Some(Arc::new((token, value.clone().unbind()))));
        Ok(value)
    }
}

#[pymethods]
impl Token {
    /// All fields at once.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let core::Token {
            access_token,
            token_type,
            expires_in,
            expires_at,
            granted_scopes,
            request_id,
            status_code,
        } = &self.0;
        let fields = Fields::new(py)
            .set("access_token", access_token.expose())?
            .set("token_type", token_type)?
            .set("expires_in", expires_in)?
            .set("expires_at", expires_at)?
            .set("granted_scopes", granted_scopes.as_deref())?
            .set("request_id", request_id.as_deref())?
            .set("status_code", status_code)?;
        Ok(fields.0)
    }

    #[getter]
    fn access_token(&self) -> &str {
        self.0.access_token.expose()
    }

    #[getter]
    fn token_type(&self) -> &str {
        &self.0.token_type
    }

    #[getter]
    fn expires_in(&self) -> u64 {
        self.0.expires_in
    }

    #[getter]
    fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    #[getter]
    fn granted_scopes(&self) -> Option<&[String]> {
        self.0.granted_scopes.as_deref()
    }

    #[getter]
    fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    #[getter]
    fn status_code(&self) -> u16 {
        self.0.status_code
    }
}

/// What `TokenClaims` is read from.
#[pyclass(frozen, module = "stytch_m2m._core")]
pub(crate) struct TokenClaims(Arc<core::TokenClaims>);

impl Record for Arc<core::TokenClaims> {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        static CLASS: Class = PyOnceLock::new();
        around(py, &CLASS, "TokenClaims", TokenClaims(self))
    }
}

#[pymethods]
impl TokenClaims {
    /// All fields at once.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let core::TokenClaims {
            client_id,
            scopes,
            custom_claims,
            issuer,
            audience,
            issued_at,
            not_before,
            expires_at,
            token_id,
        } = &*self.0;
        let fields = Fields::new(py)
            .set("client_id", client_id)?
            .set("scopes", scopes)?
            .set("custom_claims", json_object(py, custom_claims.to_map())?)?
            .set("issuer", issuer)?
            .set("audience", audience)?
            .set("issued_at", *issued_at)?
            .set("not_before", *not_before)?
            .set("expires_at", *expires_at)?
            .set("token_id", token_id.as_deref())?;
        Ok(fields.0)
    }

    #[getter]
    fn client_id(&self) -> &str {
        &self.0.client_id
    }

    #[getter]
    fn scopes(&self) -> &[String] {
        &self.0.scopes
    }

    #[getter]
    fn custom_claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json_object(py, self.0.custom_claims.to_map())
    }

    #[getter]
    fn issuer(&self) -> &str {
        &self.0.issuer
    }

    #[getter]
    fn audience(&self) -> &[String] {
        &self.0.audience
    }

    #[getter]
    fn issued_at(&self) -> Option<SystemTime> {
        self.0.issued_at
    }

    #[getter]
    fn not_before(&self) -> Option<SystemTime> {
        self.0.not_before
    }

    #[getter]
    fn expires_at(&self) -> SystemTime {
        self.0.expires_at
    }

    #[getter]
    fn token_id(&self) -> Option<&str> {
        self.0.token_id.as_deref()
    }
}
