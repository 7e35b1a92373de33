//! What HTTP says about bearer tokens: the core's functions, and the origins of an HTTP client.

use pyo3::prelude::*;
use pyo3::types::PyString;
use stytch_m2m::{self as m2m, internals, plain};

use crate::error::exception;
use crate::records::arguments::{Scopes, organization_id};

/// The token in an `Authorization` header's value; `None` is a request without the header.
#[pyfunction]
pub(crate) fn token_from_authorization_header(
    py: Python<'_>,
    value: Option<Bound<'_, PyString>>,
) -> PyResult<String> {
    // What is not UTF-8, a lone surrogate, is in no token, and is for the verifier to refuse.
    m2m::token_from_authorization_header(value.as_ref().map(|it| it.to_string_lossy()).as_deref())
        .map(str::to_owned)
        .map_err(|error| exception(py, error))
}

/// The token in a request's `Authorization` headers, all of them.
#[pyfunction]
pub(crate) fn token_from_authorization_headers(
    py: Python<'_>,
    values: Vec<Bound<'_, PyString>>,
) -> PyResult<String> {
    let values: Vec<_> = values.iter().map(|value| value.to_string_lossy()).collect();
    m2m::token_from_authorization_headers(values.iter().map(|value| &**value))
        .map(str::to_owned)
        .map_err(|error| exception(py, error))
}

/// Whether an answer with this status and these `WWW-Authenticate` headers refuses the token.
#[pyfunction]
pub(crate) fn refuses_token(status: u16, www_authenticate: Vec<Bound<'_, PyString>>) -> bool {
    let values: Vec<_> = www_authenticate.iter().map(|value| value.to_string_lossy()).collect();
    m2m::refuses_token(status, values.iter().map(|value| &**value))
}

/// The scopes of `required` that `scopes` do not grant.
#[pyfunction]
pub(crate) fn missing_scopes(
    scopes: Vec<String>,
    wildcard_scopes: bool,
    required: Scopes,
) -> Vec<String> {
    m2m::internals::missing_scopes(&scopes, wildcard_scopes, &required.0)
}

/// The origins to which an HTTP client may send its tokens.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Origins(m2m::Origins);

#[pymethods]
impl Origins {
    #[new]
    fn new(py: Python<'_>, origins: Vec<String>) -> PyResult<Self> {
        m2m::Origins::new(origins).map(Self).map_err(|error| exception(py, error))
    }

    /// Whether a request to `url` may carry the token.
    fn allows(&self, url: &str) -> bool {
        self.0.allows(url)
    }
}

/// Raises unless `found`, the organization of claims, is the required one: `organization`, or any.
#[pyfunction]
pub(crate) fn check_organization(
    py: Python<'_>,
    found: Option<&str>,
    organization: Option<&Bound<'_, PyAny>>,
) -> PyResult<()> {
    let id = organization.map(organization_id).transpose()?;
    let required = plain::required_organization(id, true);
    let checked = required.map(|required| internals::check_organization(found, &required));
    checked.transpose().map(|_| ()).map_err(|error| exception(py, error))
}
