//! `stytch-m2m clients list`

use clap::Args;
use serde_json::Value;
use stytch_m2m::{Client, M2MClient, SearchFilter, SearchOperator, SearchQuery, SearchRequest};

use super::apply::file::Status;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;
use crate::view;

/// Clients a page.
const PAGE: u32 = 1000;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Only clients with one of these ids; can be repeated
    #[arg(long = "id", value_name = "ID", allow_hyphen_values = true)]
    ids: Vec<String>,
    /// Only clients with exactly one of these names; can be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Only clients with at least one of these scopes; can be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Clients that meet any of the conditions on ids, names and scopes, instead of all
    #[arg(long)]
    any: bool,
    /// Only clients with this status
    #[arg(long, value_enum)]
    status: Option<Status>,
    /// Only clients whose metadata has this key, and this value if one is given; if repeated, all
    /// must match
    #[arg(long = "metadata", value_name = "KEY[=VALUE]")]
    metadata: Vec<String>,
    /// Only clients of this organization: their metadata has it as organization_id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    organization: Option<String>,
    /// At most this many clients
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let most = options.limit.unwrap_or(usize::MAX);
    let found = find(&client, options.request(most), most, |one| options.holds(one)).await?;
    output.result(
        || found.iter().map(view::client_json).collect(),
        || match found.is_empty() {
            true => "no clients".to_owned(),
            false => view::clients_text(&found),
        },
    )
}

/// All clients that the request finds and of which `holds` is true, at most so many.
pub(crate) async fn find(
    client: &Client,
    request: SearchRequest,
    most: usize,
    holds: impl Fn(&M2MClient) -> bool,
) -> Result<Vec<M2MClient>, Failure> {
    let mut search = client.clients().search_all(request);
    let mut found = Vec::new();
    while found.len() < most {
        match search.next().await? {
            Some(client) if holds(&client) => found.push(client),
            Some(_) => {}
            None => break,
        }
    }
    Ok(found)
}

/// The request for all clients.
pub(crate) fn everything() -> SearchRequest {
    SearchRequest { limit: Some(PAGE), ..Default::default() }
}

impl Options {
    /// What the API filters by.
    fn request(&self, most: usize) -> SearchRequest {
        let Self { ids, names, scopes, .. } = self;
        let operands: Vec<_> = [
            (!ids.is_empty()).then(|| SearchFilter::ClientId(ids.clone())),
            (!names.is_empty()).then(|| SearchFilter::ClientName(names.clone())),
            (!scopes.is_empty()).then(|| SearchFilter::Scopes(scopes.clone())),
        ]
        .into_iter()
        .flatten()
        .collect();
        let operator = if self.any { SearchOperator::Or } else { SearchOperator::And };
        let query = (!operands.is_empty()).then_some(SearchQuery { operator, operands });
        let is_filtered_here =
            self.status.is_some() || self.organization.is_some() || !self.metadata.is_empty();
        let page = if is_filtered_here { PAGE } else { u32::try_from(most).unwrap_or(PAGE) };
        SearchRequest { query, limit: Some(page.clamp(1, PAGE)), ..Default::default() }
    }

    /// What is filtered by here.
    fn holds(&self, client: &M2MClient) -> bool {
        let status = self.status.is_none_or(|status| client.status == status.into());
        let metadata = |condition: &String| match condition.split_once('=') {
            Some((key, value)) => has(client, key, Some(value)),
            None => has(client, condition, None),
        };
        let organization =
            self.organization.is_none() || client.organization_id == self.organization;
        status && organization && self.metadata.iter().all(metadata)
    }
}

/// Whether the client's metadata has this key, with this value: text as it is, or any value as JSON.
fn has(client: &M2MClient, key: &str, wanted: Option<&str>) -> bool {
    let found = client.trusted_metadata.as_ref().and_then(|metadata| metadata.get(key));
    match (found, wanted) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(Value::String(text)), Some(wanted)) if text == wanted => true,
        (Some(found), Some(wanted)) => {
            serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| wanted == *found)
        }
    }
}
