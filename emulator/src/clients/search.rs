//! The search request: filters, operator, paging.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::model::Client;
use crate::{json, reply::ApiError};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

#[derive(Default, Deserialize, ToSchema)]
pub(crate) struct SearchRequest {
    /// The `next_cursor` of the previous page.
    cursor: Option<String>,
    /// Default: 100.
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    #[serde(default, deserialize_with = "json::optional_object")]
    query: Option<Query>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = SearchQuery)]
struct Query {
    /// Default: `AND`.
    operator: Option<Operator>,
    #[serde(default, deserialize_with = "json::objects")]
    operands: Vec<Operand>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Operator {
    #[default]
    And,
    Or,
}

/// Loosely typed, since each mistake here has an error type of its own.
#[derive(Deserialize, ToSchema)]
#[schema(as = SearchOperand)]
struct Operand {
    #[schema(value_type = FilterName, required)]
    filter_name: Option<Value>,
    #[schema(value_type = Vec<String>, required)]
    filter_value: Option<Value>,
}

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
enum FilterName {
    ClientId,
    ClientName,
    Scopes,
}

enum Filter {
    ClientId(Vec<String>),
    ClientName(Vec<String>),
    Scopes(Vec<String>),
}

/// A valid search.
pub(super) struct Search {
    pub(super) after: Option<String>,
    pub(super) limit: usize,
    operator: Operator,
    filters: Vec<Filter>,
}

impl SearchRequest {
    pub(super) fn parse(self) -> Result<Search, ApiError> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::bad_request(
                "bad_request",
                format!("The limit must be between 1 and {MAX_LIMIT}."),
            ));
        }
        let after = match self.cursor.as_deref() {
            None | Some("") => None,
            Some(cursor) => Some(decode_cursor(cursor)?),
        };
        let (operator, operands) =
            self.query.map_or_else(Default::default, |query| (query.operator, query.operands));
        let filters = operands.into_iter().map(Operand::parse).collect::<Result<_, _>>()?;
        Ok(Search { after, limit, operator: operator.unwrap_or_default(), filters })
    }
}

impl Operand {
    fn parse(self) -> Result<Filter, ApiError> {
        let name = match self.filter_name {
            None | Some(Value::Null) => {
                return Err(invalid("m2m_search_missing_filter_name", "A filter_name is missing."));
            }
            Some(Value::String(name)) => name,
            Some(_) => {
                return Err(invalid(
                    "m2m_search_filter_name_must_be_string",
                    "A filter_name must be a string.",
                ));
            }
        };
        let filter = match name.as_str() {
            "client_id" => Filter::ClientId,
            "client_name" => Filter::ClientName,
            "scopes" => Filter::Scopes,
            _ => {
                return Err(invalid(
                    "m2m_search_filter_name_not_recognized",
                    "A filter_name must be client_id, client_name or scopes.",
                ));
            }
        };
        let value = match self.filter_value {
            None | Some(Value::Null) => {
                return Err(invalid(
                    "m2m_search_missing_filter_value",
                    "A filter_value is missing.",
                ));
            }
            Some(value) => value,
        };
        let values = serde_json::from_value(value).map_err(|_| {
            invalid(
                "m2m_search_expected_array_of_strings",
                "A filter_value must be an array of strings.",
            )
        })?;
        Ok(filter(values))
    }
}

fn invalid(error_type: &'static str, message: &str) -> ApiError {
    ApiError::bad_request(error_type, message)
}

impl Search {
    pub(super) fn matches(&self, client: &Client) -> bool {
        let mut matches = self.filters.iter().map(|filter| filter.matches(client));
        match self.operator {
            Operator::And => matches.all(|holds| holds),
            Operator::Or => self.filters.is_empty() || matches.any(|holds| holds),
        }
    }
}

impl Filter {
    fn matches(&self, client: &Client) -> bool {
        let any_is = |values: &[String], field: &str| values.iter().any(|value| value == field);
        match self {
            Self::ClientId(ids) => any_is(ids, client.id()),
            Self::ClientName(names) => any_is(names, client.name()),
            Self::Scopes(scopes) => client.scopes().iter().any(|scope| any_is(scopes, scope)),
        }
    }
}

pub(super) fn encode_cursor(client_id: &str) -> String {
    URL_SAFE_NO_PAD.encode(client_id)
}

fn decode_cursor(cursor: &str) -> Result<String, ApiError> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid("bad_request", "The cursor is not one that a search returned."))
}
