//! Whether a client at Stytch is the one that the plan wants.

use std::collections::HashMap;

use super::plan::{Plan, PlanState, PlannedClient};
use super::rate_gate::RateGate;
use super::records::{Auth0Client, Auth0Export};
use crate::client::Client;
use crate::clients::model::{ClientStatus, M2MClient};
use crate::clients::search::{SearchFilter, SearchQuery, SearchRequest};
use crate::error::Result;
use crate::secret::Secret;

/// Ids that are looked for in one request.
const BATCH: usize = 100;

impl Plan {
    /// Looks at Stytch for the clients to import, and marks those that are there already.
    pub async fn compare(&mut self, client: &Client, export: &Auth0Export) -> Result<()> {
        self.check(client)?;
        let sources: HashMap<&str, &Auth0Client> =
            export.clients.iter().map(|one| (one.client_id.as_str(), one)).collect();
        let ids = self.clients.iter().filter(|one| one.state != PlanState::Skip);
        let found = find(client, ids.map(|one| one.client_id.clone()).collect()).await?;
        for planned in self.clients.iter_mut().filter(|one| one.state != PlanState::Skip) {
            let source = sources.get(planned.client_id.as_str());
            let secret = source.and_then(|source| source.readable_secret());
            planned.differs = match (found.get(&planned.client_id), secret) {
                (Some(found), Some(secret)) => differences(found, planned, secret),
                (Some(_), None) => vec!["client_secret".into()],
                (None, _) => Vec::new(),
            };
            planned.state = match (found.contains_key(&planned.client_id), &*planned.differs) {
                (false, _) => PlanState::Import,
                (true, []) => PlanState::Present,
                (true, _) => PlanState::Conflict,
            };
        }
        Ok(())
    }
}

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
    let gate = RateGate::default();
    let mut found = HashMap::new();
    for batch in ids.chunks(BATCH) {
        let operands = vec![SearchFilter::ClientId(batch.to_vec())];
        let query = Some(SearchQuery { operator: Default::default(), operands });
        let mut request = SearchRequest { query, limit: Some(1000), cursor: None };
        loop {
            let search = || async { client.clients().search(request.clone()).await };
            let page = gate.retry(search).await?;
            found.extend(page.m2m_clients.into_iter().map(|one| (one.client_id.clone(), one)));
            match page.results_metadata.next_cursor {
                Some(cursor) if !cursor.is_empty() => request.cursor = Some(cursor),
                _ => break,
            }
        }
    }
    Ok(found)
}
