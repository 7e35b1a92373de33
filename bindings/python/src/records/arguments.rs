//! Python arguments as the core's. What has the wrong type is a `TypeError`; what has the right
//! type and a wrong value is the core's `invalid_config`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use serde_json::{Map, Value};
use stytch_m2m::{
    Algorithm, AuthenticateOptions, ClientStatus, IssuerConfig, KeySource, Proxy, SearchFilter,
    SearchOperator, SearchQuery, Secret, TokenProfile, TokenRequest, TransportConfig, Vertical,
};

use super::Record;
use crate::error::{exception, invalid_config};
use crate::hidden::Revealed;
use crate::runtime;

/// The items of the dictionary `TransportSettings`. `None` is the core's default.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Transport {
    connect_timeout_seconds: Option<f64>,
    attempt_timeout_seconds: Option<f64>,
    total_timeout_seconds: Option<f64>,
    extra_ca_pem: Revealed<Option<String>>,
    bundled_roots: Option<bool>,
    client_certificate_pem: Revealed<Option<String>>,
    proxy: Revealed<Option<String>>,
    max_key_age_seconds: Option<f64>,
}

pub(crate) fn transport(py: Python<'_>, settings: Transport) -> PyResult<TransportConfig> {
    let timeout = |field: &str, seconds: Option<f64>, default: Duration| {
        let given = seconds.map_or(Some(default), |s| Duration::try_from_secs_f64(s).ok());
        given.filter(|timeout| !timeout.is_zero()).ok_or_else(|| {
            invalid_config(py, field, &format!("{field} must be a number of seconds above zero"))
        })
    };
    let default = TransportConfig::default();
    let (connect, attempt) = (settings.connect_timeout_seconds, settings.attempt_timeout_seconds);
    let total = settings.total_timeout_seconds;
    let proxy = settings.proxy.0.as_deref();
    Ok(TransportConfig {
        connect_timeout: timeout("connect_timeout_seconds", connect, default.connect_timeout)?,
        attempt_timeout: timeout("attempt_timeout_seconds", attempt, default.attempt_timeout)?,
        total_timeout: timeout("total_timeout_seconds", total, default.total_timeout)?,
        extra_ca_pem: settings.extra_ca_pem.0,
        bundled_roots: settings.bundled_roots.unwrap_or(default.bundled_roots),
        client_certificate_pem: settings.client_certificate_pem.0.map(Secret::new),
        proxy: proxy.map_or(default.proxy, Proxy::from_setting),
        max_key_age: max_key_age(py, settings.max_key_age_seconds, default.max_key_age)?,
        spawner: runtime::spawner(),
        clock: default.clock,
        spelling: default.spelling,
    })
}

/// Zero is a value like any other here, and the core knows the limit.
fn max_key_age(py: Python<'_>, seconds: Option<f64>, default: Duration) -> PyResult<Duration> {
    let field = "max_key_age_seconds";
    let wrong = |_| invalid_config(py, field, &format!("{field} must be a number of seconds"));
    seconds.map_or(Ok(default), |s| Duration::try_from_secs_f64(s).map_err(wrong))
}

/// `token_store_url`, `token_store_key` and `token_store_allow_unencrypted`.
pub(crate) type TokenStore = (Revealed<Option<String>>, Revealed<Option<String>>, bool);

pub(crate) fn token_store(
    (url, key, allow_unencrypted): TokenStore,
) -> (Option<Secret>, Option<Secret>, bool) {
    (url.0.map(Secret::new), key.0.map(Secret::new), allow_unencrypted)
}

/// A list of scopes.
pub(crate) struct Scopes(pub(crate) Vec<String>);

impl<'a, 'py> FromPyObject<'a, 'py> for Scopes {
    type Error = PyErr;

    fn extract(given: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        given.extract().map(Self).map_err(|error| {
            if given.is_instance_of::<PyString>() {
                PyTypeError::new_err(NOT_A_LIST)
            } else {
                error
            }
        })
    }
}

const NOT_A_LIST: &str = "scopes must be a list such as [\"read:users\"], not one string";

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

/// `client_id`, `client_secret`, `scopes`, `extra` and `force_refresh`.
pub(crate) type Grant = (String, Revealed<String>, Scopes, Extra, bool);

pub(crate) fn grant(grant: Grant) -> TokenRequest {
    let (client_id, client_secret, scopes, extra, force_refresh) = grant;
    let client_secret = Secret::new(client_secret.0);
    TokenRequest { client_id, client_secret, scopes: scopes.0, extra: extra.0, force_refresh }
}

pub(crate) fn vertical(py: Python<'_>, name: &str) -> PyResult<Vertical> {
    match name {
        "consumer" => Ok(Vertical::Consumer),
        "b2b" => Ok(Vertical::B2b),
        _ => Err(invalid_config(py, "vertical", "vertical must be `consumer` or `b2b`")),
    }
}

/// `required_scopes`, `max_token_age_seconds`, `clock_tolerance_seconds`, and whether the caller
/// compares the scopes itself.
pub(crate) type Verification = (Scopes, Option<i64>, i64, bool);

pub(crate) fn verification(py: Python<'_>, options: Verification) -> PyResult<AuthenticateOptions> {
    let (required_scopes, max_age, clock_tolerance, compares_itself) = options;
    let max_age = max_age.map(|seconds| count(py, "max_token_age_seconds", seconds));
    Ok(AuthenticateOptions {
        required_scopes: required_scopes.0,
        max_token_age_seconds: max_age.transpose()?,
        clock_tolerance_seconds: count(py, "clock_tolerance_seconds", clock_tolerance)?,
        authorize: compares_itself.then(|| Arc::new(|_: &_, _: &_| true) as _),
    })
}

