//! Lists of the Management API: offset and checkpoint paging, totals, selected fields.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;

use super::tenant::Object;
use crate::reply::ManagementError;

const DEFAULT_PAGE: usize = 50;
const MAX_PAGE: usize = 100;

/// The names that a list of these objects uses.
pub(super) struct ListKind {
    pub(super) list_name: &'static str,
    pub(super) id_name: &'static str,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// Counts from 0.
    page: Option<usize>,
    /// Default: 50.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<usize>,
    /// Whether to wrap the list in an object that has its total.
    #[serde(default)]
    include_totals: bool,
    /// The `next` of the previous response.
    from: Option<String>,
    /// The page size of checkpoint paging.
    #[param(minimum = 1, maximum = 100)]
    take: Option<usize>,
    /// Names, separated by commas.
    fields: Option<String>,
    /// Whether `fields` lists the fields to include or to omit. Default: include.
    include_fields: Option<bool>,
}

impl Listing {
    pub(super) fn answer(
        &self,
        all: Vec<Object>,
        kind: &ListKind,
    ) -> Result<Value, ManagementError> {
        let per_page = page_size(self.per_page, "per_page")?;
        let take = page_size(self.take, "take")?;
        if self.from.is_some() || self.take.is_some() {
            self.by_checkpoint(all, kind, take)
        } else {
            Ok(self.by_offset(all, kind, per_page))
        }
    }

    fn by_offset(&self, all: Vec<Object>, kind: &ListKind, limit: usize) -> Value {
        let start = self.page.unwrap_or_default().saturating_mul(limit);
        let total = all.len();
        let page: Vec<Value> =
            all.into_iter().skip(start).take(limit).map(|object| self.select(object)).collect();
        if !self.include_totals {
            return page.into();
        }
        json!({ "start": start, "limit": limit, "total": total, kind.list_name: page })
    }

    fn by_checkpoint(
        &self,
        all: Vec<Object>,
        kind: &ListKind,
        limit: usize,
    ) -> Result<Value, ManagementError> {
        let start = match &self.from {
            None => 0,
            Some(checkpoint) => {
                let last = decode(checkpoint);
                let position = all.iter().position(|object| id(object, kind) == last.as_deref());
                let invalid = || ManagementError::invalid_query("from is not a checkpoint");
                position.filter(|_| last.is_some()).ok_or_else(invalid)? + 1
            }
        };
        let more = all.len() > start.saturating_add(limit);
        let page: Vec<Object> = all.into_iter().skip(start).take(limit).collect();
        let next = page.last().and_then(|last| id(last, kind)).filter(|_| more).map(encode);
        let page: Vec<Value> = page.into_iter().map(|object| self.select(object)).collect();
        let mut answer = Map::from_iter([(kind.list_name.to_owned(), page.into())]);
        answer.extend(next.map(|next| ("next".to_owned(), next.into())));
        Ok(answer.into())
    }

    fn select(&self, mut object: Object) -> Value {
        if let Some(fields) = &self.fields {
            let shown = self.include_fields.unwrap_or(true);
            object.retain(|name, _| fields.split(',').any(|field| field == name) == shown);
        }
        object.into()
    }
}

fn page_size(given: Option<usize>, name: &str) -> Result<usize, ManagementError> {
    let size = given.unwrap_or(DEFAULT_PAGE);
    if (1..=MAX_PAGE).contains(&size) {
        Ok(size)
    } else {
        let message = format!("{name} must be between 1 and {MAX_PAGE}");
        Err(ManagementError::invalid_query(message))
    }
}

fn id<'a>(object: &'a Object, kind: &ListKind) -> Option<&'a str> {
    object.get(kind.id_name).and_then(Value::as_str)
}

fn encode(id: &str) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

fn decode(checkpoint: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(checkpoint).ok()?).ok()
}
