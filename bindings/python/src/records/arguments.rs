//! Python arguments as the core's. What has the wrong type is a `TypeError`; what has the right
//! type and a wrong value is the core's `invalid_config`.

use std::collections::BTreeMap;
use std::str::FromStr;

use pyo3::conversion::FromPyObjectOwned;
use pyo3::exceptions::{PyTypeError, PyUnicodeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde_json::{Map, Value};
use stytch_m2m::plain::AuthenticateSettings;
use stytch_m2m::{
    AuthenticateOptions, Error, SearchFilter, SearchOperator, SearchQuery, Secret, TokenRequest,
};

use crate::error::{exception, invalid_config};
use crate::hidden::{Revealed, without_value};

/// A list of scopes.
pub(crate) struct Scopes(pub(crate) Vec<String>);

impl<'a, 'py> FromPyObject<'a, 'py> for Scopes {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error: PyErr| {
            match error.is_instance_of::<PyUnicodeError>(given.py()) {
                true => without_value(given.py(), error),
                false => not_scopes(given),
            }
        })
    }
}

fn not_scopes(given: Borrowed<'_, '_, PyAny>) -> PyErr {
    let what = if given.is_none() {
        "None: leave it out, or give an empty list".to_owned()
    } else if given.is_instance_of::<PyString>() {
        "one string".to_owned()
    } else if given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>() {
        "one that holds something else than str".to_owned()
    } else {
        given.get_type().name().map_or_else(|_| "this".to_owned(), |name| name.to_string())
    };
    PyTypeError::new_err(format!("must be a list such as [\"read:users\"], not {what}"))
}

/// A member of a tuple of arguments, under the name that the caller knows it by.
pub(crate) fn member<'py, T: FromPyObjectOwned<'py>>(
    name: &str,
    given: &Bound<'py, PyAny>,
) -> PyResult<T> {
    given.extract::<T>().map_err(|error| {
        let (py, error): (Python<'_>, PyErr) = (given.py(), error.into());
        match error.is_instance_of::<PyTypeError>(py) {
            true => PyTypeError::new_err(format!("argument '{name}': {}", error.value(py))),
            false => error,
        }
    })
}

/// Further parameters of a grant: any mapping, or `None`.
pub(crate) struct Extra(pub(crate) BTreeMap<String, String>);

impl<'a, 'py> FromPyObject<'a, 'py> for Extra {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let Revealed(given) = given.extract::<Revealed<Option<Bound<'py, PyAny>>>>()?;
        let Some(given) = given else { return Ok(Self(BTreeMap::new())) };
        let dict = given.py().get_type::<PyDict>().call1((given,))?;
        dict.extract::<Revealed<_>>().map(|extra| Self(extra.0))
    }
}

/// `client_id`, `client_secret`, `scopes`, `resource`, `audience`, `extra` and `force_refresh`.
pub(crate) type Grant<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    bool,
);

pub(crate) fn grant(grant: &Grant<'_>) -> PyResult<TokenRequest> {
    let (client_id, client_secret, scopes, resource, audience, extra, force_refresh) = grant;
    Ok(TokenRequest {
        client_id: member("client_id", client_id)?,
        client_secret: Secret::new(member::<Revealed<String>>("client_secret", client_secret)?.0),
        scopes: member::<Scopes>("scopes", scopes)?.0,
        resource: member("resource", resource)?,
        audience: member("audience", audience)?,
        extra: member::<Extra>("extra", extra)?.0,
        force_refresh: *force_refresh,
    })
}

/// `required_scopes`, `max_token_age_seconds`, `clock_tolerance_seconds`, whether the caller
/// compares the scopes itself, `organization` and `require_organization`.
pub(crate) type Verification<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    Bound<'py, PyAny>,
    bool,
    Option<Bound<'py, PyAny>>,
    bool,
);

pub(crate) fn verification(
    py: Python<'_>,
    options: &Verification<'_>,
) -> PyResult<AuthenticateOptions> {
    let (required_scopes, max_age, tolerance, decides_itself, organization, is_required) = options;
    let organization = organization.as_ref().map(organization_id).transpose()?;
    let settings = AuthenticateSettings {
        required_scopes: member::<Scopes>("required_scopes", required_scopes)?.0,
        organization,
        require_organization: *is_required,
        max_token_age_seconds: member("max_token_age_seconds", max_age)?,
        clock_tolerance_seconds: member("clock_tolerance_seconds", tolerance)?,
        decides_itself: *decides_itself,
    };
    settings.try_into().map_err(|error| exception(py, error))
}

/// An organization's id. What is not UTF-8, a lone surrogate, is nobody's: as little as the empty one,
/// which the core refuses.
pub(crate) fn organization_id(given: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = given.cast::<PyString>().map_err(|_| {
        let kind = given.get_type().name().map_or_else(|_| "this".to_owned(), |n| n.to_string());
        PyTypeError::new_err(format!("organization must be a str or ANY_ORGANIZATION, not {kind}"))
    })?;
    Ok(text.to_str().unwrap_or_default().to_owned())
}

/// The value of this name.
pub(crate) fn named<T: FromStr<Err = Error>>(py: Python<'_>, name: &str) -> PyResult<T> {
    name.parse().map_err(|error| exception(py, error))
}

/// A dictionary as JSON.
pub(crate) fn json(field: &str, value: &Bound<'_, PyAny>) -> PyResult<Map<String, Value>> {
    let py = value.py();
    let wrong = |cause: Option<PyErr>| {
        let message = format!("{field} must be a dict of what JSON can hold");
        let error = invalid_config(py, field, &message);
        error.set_cause(py, cause);
        error
    };
    let text = py.import("json")?.call_method1("dumps", (value,)).map_err(|e| wrong(Some(e)))?;
    let text: String = text.extract()?;
    serde_json::from_str(&text).map_err(|_| wrong(None))
}

#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Query {
    #[pyo3(default)]
    operator: Option<String>,
    operands: Vec<Filter>,
}

#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct Filter {
    filter_name: String,
    filter_value: Vec<String>,
}

/// A search's condition, in the API's own shape.
pub(crate) fn query(query: &Bound<'_, PyAny>) -> PyResult<SearchQuery> {
    let py = query.py();
    let wrong = |what: &str| invalid_config(py, "query", what);
    let Query { operator, operands } = query.extract().map_err(|cause: PyErr| {
        let error =
            wrong("query must be {operator, operands: [{filter_name, filter_value: [...]}]}");
        error.set_cause(py, Some(cause));
        error
    })?;
    let build = || {
        let operator = operator.as_deref().map_or(Ok(SearchOperator::And), str::parse)?;
        let filter = |Filter { filter_name, filter_value }| {
            SearchFilter::from_parts(&filter_name, filter_value)
        };
        let operands = operands.into_iter().map(filter).collect::<Result<_, Error>>()?;
        Ok(SearchQuery { operator, operands })
    };
    build().map_err(|error| exception(py, error))
}
