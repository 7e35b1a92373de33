//! Arguments as the core's. `ts/arguments.ts` has checked their types; what they may be is said here
//! or in the core.

use std::collections::HashMap;

use napi_derive::napi;
use serde_json::{Map, Value};
use stytch_m2m::internals;
use stytch_m2m::plain::AuthenticateSettings;
use stytch_m2m::{self as m2m, Error, Result, SearchFilter, SearchOperator, Secret, Vertical};

/// One grant.
#[napi(object, object_to_js = false)]
pub struct TokenRequest {
    /// The M2M client's id.
    #[napi(js_name = "client_id")]
    pub client_id: String,
    /// Its secret.
    #[napi(js_name = "client_secret")]
    pub client_secret: String,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// The resources that the token is for.
    pub resource: Option<Vec<String>>,
    /// The audience that it is for.
    pub audience: Option<String>,
    /// Further parameters.
    pub extra: Option<HashMap<String, String>>,
    /// Fetch a new token even if a cached one is fresh.
    #[napi(js_name = "force_refresh")]
    pub force_refresh: Option<bool>,
}

impl From<TokenRequest> for m2m::TokenRequest {
    fn from(request: TokenRequest) -> Self {
        let TokenRequest {
            client_id,
            client_secret,
            scopes,
            resource,
            audience,
            extra,
            force_refresh,
        } = request;
        Self {
            client_id,
            client_secret: Secret::new(client_secret),
            scopes: scopes.unwrap_or_default(),
            resource: resource.unwrap_or_default(),
            audience,
            extra: extra.unwrap_or_default().into_iter().collect(),
            force_refresh: force_refresh.unwrap_or_default(),
        }
    }
}

/// What to create.
#[napi(object, object_to_js = false)]
pub struct CreateRequest {
    /// The scopes that the client can request.
    pub scopes: Vec<String>,
    /// An id of one's own.
    #[napi(js_name = "client_id")]
    pub client_id: Option<String>,
    /// A secret of one's own.
    #[napi(js_name = "client_secret")]
    pub client_secret: Option<String>,
    /// A display name.
    #[napi(js_name = "client_name")]
    pub client_name: Option<String>,
    /// A description.
    #[napi(js_name = "client_description")]
    pub client_description: Option<String>,
    /// JSON.
    #[napi(js_name = "trusted_metadata")]
    pub trusted_metadata: Option<String>,
    /// The organization that it belongs to.
    #[napi(js_name = "organization_id")]
    pub organization_id: Option<String>,
    /// Safe to repeat.
    pub idempotent: Option<bool>,
}

impl TryFrom<CreateRequest> for m2m::CreateRequest {
    type Error = Error;

    fn try_from(request: CreateRequest) -> Result<Self> {
        let CreateRequest {
            scopes,
            client_id,
            client_secret,
            client_name,
            client_description,
            trusted_metadata,
            organization_id,
            idempotent,
        } = request;
        Ok(Self {
            scopes,
            client_id,
            client_secret: client_secret.map(Secret::new),
            client_name,
            client_description,
            trusted_metadata: trusted_metadata.map(metadata).transpose()?,
            organization_id,
            idempotent: idempotent.unwrap_or_default(),
        })
    }
}

/// What to change.
#[napi(object, object_to_js = false)]
pub struct UpdateRequest {
    /// A new name.
    #[napi(js_name = "client_name")]
    pub client_name: Option<String>,
    /// A new description.
    #[napi(js_name = "client_description")]
    pub client_description: Option<String>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    /// The scopes.
    pub scopes: Option<Vec<String>>,
    /// JSON.
    #[napi(js_name = "trusted_metadata")]
    pub trusted_metadata: Option<String>,
    /// The organization that it belongs to from now on.
    #[napi(js_name = "organization_id")]
    pub organization_id: Option<String>,
}

impl TryFrom<UpdateRequest> for m2m::UpdateRequest {
    type Error = Error;

