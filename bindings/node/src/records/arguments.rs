//! Arguments as the core's. `ts/arguments.ts` has checked their types; what they may be is said here
//! or in the core.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use napi_derive::napi;
use serde_json::{Map, Value};
use stytch_m2m::{
    self as core, ClientStatus, Error, Result, SearchFilter, SearchOperator, Secret,
    TransportConfig, Vertical,
};

use crate::call::spawner;

/// How long requests may take.
#[napi(object, object_to_js = false)]
pub struct Timeouts {
    /// Until a connection stands.
    #[napi(js_name = "connect_timeout_seconds")]
    pub connect_timeout_seconds: Option<f64>,
    /// Until one attempt has its answer.
    #[napi(js_name = "attempt_timeout_seconds")]
    pub attempt_timeout_seconds: Option<f64>,
    /// Until the call returns.
    #[napi(js_name = "total_timeout_seconds")]
    pub total_timeout_seconds: Option<f64>,
}

impl Timeouts {
    pub(crate) fn transport(self) -> Result<TransportConfig> {
        let mut config = TransportConfig { spawner: spawner(), ..Default::default() };
        let Self { connect_timeout_seconds, attempt_timeout_seconds, total_timeout_seconds } = self;
        for (field, seconds, timeout) in [
            ("connect_timeout_seconds", connect_timeout_seconds, &mut config.connect_timeout),
            ("attempt_timeout_seconds", attempt_timeout_seconds, &mut config.attempt_timeout),
            ("total_timeout_seconds", total_timeout_seconds, &mut config.total_timeout),
        ] {
            let Some(seconds) = seconds else { continue };
            let valid = Duration::try_from_secs_f64(seconds).ok().filter(|d| !d.is_zero());
            *timeout =
                valid.ok_or_else(|| wrong(field, "must be a number of seconds above zero"))?;
        }
        Ok(config)
    }
}

/// Settings of a client.
#[napi(object, object_to_js = false)]
pub struct ClientSettings {
    /// The project's id.
    #[napi(js_name = "project_id")]
    pub project_id: Option<String>,
    /// Its secret.
    pub secret: Option<String>,
    /// Where the API is.
    #[napi(js_name = "base_url")]
    pub base_url: Option<String>,
    /// `consumer` or `b2b`.
    pub vertical: Option<String>,
}

impl ClientSettings {
    pub(crate) fn config(self, timeouts: Timeouts) -> Result<core::ClientConfig> {
        let Self { project_id, secret, base_url, vertical: name } = self;
        let (vertical, transport) = (vertical(name)?, timeouts.transport()?);
        let secret = secret.map(Secret::new);
        let defaults = core::ClientConfig::default();
        Ok(core::ClientConfig { project_id, secret, base_url, vertical, transport, ..defaults })
    }
}

/// Settings of a token source.
#[napi(object, object_to_js = false)]
pub struct TokenSourceSettings {
    /// The project whose token endpoint is asked.
    #[napi(js_name = "project_id")]
    pub project_id: Option<String>,
    /// Where the API is.
    #[napi(js_name = "base_url")]
    pub base_url: Option<String>,
    /// Another server's token endpoint.
    #[napi(js_name = "token_url")]
    pub token_url: Option<String>,
    /// The M2M client's id.
    #[napi(js_name = "client_id")]
    pub client_id: String,
    /// Its secret.
    #[napi(js_name = "client_secret")]
    pub client_secret: String,
    /// The scopes to ask for.
    pub scopes: Option<Vec<String>>,
    /// Further parameters.
    pub extra: Option<HashMap<String, String>>,
}

impl TokenSourceSettings {
    pub(crate) fn config(self, timeouts: Timeouts) -> Result<core::TokenSourceConfig> {
        let Self { project_id, base_url, token_url, client_id, client_secret, scopes, extra } =
            self;
        Ok(core::TokenSourceConfig {
            project_id,
            base_url,
            token_url,
            client_id,
            client_secret: Secret::new(client_secret),
            scopes: scopes.unwrap_or_default(),
            extra: extra.unwrap_or_default().into_iter().collect(),
            transport: timeouts.transport()?,
            ..Default::default()
        })
    }
}

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
    /// Further parameters.
    pub extra: Option<HashMap<String, String>>,
    /// Ask the server even if a cached token is fresh.
    #[napi(js_name = "force_refresh")]
    pub force_refresh: Option<bool>,
}

impl From<TokenRequest> for core::TokenRequest {
    fn from(request: TokenRequest) -> Self {
        let TokenRequest { client_id, client_secret, scopes, extra, force_refresh } = request;
        Self {
            client_id,
            client_secret: Secret::new(client_secret),
            scopes: scopes.unwrap_or_default(),
            extra: extra.unwrap_or_default().into_iter().collect(),
            force_refresh: force_refresh.unwrap_or_default(),
        }
    }
}

