//! Whether a client at Stytch is the one that the plan wants.

use std::collections::HashMap;

use super::plan::PlannedClient;
use super::rate_gate::{PATIENCE, RateGate, may_pass};
use crate::client::Client;
use crate::clients::model::{ClientStatus, M2MClient};
use crate::clients::search::{SearchFilter, SearchQuery, SearchRequest, SearchResponse};
use crate::error::Result;
use crate::secret::Secret;

/// Ids that are looked for in one request.
const BATCH: usize = 100;

/// The names of what differs; never the values.
pub(super) fn differences(
    found: &M2MClient,
    planned: &PlannedClient,
    secret: &Secret,
) -> Vec<String> {
    // All that the server tells of a secret; `verify` checks the rest.
    let last_four = found.client_secret_last_four.as_str();
    let metadata = found.trusted_metadata.clone().unwrap_or_default();
    [
        ("client_secret", !last_four.is_empty() && secret.expose().ends_with(last_four)),
        ("client_name", found.client_name == planned.client_name),
        ("client_description", found.client_description == planned.client_description),
        ("scopes", found.has_scopes(&planned.scopes)),
        ("trusted_metadata", metadata == planned.trusted_metadata),
        ("status", found.status == ClientStatus::Active),
    ]
    .into_iter()
    .filter(|(_, equal)| !equal)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// Those of the clients that Stytch has, by id.
pub(super) async fn find(client: &Client, ids: Vec<String>) -> Result<HashMap<String, M2MClient>> {
    let mut found = HashMap::new();
    for batch in ids.chunks(BATCH) {
        let operands = vec![SearchFilter::ClientId(batch.to_vec())];
        let query = Some(SearchQuery { operator: Default::default(), operands });
        let mut request = SearchRequest { query, limit: Some(1000), cursor: None };
        loop {
            let page = search(client, &request).await?;
            found.extend(page.m2m_clients.into_iter().map(|one| (one.client_id.clone(), one)));
            match page.results_metadata.next_cursor {
                Some(cursor) if !cursor.is_empty() => request.cursor = Some(cursor),
                _ => break,
            }
        }
    }
    Ok(found)
}

async fn search(client: &Client, request: &SearchRequest) -> Result<SearchResponse> {
    let gate = RateGate::default();
    let mut failures = 0;
    loop {
        gate.ready().await;
        let error = match client.clients().search(request.clone()).await {
            Ok(page) => return Ok(page),
            Err(error) => error,
        };
        failures += 1;
        if failures == PATIENCE || !may_pass(&error) {
            return Err(error);
        }
        gate.hold_after(&error, failures);
    }
}
