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
    allow_missing_kid: Option<bool>,
    accept_scope_array: bool,
    wildcard_scopes: bool,
    allow_bound_tokens: bool,
    require_typ: Option<String>,
    scope_map: HashMap<String, String>,
    required_claims: HashMap<String, String>,
    require_client_subject: bool,
    client_ids: Vec<String>,
    client_id_claims: Vec<String>,
    scope_claims: Vec<String>,
    organization_claim: Option<String>,
    forbidden_claims: Vec<String>,
    allow_missing_sub: bool,
    require_any_scope: bool,
    max_token_lifetime_seconds: Option<i64>,
    clock_tolerance_seconds: i64,
    max_jwks_keys: i64,
    max_jwks_bytes: i64,
    jwks_token_file: Option<String>,
}

pub(crate) fn issuer(issuer: Issuer) -> Result<IssuerConfig> {
    let profile = issuer.profile.parse()?;
    Ok(IssuerConfig {
        issuers: issuer.issuers,
        audiences: issuer.audiences,
        algorithms: issuer.algorithms.iter().map(|name| name.parse()).collect::<Result<_>>()?,
        keys: plain::key_source(issuer.jwks_url, issuer.jwks, issuer.discovery)?,
        profile,
        allow_missing_typ: issuer.allow_missing_typ,
        allow_missing_kid: plain::allow_missing_kid(issuer.allow_missing_kid, profile),
        accept_scope_array: issuer.accept_scope_array,
        wildcard_scopes: issuer.wildcard_scopes,
        allow_bound_tokens: issuer.allow_bound_tokens,
        require_typ: issuer.require_typ,
        scope_map: issuer.scope_map,
        required_claims: issuer.required_claims,
        require_client_subject: issuer.require_client_subject,
        client_ids: issuer.client_ids,
        client_id_claims: issuer.client_id_claims,
        scope_claims: issuer.scope_claims,
        organization_claim: issuer.organization_claim,
        forbidden_claims: issuer.forbidden_claims,
        allow_missing_sub: issuer.allow_missing_sub,
        require_any_scope: issuer.require_any_scope,
        max_token_lifetime: issuer.max_token_lifetime_seconds.map(plain::lifetime),
        clock_tolerance: plain::tolerance(issuer.clock_tolerance_seconds),
        max_jwks_keys: plain::limit(issuer.max_jwks_keys),
        max_jwks_bytes: plain::limit(issuer.max_jwks_bytes),
        jwks_token_file: issuer.jwks_token_file,
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
            client_ids,
            client_id_claims,
            scope_claims,
            organization_claim,
            forbidden_claims,
            allow_missing_sub,
            require_any_scope,
            max_token_lifetime,
            clock_tolerance,
            max_jwks_keys,
            max_jwks_bytes,
            jwks_token_file,
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
            .set("client_ids", client_ids)?
            .set("client_id_claims", client_id_claims)?
            .set("scope_claims", scope_claims)?
            .set("organization_claim", organization_claim)?
            .set("forbidden_claims", forbidden_claims)?
            .set("allow_missing_sub", allow_missing_sub)?
            .set("require_any_scope", require_any_scope)?
            .set("max_token_lifetime_seconds", max_token_lifetime.map(|most| most.as_secs()))?
            .set("clock_tolerance_seconds", clock_tolerance.as_secs())?
            .set("max_jwks_keys", max_jwks_keys)?
            .set("max_jwks_bytes", max_jwks_bytes)?
            .set("jwks_token_file", jwks_token_file)?
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
    base_urls: Vec<String>,
    vertical_name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    plain::project_issuer(project_id, base_url, &base_urls, named(py, vertical_name)?)
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

/// The dataclass `IssuerConfig` of tenants of Microsoft Entra ID.
#[pyfunction]
pub(crate) fn entra_issuer<'py>(
    py: Python<'py>,
    tenants: Vec<String>,
    audience: &str,
) -> PyResult<Bound<'py, PyAny>> {
    IssuerConfig::entra_tenants(&tenants, audience)
        .map_err(|error| exception(py, error))?
        .into_python(py)
}

/// The dataclass `IssuerConfig` of any issuer.
#[pyfunction]
pub(crate) fn oauth_issuer<'py>(
    py: Python<'py>,
    issuer: &str,
    audiences: Vec<String>,
    jwks_url: Option<String>,
    jwks: Option<String>,
    discovery: Option<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let keys =
        plain::key_source(jwks_url, jwks, discovery).map_err(|error| exception(py, error))?;
    IssuerConfig::oauth(issuer, &audiences, keys).into_python(py)
}

/// The dataclass `IssuerConfig` of a known provider.
#[pyfunction]
pub(crate) fn provider_issuer<'py>(
    py: Python<'py>,
    provider: &str,
    arguments: HashMap<String, String>,
    client_ids: Vec<String>,
) -> PyResult<Bound<'py, PyAny>> {
    plain::provider_issuer(provider, &arguments, &client_ids)
        .map_err(|error| exception(py, error))?
        .into_python(py)
}
