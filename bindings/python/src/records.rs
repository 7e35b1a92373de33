//! The core's records as instances of the dataclasses in `stytch_m2m._models`, and back.

pub(crate) mod arguments;
pub(crate) mod claims;
pub(crate) mod credential;
pub(crate) mod issuer;
pub(crate) mod settings;
mod state;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{IntoPyDict as _, PyDict};
use serde_json::{Map, Value};
use stytch_m2m as m2m;

/// What a call can answer with.
pub(crate) trait Record: Send + 'static {
    /// The Python value.
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>>;
}

impl Record for () {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(py.None().into_bound(py))
    }
}

impl Record for String {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(self.into_pyobject(py)?.into_any())
    }
}

impl Record for m2m::Secret {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(self.expose().into_pyobject(py)?.into_any())
    }
}

/// The keyword arguments of a dataclass.
struct Fields<'py>(Bound<'py, PyDict>);

impl<'py> Fields<'py> {
    fn new(py: Python<'py>) -> Self {
        Self(PyDict::new(py))
    }

    fn set(self, name: &str, value: impl IntoPyObject<'py>) -> PyResult<Self> {
        self.0.set_item(name, value)?;
        Ok(self)
    }

    fn make(self, class: &str) -> PyResult<Bound<'py, PyAny>> {
        models(self.0.py())?.getattr(class)?.call((), Some(&self.0))
    }
}

/// The module of the dataclasses.
fn models(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static MODELS: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let import = || py.import("stytch_m2m._models").map(Bound::unbind);
    Ok(MODELS.get_or_try_init(py, import)?.bind(py))
}

fn client_fields(py: Python<'_>, client: m2m::M2MClient) -> PyResult<Fields<'_>> {
    let m2m::M2MClient {
        client_id,
        client_name,
        client_description,
        status,
        scopes,
        client_secret_last_four,
        next_client_secret_last_four,
        trusted_metadata,
        organization_id,
    } = client;
    let trusted_metadata = trusted_metadata.map(|map| json_object(py, map)).transpose()?;
    Fields::new(py)
        .set("client_id", client_id)?
        .set("client_name", client_name)?
        .set("client_description", client_description)?
        .set("status", status.as_str())?
        .set("scopes", scopes)?
        .set("client_secret_last_four", client_secret_last_four)?
        .set("next_client_secret_last_four", next_client_secret_last_four)?
        .set("trusted_metadata", trusted_metadata)?
        .set("organization_id", organization_id)
}

impl Record for m2m::Token {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self {
            access_token,
            token_type,
            expires_in,
            expires_at,
            granted_scopes,
            request_id,
            status_code,
        } = self;
        Fields::new(py)
            .set("access_token", access_token.expose())?
            .set("token_type", token_type)?
            .set("expires_in", expires_in)?
            .set("expires_at", expires_at)?
            .set("granted_scopes", granted_scopes)?
            .set("request_id", request_id)?
            .set("status_code", status_code)?
            .make("Token")
    }
}

impl Record for m2m::M2MClient {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        client_fields(py, self)?.make("M2MClient")
    }
}

impl Record for Option<Vec<m2m::M2MClient>> {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        self.map(|page| list(py, page)).transpose()?.into_pyobject(py)
    }
}

impl Record for m2m::M2MClientWithClientSecret {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { client, client_secret } = self;
        client_fields(py, client)?
            .set("client_secret", client_secret.expose())?
            .make("M2MClientWithClientSecret")
    }
}

impl Record for m2m::M2MClientWithNextClientSecret {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { client, next_client_secret } = self;
        client_fields(py, client)?
            .set("next_client_secret", next_client_secret.expose())?
            .make("M2MClientWithNextClientSecret")
    }
}

impl Record for m2m::CreateResponse {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { m2m_client, request_id, status_code } = self;
        response(py, request_id, status_code)?
            .set("m2m_client", m2m_client.into_python(py)?)?
            .make("CreateResponse")
    }
}

impl Record for m2m::ClientResponse {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { m2m_client, request_id, status_code } = self;
        response(py, request_id, status_code)?
            .set("m2m_client", m2m_client.into_python(py)?)?
            .make("ClientResponse")
    }
}

impl Record for m2m::RotateStartResponse {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { m2m_client, request_id, status_code } = self;
        response(py, request_id, status_code)?
            .set("m2m_client", m2m_client.into_python(py)?)?
            .make("RotateStartResponse")
    }
}

impl Record for m2m::DeleteResponse {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { client_id, request_id, status_code } = self;
        response(py, request_id, status_code)?.set("client_id", client_id)?.make("DeleteResponse")
    }
}

impl Record for m2m::SearchResponse {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { m2m_clients, results_metadata, request_id, status_code } = self;
        let m2m::ResultsMetadata { total, next_cursor } = results_metadata;
        let results_metadata = Fields::new(py)
            .set("total", total)?
            .set("next_cursor", next_cursor)?
            .make("ResultsMetadata")?;
        response(py, request_id, status_code)?
            .set("m2m_clients", list(py, m2m_clients)?)?
            .set("results_metadata", results_metadata)?
            .make("SearchResponse")
    }
}

/// What every answer has.
fn response(py: Python<'_>, request_id: String, status_code: u16) -> PyResult<Fields<'_>> {
    Fields::new(py).set("request_id", request_id)?.set("status_code", status_code)
}

/// The Python values of several.
pub(crate) fn list(py: Python<'_>, records: Vec<impl Record>) -> PyResult<Vec<Bound<'_, PyAny>>> {
    records.into_iter().map(|record| record.into_python(py)).collect()
}

/// JSON as Python reads it: integers of any length are exact.
fn json_text<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let import = || py.import("json")?.getattr("loads").map(Bound::unbind);
    LOADS.get_or_try_init(py, import)?.bind(py).call1((text,))
}

/// JSON as the values that Python's `json` would make of it.
fn json_object(py: Python<'_>, map: Map<String, Value>) -> PyResult<Bound<'_, PyAny>> {
    let dict = PyDict::new(py);
    for (name, value) in map {
        dict.set_item(name, json_value(py, value)?)?;
    }
    Ok(dict.into_any())
}

fn json_value(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(value) => Ok(value.into_pyobject(py)?.to_owned().into_any()),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Ok(integer.into_pyobject(py)?.into_any()),
            None => json_text(py, &number.to_string()),
        },
        Value::String(text) => text.into_python(py),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| json_value(py, item));
            items.collect::<PyResult<Vec<_>>>()?.into_pyobject(py)
        }
        Value::Object(map) => json_object(py, map),
    }
}

impl Record for m2m::Refusal {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { status, headers, body } = self;
        Fields::new(py)
            .set("status", status)?
            .set("headers", headers.into_py_dict(py)?)?
            .set("body", body)?
            .make("Refusal")
    }
}
