//! Issuers, which cross both ways.

use std::collections::HashMap;

use napi_derive::napi;
use stytch_m2m::{self as m2m, Algorithm, Result, TokenProfile, plain};

use super::arguments::vertical;
use crate::error::{Outcome, outcome};

/// An issuer whose tokens are accepted.
#[napi(object)]
pub struct IssuerConfig {
    /// Its `iss` values.
    pub issuers: Vec<String>,
    /// The `aud` values accepted.
    pub audiences: Vec<String>,
    /// The algorithms allowed.
    pub algorithms: Option<Vec<String>>,
    /// The source of the issuer's keys.
    #[napi(js_name = "jwks_url")]
    pub jwks_url: Option<String>,
    /// Its keys.
    pub jwks: Option<String>,
    /// The issuer whose discovery document names the address of its keys.
    pub discovery: Option<String>,
    /// `stytch`, `auth0` or `oauth`.
    pub profile: Option<String>,
    /// Accept tokens without `typ`.
    #[napi(js_name = "allow_missing_typ")]
    pub allow_missing_typ: Option<bool>,
    /// Accept tokens without `kid`.
    #[napi(js_name = "allow_missing_kid")]
    pub allow_missing_kid: Option<bool>,
    /// Accept `scope` as an array.
    #[napi(js_name = "accept_scope_array")]
    pub accept_scope_array: Option<bool>,
    /// Whether `read:*` grants every `read:<resource>`.
    #[napi(js_name = "wildcard_scopes")]
    pub wildcard_scopes: Option<bool>,
    /// Accept tokens that are bound to a key.
    #[napi(js_name = "allow_bound_tokens")]
    pub allow_bound_tokens: Option<bool>,
    /// The only `typ` to accept.
    #[napi(js_name = "require_typ")]
    pub require_typ: Option<String>,
    /// New names of scopes.
    #[napi(js_name = "scope_map")]
    pub scope_map: Option<HashMap<String, String>>,
    /// Claims that must be there with these values.
    #[napi(js_name = "required_claims")]
    pub required_claims: Option<HashMap<String, String>>,
    /// Refuse tokens whose `sub` is not the client.
    #[napi(js_name = "require_client_subject")]
    pub require_client_subject: Option<bool>,
    /// The clients whose tokens are accepted.
    #[napi(js_name = "client_ids")]
    pub client_ids: Option<Vec<String>>,
    /// Claims that name the client.
    #[napi(js_name = "client_id_claims")]
    pub client_id_claims: Option<Vec<String>>,
    /// Claims with the scopes.
    #[napi(js_name = "scope_claims")]
    pub scope_claims: Option<Vec<String>>,
    /// The claim with the organization.
    #[napi(js_name = "organization_claim")]
    pub organization_claim: Option<String>,
    /// Whether no claim has it.
    #[napi(js_name = "without_organization")]
    pub without_organization: Option<bool>,
    /// Claims that a token must not have.
    #[napi(js_name = "forbidden_claims")]
    pub forbidden_claims: Option<Vec<String>>,
    /// Accept tokens without `sub`.
    #[napi(js_name = "allow_missing_sub")]
    pub allow_missing_sub: Option<bool>,
    /// Refuse tokens without scopes.
    #[napi(js_name = "require_any_scope")]
    pub require_any_scope: Option<bool>,
    /// The longest lifetime of a token.
    #[napi(js_name = "max_token_lifetime_seconds")]
    pub max_token_lifetime_seconds: Option<i64>,
    /// The least leeway.
    #[napi(js_name = "clock_tolerance_seconds")]
    pub clock_tolerance_seconds: Option<i64>,
    /// Maximum number of keys.
    #[napi(js_name = "max_jwks_keys")]
    pub max_jwks_keys: Option<i64>,
    /// Maximum size of the key set.
    #[napi(js_name = "max_jwks_bytes")]
    pub max_jwks_bytes: Option<i64>,
    /// A file with a bearer token for the key set's URL.
    #[napi(js_name = "jwks_token_file")]
    pub jwks_token_file: Option<String>,
}

impl TryFrom<IssuerConfig> for m2m::IssuerConfig {
    type Error = m2m::Error;