    fn try_from(request: UpdateRequest) -> Result<Self> {
        let UpdateRequest {
            client_name,
            client_description,
            status,
            scopes,
            trusted_metadata,
            organization_id,
        } = request;
        let status = status.as_deref().map(str::parse);
        Ok(Self {
            client_name,
            client_description,
            status: status.transpose()?,
            scopes,
            trusted_metadata: trusted_metadata.map(metadata).transpose()?,
            organization_id,
        })
    }
}

/// Which clients to find.
#[napi(object, object_to_js = false)]
pub struct SearchRequest {
    /// Where the previous page ended.
    pub cursor: Option<String>,
    /// Clients a page.
    pub limit: Option<u32>,
    /// The condition.
    pub query: Option<SearchQuery>,
    /// The organization whose clients to find.
    #[napi(js_name = "organization_id")]
    pub organization_id: Option<String>,
}

/// Filters and their operator.
#[napi(object, object_to_js = false)]
pub struct SearchQuery {
    /// `AND` or `OR`.
    pub operator: Option<String>,
    /// The filters.
    pub operands: Vec<SearchOperand>,
}

/// One filter.
#[napi(object, object_to_js = false)]
pub struct SearchOperand {
    /// `client_id`, `client_name` or `scopes`.
    #[napi(js_name = "filter_name")]
    pub filter_name: String,
    /// Of which one must match.
    #[napi(js_name = "filter_value")]
    pub filter_value: Vec<String>,
}

impl TryFrom<SearchRequest> for m2m::SearchRequest {
    type Error = Error;

    fn try_from(request: SearchRequest) -> Result<Self> {
        let SearchRequest { cursor, limit, query, organization_id } = request;
        let query = query.map(TryInto::try_into).transpose()?;
        Ok(Self { cursor, limit, query, organization_id })
    }
}

impl TryFrom<SearchQuery> for m2m::SearchQuery {
    type Error = Error;

    fn try_from(query: SearchQuery) -> Result<Self> {
        let operator = query.operator.as_deref().map_or(Ok(SearchOperator::And), str::parse)?;
        let filter = |SearchOperand { filter_name, filter_value }| {
            SearchFilter::from_parts(&filter_name, filter_value)
        };
        let operands = query.operands.into_iter().map(filter).collect::<Result<_>>()?;
        Ok(Self { operator, operands })
    }
}

/// Options of one verification.
#[napi(object, object_to_js = false)]
pub struct AuthenticateOptions {
    /// Scopes that the token must grant.
    #[napi(js_name = "required_scopes")]
    pub required_scopes: Option<Vec<String>>,
    /// The only organization to accept.
    pub organization: Option<String>,
    /// Whether it must belong to an organization.
    #[napi(js_name = "require_organization")]
    pub require_organization: Option<bool>,
    /// How old it may be.
    #[napi(js_name = "max_token_age_seconds")]
    pub max_token_age_seconds: Option<i64>,
    /// The allowed difference between the clocks.
    #[napi(js_name = "clock_tolerance_seconds")]
    pub clock_tolerance_seconds: Option<i64>,
    /// The caller decides about scopes.
    #[napi(js_name = "decides_itself")]
    pub decides_itself: bool,
}

impl AuthenticateOptions {
    pub(crate) fn into_core(self) -> Result<m2m::AuthenticateOptions> {
        let Self {
            required_scopes,
            organization,
            require_organization,
            max_token_age_seconds,
            clock_tolerance_seconds,
            decides_itself,
        } = self;
        let settings = AuthenticateSettings {
            required_scopes: required_scopes.unwrap_or_default(),
            organization,
            require_organization: require_organization.unwrap_or_default(),
            max_token_age_seconds,
            clock_tolerance_seconds: clock_tolerance_seconds.unwrap_or_default(),
            decides_itself,
        };
        settings.try_into()
    }
}

fn metadata(json: String) -> Result<Map<String, Value>> {
    serde_json::from_str(&json).map_err(|_| wrong("trusted_metadata", "must be an object"))
}

pub(super) fn vertical(name: Option<String>) -> Result<Vertical> {
    name.as_deref().map_or(Ok(Vertical::Consumer), str::parse)
}

pub(super) fn wrong(field: &str, what: &str) -> Error {
    internals::invalid_config(field, format!("{field} {what}"))
}
