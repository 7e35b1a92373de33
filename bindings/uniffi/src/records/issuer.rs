//! Issuers, which cross both ways.

use std::collections::HashMap;
use std::time::Duration;

use stytch_m2m::plain;
use stytch_m2m::{Algorithm, ClientConfig, IssuerConfig, KeySource, TokenProfile, Vertical};

use crate::error::Result;

#[uniffi::remote(Record)]
pub struct IssuerConfig {
    pub issuers: Vec<String>,
    pub audiences: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeySource,
    pub profile: TokenProfile,
    pub allow_missing_typ: bool,
    pub allow_missing_kid: bool,
    pub accept_scope_array: bool,
    pub wildcard_scopes: bool,
    pub allow_bound_tokens: bool,
    pub require_typ: Option<String>,
    pub scope_map: HashMap<String, String>,
    pub required_claims: HashMap<String, String>,
    pub require_client_subject: bool,
    pub client_ids: Vec<String>,
    pub client_id_claims: Vec<String>,
    pub scope_claims: Vec<String>,
    pub organization_claim: Option<String>,
    pub forbidden_claims: Vec<String>,
    pub allow_missing_sub: bool,
    pub require_any_scope: bool,
    pub max_token_lifetime: Option<Duration>,
    pub clock_tolerance: Duration,
    pub max_jwks_keys: u32,
    pub max_jwks_bytes: u32,
    pub jwks_token_file: Option<String>,
}

#[uniffi::remote(Enum)]
pub enum KeySource {
    Url(String),
    Jwks(String),
    Discovery(String),
}

#[uniffi::remote(Enum)]
pub enum TokenProfile {
    Stytch,
    Auth0,
    OAuth,
}

#[uniffi::remote(Enum)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}

/// A Stytch project as an issuer, which may have several names. What is `None` comes from the
/// environment.
#[uniffi::export]
pub fn stytch_issuer(
    project_id: Option<String>,
    base_url: Option<String>,
    base_urls: Vec<String>,
    vertical: Vertical,
) -> Result<IssuerConfig> {
    let project = ClientConfig { base_url: base_url.clone(), vertical, ..ClientConfig::default() };
    let project = plain::or_env(project_id, project);
    // The environment's address is not one of several that are given.
    let base_url = if base_urls.is_empty() { project.base_url } else { base_url };
    let issuer =
        plain::project_issuer(&project.project_id, base_url.as_deref(), &base_urls, vertical);
    Ok(issuer?)
}

/// An Auth0 tenant as an issuer.
#[uniffi::export]
pub fn auth0_issuer(
    domain: &str,
    audience: &str,
    scope_map: HashMap<String, String>,
) -> Result<IssuerConfig> {
    Ok(IssuerConfig { scope_map, ..IssuerConfig::auth0(domain, audience)? })
}

/// Any issuer that has a discovery document.
#[uniffi::export]
pub fn discovered_issuer(issuer: &str, audiences: Vec<String>) -> IssuerConfig {
    IssuerConfig::discover(issuer, &audiences)
}

/// Whether an issuer with this profile accepts tokens without `kid` unless its settings say.
#[uniffi::export]
pub fn allows_missing_kid(profile: TokenProfile) -> bool {
    plain::allow_missing_kid(None, profile)
}

/// Any issuer of JWT access tokens.
#[uniffi::export]
pub fn oauth_issuer(issuer: &str, audiences: Vec<String>, keys: KeySource) -> IssuerConfig {
    IssuerConfig::oauth(issuer, &audiences, keys)
}

/// Tenants of Entra ID as an issuer.
#[uniffi::export]
pub fn entra_issuer(tenants: Vec<String>, audience: &str) -> Result<IssuerConfig> {
    Ok(IssuerConfig::entra_tenants(&tenants, audience)?)
}

/// A known provider as an issuer.
#[uniffi::export]
pub fn provider_issuer(
    provider: &str,
    arguments: HashMap<String, String>,
    client_ids: Vec<String>,
) -> Result<IssuerConfig> {
    Ok(plain::provider_issuer(provider, &arguments, &client_ids)?)
}