/// A number that is not negative.
pub(crate) fn count<T: TryFrom<i64>>(py: Python<'_>, field: &str, number: i64) -> PyResult<T> {
    let wrong = || invalid_config(py, field, &format!("{field} is negative or far too large"));
    T::try_from(number).map_err(|_| wrong())
}

pub(crate) fn cache_size(py: Python<'_>, number: i64) -> PyResult<usize> {
    count(py, "verified_token_cache_size", number)
}

pub(crate) fn status(py: Python<'_>, name: &str) -> PyResult<ClientStatus> {
    [ClientStatus::Active, ClientStatus::Inactive]
        .into_iter()
        .find(|status| status.as_str() == name)
        .ok_or_else(|| invalid_config(py, "status", "status must be `active` or `inactive`"))
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
    let operator = match operator.as_deref() {
        None | Some("AND") => SearchOperator::And,
        Some("OR") => SearchOperator::Or,
        Some(_) => return Err(wrong("operator must be `AND` or `OR`")),
    };
    let filter = |Filter { filter_name, filter_value }| match filter_name.as_str() {
        "client_id" => Ok(SearchFilter::ClientId(filter_value)),
        "client_name" => Ok(SearchFilter::ClientName(filter_value)),
        "scopes" => Ok(SearchFilter::Scopes(filter_value)),
        _ => Err(wrong("filter_name must be `client_id`, `client_name` or `scopes`")),
    };
    let operands = operands.into_iter().map(filter).collect::<PyResult<_>>()?;
    Ok(SearchQuery { operator, operands })
}

const PROFILES: [(&str, TokenProfile); 3] = [
    ("stytch", TokenProfile::Stytch),
    ("auth0", TokenProfile::Auth0),
    ("oauth", TokenProfile::OAuth),
];

pub(super) fn profile_name(profile: TokenProfile) -> &'static str {
    PROFILES.into_iter().find(|(_, p)| *p == profile).map_or("", |(name, _)| name)
}

/// The attributes of the dataclass `IssuerConfig`.
#[derive(FromPyObject)]
pub(crate) struct Issuer {
    issuers: Vec<String>,
    audiences: Vec<String>,
    algorithms: Vec<String>,
    jwks_url: Option<String>,
    jwks: Option<String>,
    profile: String,
    allow_missing_typ: bool,
    allow_missing_kid: bool,
    accept_scope_array: bool,
    wildcard_scopes: bool,
    allow_bound_tokens: bool,
    require_typ: Option<String>,
    required_claims: HashMap<String, String>,
    require_client_subject: bool,
}

pub(crate) fn issuer(py: Python<'_>, issuer: Issuer) -> PyResult<IssuerConfig> {
    let wrong = |field: &str, what: &str| invalid_config(py, field, &format!("{field} {what}"));
    let algorithm = |name: String| {
        Algorithm::from_name(&name)
            .ok_or_else(|| wrong("algorithms", "names one that is unknown or symmetric"))
    };
    let profile = PROFILES.into_iter().find(|(name, _)| *name == issuer.profile);
    let profile = profile.ok_or_else(|| wrong("profile", "must be stytch, auth0 or oauth"))?.1;
    let keys = keys(py, issuer.jwks_url, issuer.jwks)?;
    Ok(IssuerConfig {
        issuers: issuer.issuers,
        audiences: issuer.audiences,
        algorithms: issuer.algorithms.into_iter().map(algorithm).collect::<PyResult<_>>()?,
        keys,
        profile,
        allow_missing_typ: issuer.allow_missing_typ,
        allow_missing_kid: issuer.allow_missing_kid,
        accept_scope_array: issuer.accept_scope_array,
        wildcard_scopes: issuer.wildcard_scopes,
        allow_bound_tokens: issuer.allow_bound_tokens,
        require_typ: issuer.require_typ,
        required_claims: issuer.required_claims,
        require_client_subject: issuer.require_client_subject,
    })
}

fn keys(py: Python<'_>, url: Option<String>, text: Option<String>) -> PyResult<KeySource> {
    match (url, text) {
        (Some(url), None) => Ok(KeySource::Url(url)),
        (None, Some(text)) => Ok(KeySource::Jwks(text)),
        _ => {
            let message = "jwks_url or jwks must be given, one of the two";
            Err(invalid_config(py, "jwks_url", message))
        }
    }
}

/// The dataclass `IssuerConfig` of a Stytch project.
#[pyfunction]
pub(crate) fn stytch_issuer<'py>(
    py: Python<'py>,
    project_id: &str,
    base_url: Option<&str>,
    vertical_name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    IssuerConfig::stytch(project_id, base_url, vertical(py, vertical_name)?)
        .map_err(|error| exception(py, error))?
        .into_python(py)
}

/// The dataclass `IssuerConfig` of an Auth0 tenant.
#[pyfunction]
pub(crate) fn auth0_issuer<'py>(
    py: Python<'py>,
    domain: &str,
    audience: &str,
) -> PyResult<Bound<'py, PyAny>> {
    IssuerConfig::auth0(domain, audience).map_err(|error| exception(py, error))?.into_python(py)
}

/// The dataclass `IssuerConfig` of any issuer.
#[pyfunction]
pub(crate) fn oauth_issuer<'py>(
    py: Python<'py>,
    issuer: &str,
    audiences: Vec<String>,
    jwks_url: Option<String>,
    jwks: Option<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let keys = keys(py, jwks_url, jwks)?;
    IssuerConfig::oauth(issuer, &audiences, keys).into_python(py)
}