/// What to create.
#[napi(object, object_to_js = false)]
pub struct CreateRequest {
    /// The scopes that the client may ask for.
    pub scopes: Vec<String>,
    /// An id of one's own.
    #[napi(js_name = "client_id")]
    pub client_id: Option<String>,
    /// A secret of one's own.
    #[napi(js_name = "client_secret")]
    pub client_secret: Option<String>,
    /// A name for people.
    #[napi(js_name = "client_name")]
    pub client_name: Option<String>,
    /// A description for people.
    #[napi(js_name = "client_description")]
    pub client_description: Option<String>,
    /// JSON.
    #[napi(js_name = "trusted_metadata")]
    pub trusted_metadata: Option<String>,
}

impl TryFrom<CreateRequest> for core::CreateRequest {
    type Error = Error;

    fn try_from(request: CreateRequest) -> Result<Self> {
        let CreateRequest {
            scopes,
            client_id,
            client_secret,
            client_name,
            client_description,
            trusted_metadata,
        } = request;
        Ok(Self {
            scopes,
            client_id,
            client_secret: client_secret.map(Secret::new),
            client_name,
            client_description,
            trusted_metadata: trusted_metadata.map(metadata).transpose()?,
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
}

impl TryFrom<UpdateRequest> for core::UpdateRequest {
    type Error = Error;

    fn try_from(request: UpdateRequest) -> Result<Self> {
        let UpdateRequest { client_name, client_description, status, scopes, trusted_metadata } =
            request;
        let status = status.map(|name| match name.as_str() {
            "active" => Ok(ClientStatus::Active),
            "inactive" => Ok(ClientStatus::Inactive),
            _ => Err(wrong("status", "must be `active` or `inactive`")),
        });
        Ok(Self {
            client_name,
            client_description,
            status: status.transpose()?,
            scopes,
            trusted_metadata: trusted_metadata.map(metadata).transpose()?,
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
}

/// Filters and how they combine.
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

impl TryFrom<SearchRequest> for core::SearchRequest {
    type Error = Error;

    fn try_from(request: SearchRequest) -> Result<Self> {
        let SearchRequest { cursor, limit, query } = request;
        Ok(Self { cursor, limit, query: query.map(TryInto::try_into).transpose()? })
    }
}

impl TryFrom<SearchQuery> for core::SearchQuery {
    type Error = Error;

    fn try_from(query: SearchQuery) -> Result<Self> {
        let operator = match query.operator.as_deref() {
            None | Some("AND") => SearchOperator::And,
            Some("OR") => SearchOperator::Or,
            Some(_) => return Err(wrong("operator", "must be `AND` or `OR`")),
        };
        let filter = |SearchOperand { filter_name, filter_value }| match filter_name.as_str() {
            "client_id" => Ok(SearchFilter::ClientId(filter_value)),
            "client_name" => Ok(SearchFilter::ClientName(filter_value)),
            "scopes" => Ok(SearchFilter::Scopes(filter_value)),
            _ => Err(wrong("filter_name", "must be `client_id`, `client_name` or `scopes`")),
        };
        let operands = query.operands.into_iter().map(filter).collect::<Result<_>>()?;
        Ok(Self { operator, operands })
    }
}

/// What one verification asks for.
#[napi(object, object_to_js = false)]
pub struct AuthenticateOptions {
    /// Scopes that the token must grant.
    #[napi(js_name = "required_scopes")]
    pub required_scopes: Option<Vec<String>>,
    /// How old it may be.
    #[napi(js_name = "max_token_age_seconds")]
    pub max_token_age_seconds: Option<i64>,
    /// How far clocks may differ.
    #[napi(js_name = "clock_tolerance_seconds")]
    pub clock_tolerance_seconds: Option<i64>,
    /// The caller decides about scopes.
    #[napi(js_name = "decides_itself")]
    pub decides_itself: bool,
}

impl AuthenticateOptions {
    pub(crate) fn into_core(self) -> Result<core::AuthenticateOptions> {
        let Self {
            required_scopes,
            max_token_age_seconds,
            clock_tolerance_seconds,
            decides_itself,
        } = self;
        let seconds =
            |field, number| u64::try_from(number).map_err(|_| wrong(field, "must not be negative"));
        let max_age = max_token_age_seconds.map(|n| seconds("max_token_age_seconds", n));
        let tolerance = clock_tolerance_seconds.unwrap_or_default();
        Ok(core::AuthenticateOptions {
            required_scopes: required_scopes.unwrap_or_default(),
            max_token_age_seconds: max_age.transpose()?,
            clock_tolerance_seconds: seconds("clock_tolerance_seconds", tolerance)?,
            authorize: decides_itself.then(|| Arc::new(|_: &_, _: &_| true) as _),
        })
    }
}

fn metadata(json: String) -> Result<Map<String, Value>> {
    serde_json::from_str(&json).map_err(|_| wrong("trusted_metadata", "must be an object"))
}

pub(super) fn vertical(name: Option<String>) -> Result<Vertical> {
    match name.as_deref() {
        None | Some("consumer") => Ok(Vertical::Consumer),
        Some("b2b") => Ok(Vertical::B2b),
        Some(_) => Err(wrong("vertical", "must be `consumer` or `b2b`")),
    }
}

pub(super) fn wrong(field: &str, what: &str) -> Error {
    Error::invalid_config(field, format!("{field} {what}"))
}
