//! What calls are given: mirrors of the core's records, and twins of those that uniffi cannot carry or
//! whose numbers may be wrong.

use std::collections::HashMap;

use stytch_m2m::plain::{self, AuthenticateSettings};
use stytch_m2m::{
    AuthenticateOptions, ClientStatus, CreateRequest, Error, SearchFilter, SearchOperator,
    SearchQuery, SearchRequest, Secret, TokenRequest, UpdateRequest,
};

use super::JsonObject;

/// [`TokenRequest`], whose ordered map uniffi does not carry.
#[derive(Clone, Debug, uniffi::Record)]
pub struct GrantRequest {
    /// The M2M client's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// The resources to ask for.
    pub resource: Vec<String>,
    /// The audience to ask for.
    pub audience: Option<String>,
    /// Further parameters.
    pub extra: HashMap<String, String>,
    /// Fetch a new token even if a cached one is fresh.
    pub force_refresh: bool,
}

impl From<GrantRequest> for TokenRequest {
    fn from(request: GrantRequest) -> Self {
        let GrantRequest {
            client_id,
            client_secret,
            scopes,
            resource,
            audience,
            extra,
            force_refresh,
        } = request;
        let extra = extra.into_iter().collect();
        Self { client_id, client_secret, scopes, resource, audience, extra, force_refresh }
    }
}

/// [`SearchRequest`], with a number that may be wrong.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SearchSettings {
    /// Where the previous page ended.
    pub cursor: Option<String>,
    /// Clients a page.
    pub limit: Option<i64>,
    /// The condition.
    pub query: Option<SearchQuery>,
    /// The organization whose clients to find.
    pub organization_id: Option<String>,
}

impl From<SearchSettings> for SearchRequest {
    fn from(settings: SearchSettings) -> Self {
        let SearchSettings { cursor, limit, query, organization_id } = settings;
        Self { cursor, limit: limit.map(plain::limit), query, organization_id }
    }
}

#[uniffi::remote(Record)]
pub struct CreateRequest {
    pub scopes: Vec<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub client_name: Option<String>,
    pub client_description: Option<String>,
    pub trusted_metadata: Option<JsonObject>,
    pub organization_id: Option<String>,
    pub idempotent: bool,
}

#[uniffi::remote(Record)]
pub struct UpdateRequest {
    pub client_name: Option<String>,
    pub client_description: Option<String>,
    pub status: Option<ClientStatus>,
    pub scopes: Option<Vec<String>>,
    pub trusted_metadata: Option<JsonObject>,
    pub organization_id: Option<String>,
}

#[uniffi::remote(Record)]
pub struct SearchQuery {
    pub operator: SearchOperator,
    pub operands: Vec<SearchFilter>,
}

#[uniffi::remote(Enum)]
pub enum SearchOperator {
    And,
    Or,
}

#[uniffi::remote(Enum)]
pub enum SearchFilter {
    ClientId(Vec<String>),
    ClientName(Vec<String>),
    Scopes(Vec<String>),
}

/// A token and how to verify it. One record, for on the JVM each argument that is no number costs a call
/// of its own.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifyRequest {
    /// The token.
    pub access_token: Secret,
    /// How.
    pub options: VerifySettings,
}

/// [`AuthenticateOptions`], with numbers that may be wrong.
#[derive(Clone, Debug, uniffi::Record)]
pub struct VerifySettings {
    /// Scopes that the token must grant.
    pub required_scopes: Vec<String>,
    /// The only organization to accept.
    pub organization: Option<String>,
    /// Whether the token must belong to an organization.
    pub require_organization: bool,
    /// Refuses tokens this old or older.
    pub max_token_age_seconds: Option<i64>,
    /// The allowed difference between the clocks.
    pub clock_tolerance_seconds: i64,
    /// Whether the facade decides about scopes, with the user's own function.
    pub skip_scopes: bool,
}

impl TryFrom<VerifySettings> for AuthenticateOptions {
    type Error = Error;

    fn try_from(settings: VerifySettings) -> Result<Self, Error> {
        let VerifySettings {
            required_scopes,
            organization,
            require_organization,
            max_token_age_seconds,
            clock_tolerance_seconds,
            skip_scopes,
        } = settings;
        let settings = AuthenticateSettings {
            required_scopes,
            organization,
            require_organization,
            max_token_age_seconds,
            clock_tolerance_seconds,
            decides_itself: skip_scopes,
        };
        settings.try_into()
    }
}