    fn try_from(issuer: IssuerConfig) -> Result<Self> {
        let IssuerConfig {
            issuers,
            audiences,
            algorithms,
            jwks_url,
            jwks,
            discovery,
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
            without_organization,
            forbidden_claims,
            allow_missing_sub,
            require_any_scope,
            max_token_lifetime_seconds,
            clock_tolerance_seconds,
            max_jwks_keys,
            max_jwks_bytes,
            jwks_token_file,
        } = issuer;
        let algorithms = algorithms.unwrap_or_else(|| vec![Algorithm::Rs256.name().to_owned()]);
        let profile = profile.as_deref().map_or(Ok(TokenProfile::OAuth), str::parse)?;
        let keys = plain::key_source(jwks_url, jwks, discovery)?;
        let default = Self::oauth("", &[], keys.clone());
        Ok(Self {
            issuers,
            audiences,
            algorithms: algorithms.iter().map(|name| name.parse()).collect::<Result<_>>()?,
            keys,
            profile,
            allow_missing_typ: allow_missing_typ.unwrap_or_default(),
            allow_missing_kid: plain::allow_missing_kid(allow_missing_kid, profile),
            accept_scope_array: accept_scope_array.unwrap_or_default(),
            wildcard_scopes: wildcard_scopes.unwrap_or_default(),
            allow_bound_tokens: allow_bound_tokens.unwrap_or_default(),
            require_typ,
            scope_map: scope_map.unwrap_or_default(),
            required_claims: required_claims.unwrap_or_default(),
            require_client_subject: require_client_subject.unwrap_or_default(),
            client_ids: client_ids.unwrap_or_default(),
            client_id_claims: client_id_claims.unwrap_or_default(),
            scope_claims: scope_claims.unwrap_or(default.scope_claims),
            organization_claim: match without_organization {
                Some(true) => None,
                _ => organization_claim.or(default.organization_claim),
            },
            forbidden_claims: forbidden_claims.unwrap_or_default(),
            allow_missing_sub: allow_missing_sub.unwrap_or_default(),
            require_any_scope: require_any_scope.unwrap_or_default(),
            max_token_lifetime: max_token_lifetime_seconds.map(plain::lifetime),
            clock_tolerance: plain::tolerance(clock_tolerance_seconds.unwrap_or_default()),
            max_jwks_keys: max_jwks_keys.map_or(default.max_jwks_keys, plain::limit),
            max_jwks_bytes: max_jwks_bytes.map_or(default.max_jwks_bytes, plain::limit),
            jwks_token_file,
        })
    }
}

impl From<m2m::IssuerConfig> for IssuerConfig {
    fn from(issuer: m2m::IssuerConfig) -> Self {
        let m2m::IssuerConfig {
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
        } = issuer;
        let (jwks_url, jwks, discovery) = plain::key_arguments(keys);
        Self {
            issuers,
            audiences,
            algorithms: Some(algorithms.into_iter().map(|a| a.name().to_owned()).collect()),
            jwks_url,
            jwks,
            discovery,
            profile: Some(profile.name().to_owned()),
            allow_missing_typ: Some(allow_missing_typ),
            allow_missing_kid: Some(allow_missing_kid),
            accept_scope_array: Some(accept_scope_array),
            wildcard_scopes: Some(wildcard_scopes),
            allow_bound_tokens: Some(allow_bound_tokens),
            require_typ,
            scope_map: Some(scope_map),
            required_claims: Some(required_claims),
            require_client_subject: Some(require_client_subject),
            client_ids: Some(client_ids),
            client_id_claims: Some(client_id_claims),
            scope_claims: Some(scope_claims),
            without_organization: Some(organization_claim.is_none()),
            organization_claim,
            forbidden_claims: Some(forbidden_claims),
            allow_missing_sub: Some(allow_missing_sub),
            require_any_scope: Some(require_any_scope),
            max_token_lifetime_seconds: max_token_lifetime.map(plain::seconds),
            clock_tolerance_seconds: Some(plain::seconds(clock_tolerance)),
            max_jwks_keys: Some(max_jwks_keys.into()),
            max_jwks_bytes: Some(max_jwks_bytes.into()),
            jwks_token_file,
        }
    }
}

/// A Stytch project as issuer, which may have several names.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn stytch_issuer(
    project_id: String,
    base_url: Option<String>,
    base_urls: Vec<String>,
    vertical_name: Option<String>,
) -> Outcome<IssuerConfig> {
    outcome(vertical(vertical_name).and_then(|vertical| {
        plain::project_issuer(&project_id, base_url.as_deref(), &base_urls, vertical)
    }))
}

/// An Auth0 tenant as issuer.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn auth0_issuer(domain: String, audience: String) -> Outcome<IssuerConfig> {
    outcome(m2m::IssuerConfig::auth0(&domain, &audience))
}

/// Tenants of Entra ID as issuer.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn entra_issuer(tenants: Vec<String>, audience: String) -> Outcome<IssuerConfig> {
    outcome(m2m::IssuerConfig::entra_tenants(&tenants, &audience))
}

/// A known provider as issuer.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn provider_issuer(
    provider: String,
    given: HashMap<String, String>,
    client_ids: Vec<String>,
) -> Outcome<IssuerConfig> {
    outcome(plain::provider_issuer(&provider, &given, &client_ids))
}
