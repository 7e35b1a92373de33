//! Search requests and result pages.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::model::M2MClient;
use crate::error::Error;
use crate::json::lenient;

/// The total where the server gives none.
pub(super) const UNKNOWN_TOTAL: i64 = -1;

/// A search for clients, and its page size. The default finds all clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchRequest {
    /// The `next_cursor` of the previous page. Default: the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Clients per page, from 1 to 1,000. Default: the server's, 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The filters. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<SearchQuery>,
    /// The organization whose clients to find. Stytch cannot filter by it, so this library does:
    /// each page has only those of its clients that belong to the organization, perhaps none, and
    /// `search_all` fetches every page of the other filters' clients. Pages then have 1,000 clients
    /// at Stytch, unless `limit` is set, and `total` is unknown.
    #[serde(skip)]
    pub organization_id: Option<String>,
}

/// Filters and their operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SearchQuery {
    /// Whether all filters must match, or one.
    pub operator: SearchOperator,
    /// The filters.
    pub operands: Vec<SearchFilter>,
}

/// The operator between filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum SearchOperator {
    /// All filters must match.
    #[default]
    And,
    /// At least one filter must match.
    Or,
}

/// `AND` or `OR`.
impl FromStr for SearchOperator {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "AND" => Ok(Self::And),
            "OR" => Ok(Self::Or),
            _ => Err(Error::invalid_config("operator", "operator must be `AND` or `OR`")),
        }
    }
}

/// A filter with a list of values. It matches if one value matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "filter_name", content = "filter_value", rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum SearchFilter {
    /// Clients with one of these ids.
    ClientId(Vec<String>),
    /// Clients with exactly one of these names.
    ClientName(Vec<String>),
    /// Clients that have at least one of these scopes.
    Scopes(Vec<String>),
}

impl SearchFilter {
    /// The filter called `filter_name`: `client_id`, `client_name` or `scopes`.
    ///
    /// # Errors
    /// `invalid_config` for another name.
    pub fn from_parts(filter_name: &str, filter_value: Vec<String>) -> Result<Self, Error> {
        match filter_name {
            "client_id" => Ok(Self::ClientId(filter_value)),
            "client_name" => Ok(Self::ClientName(filter_value)),
            "scopes" => Ok(Self::Scopes(filter_value)),
            _ => Err(Error::invalid_config(
                "filter_name",
                "filter_name must be `client_id`, `client_name` or `scopes`",
            )),
        }
    }
}

/// A page of clients.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct SearchResponse {
    /// The clients of this page.
    #[serde(deserialize_with = "lenient::or_default")]
    pub m2m_clients: Vec<M2MClient>,
    /// The total and the next page's cursor.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub results_metadata: ResultsMetadata,
    /// The server's id of the request.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub request_id: String,
    /// The HTTP status.
    #[serde(default, deserialize_with = "lenient::status_or_zero")]
    pub status_code: u16,
}

/// The position of a page in the whole result.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ResultsMetadata {
    /// Number of all matches; -1 if the workspace has totals switched off.
    #[serde(default = "unknown_total", deserialize_with = "total")]
    pub total: i64,
    /// The next page's `cursor`; `None` after the last page.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

impl Default for ResultsMetadata {
    fn default() -> Self {
        Self { total: UNKNOWN_TOTAL, next_cursor: None }
    }
}

fn unknown_total() -> i64 {
    UNKNOWN_TOTAL
}

fn total<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(UNKNOWN_TOTAL))
}
