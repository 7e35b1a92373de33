//! Issuers, which cross both ways, and the resources that name them.

use std::collections::HashMap;

use pyo3::prelude::*;
use stytch_m2m::{IssuerConfig, ProtectedResource, Result, plain};

use super::arguments::named;
use super::{Fields, Record};
use crate::error::exception;

/// The attributes of the dataclass `IssuerConfig`.
#[derive(FromPyObject)]
pub(crate) struct Issuer {
    issuers: Vec<String>,
    audiences: Vec<String>,
    algorithms: Vec<String>,
    jwks_url: Option<String>,
    jwks: Option<String>,
    discovery: Option<String>,
    profile: String,
    allow_missing_typ: bool,
    allow_missing_kid: bool,
    accept_scope_array: bool,
    wildcard_scopes: bool,
    allow_bound_tokens: bool,
    require_typ: Option<String>,
    scope_map: HashMap<String, String>,
    required_claims: HashMap<String, String>,
    require_client_subject: bool,
}

pub(crate) fn issuer(issuer: Issuer) -> Result<IssuerConfig> {
    Ok(IssuerConfig {
        issuers: issuer.issuers,
        audiences: issuer.audiences,
        algorithms: issuer.algorithms.iter().map(|name| name.parse()).collect::<Result<_>>()?,
        keys: plain::key_source(issuer.jwks_url, issuer.jwks, issuer.discovery)?,
        profile: issuer.profile.parse()?,
        allow_missing_typ: issuer.allow_missing_typ,
        allow_missing_kid: issuer.allow_missing_kid,
        accept_scope_array: issuer.accept_scope_array,
        wildcard_scopes: issuer.wildcard_scopes,
        allow_bound_tokens: issuer.allow_bound_tokens,
        require_typ: issuer.require_typ,
        scope_map: issuer.scope_map,
        required_claims: issuer.required_claims,
        require_client_subject: issuer.require_client_subject,
    })
}

impl Record for IssuerConfig {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self {
            issuers,
            audiences,
            algorithms,
            keys,
            profile,
            allow_missing_typ,
            allow_missing_kid,
            accept_scope_array,
            wildcard_scopes,
            allow_bound_tokens,
            require_typ,
            scope_map,
            required_claims,
            require_client_subject,
        } = self;
        let (jwks_url, jwks, discovery) = plain::key_arguments(keys);
        Fields::new(py)
            .set("issuers", issuers)?
            .set("audiences", audiences)?
            .set("algorithms", algorithms.into_iter().map(|a| a.name()).collect::<Vec<_>>())?
            .set("jwks_url", jwks_url)?
            .set("jwks", jwks)?
            .set("discovery", discovery)?
            .set("profile", profile.name())?
            .set("allow_missing_typ", allow_missing_typ)?
            .set("allow_missing_kid", allow_missing_kid)?
            .set("accept_scope_array", accept_scope_array)?
            .set("wildcard_scopes", wildcard_scopes)?
            .set("allow_bound_tokens", allow_bound_tokens)?
            .set("require_typ", require_typ)?
            .set("scope_map", scope_map)?
            .set("required_claims", required_claims)?
            .set("require_client_subject", require_client_subject)?
            .make("IssuerConfig")
    }
}

impl Record for ProtectedResource {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        let Self { resource, authorization_servers, scopes } = self;
        Fields::new(py)
            .set("resource", resource)?
            .set("authorization_servers", authorization_servers)?
            .set("scopes", scopes)?
            .make("ProtectedResource")
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
    IssuerConfig::stytch(project_id, base_url, named(py, vertical_name)?)
        .map_err(|error| exception(py, error))?
        .into_python(py)
}

/// The dataclass `IssuerConfig` of an Auth0 tenant.
#[pyfunction]
pub(crate) fn auth0_issuer<'py>(
    py: Python<'py>,
    domain: &str,
    audience: &str,
    scope_map: HashMap<String, String>,
) -> PyResult<Bound<'py, PyAny>> {
    let issuer = IssuerConfig::auth0(domain, audience).map_err(|error| exception(py, error))?;
    IssuerConfig { scope_map, ..issuer }.into_python(py)
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
    let keys = plain::key_source(jwks_url, jwks, None).map_err(|error| exception(py, error))?;
    IssuerConfig::oauth(issuer, &audiences, keys).into_python(py)
}
