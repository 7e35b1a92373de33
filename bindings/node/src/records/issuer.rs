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
        } = issuer;
        let algorithms = algorithms.unwrap_or_else(|| vec![Algorithm::Rs256.name().to_owned()]);
        let profile = profile.as_deref().map_or(Ok(TokenProfile::OAuth), str::parse);
        Ok(Self {
            issuers,
            audiences,
            algorithms: algorithms.iter().map(|name| name.parse()).collect::<Result<_>>()?,
            keys: plain::key_source(jwks_url, jwks, discovery)?,
            profile: profile?,
            allow_missing_typ: allow_missing_typ.unwrap_or_default(),
            allow_missing_kid: allow_missing_kid.unwrap_or_default(),
            accept_scope_array: accept_scope_array.unwrap_or_default(),
            wildcard_scopes: wildcard_scopes.unwrap_or_default(),
            allow_bound_tokens: allow_bound_tokens.unwrap_or_default(),
            require_typ,
            scope_map: scope_map.unwrap_or_default(),
            required_claims: required_claims.unwrap_or_default(),
            require_client_subject: require_client_subject.unwrap_or_default(),
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
        }
    }
}

/// A Stytch project as issuer.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn stytch_issuer(
    project_id: String,
    base_url: Option<String>,
    vertical_name: Option<String>,
) -> Outcome<IssuerConfig> {
    outcome(
        vertical(vertical_name).and_then(|vertical| {
            m2m::IssuerConfig::stytch(&project_id, base_url.as_deref(), vertical)
        }),
    )
}

/// An Auth0 tenant as issuer.
#[napi(catch_unwind, ts_return_type = "IssuerConfig | Failure")]
pub fn auth0_issuer(domain: String, audience: String) -> Outcome<IssuerConfig> {
    outcome(m2m::IssuerConfig::auth0(&domain, &audience))
}
