//! Compares a plan with the clients at Stytch.

use std::collections::HashMap;

use super::candidate::TENANT_KEY;
use super::plan::Plan;
use super::planned::PlannedClient;
use super::rate_gate::RateGate;
use super::records::{Auth0Client, Auth0Export, domain_of};
use super::state::{PlanState, SkipReason};
use crate::client::Client;
use crate::clients::model::{ClientStatus, M2MClient};
use crate::clients::organization::ORGANIZATION_KEY;
use crate::clients::search::{SearchFilter, SearchQuery, SearchRequest};
use crate::error::Result;
use crate::secret::Secret;

/// Ids per search request.
const BATCH: usize = 100;
/// Clients per page, so that a page with the most metadata and scopes is within the size limit of
/// responses.
const PAGE: u32 = 250;

/// Clients of Stytch, by id.
pub(super) type Found = HashMap<String, M2MClient>;

impl Plan {
    /// Compares the plan with all clients of the Stytch project. Marks those that exist already,
    /// and adds the orphans: clients that an earlier import created and that are active at Stytch,
    /// but that Auth0 has deleted or granted no API any more.
    pub async fn compare(&mut self, client: &Client, export: &Auth0Export) -> Result<()> {
        self.check(client)?;
        let sources: HashMap<&str, &Auth0Client> =
            export.clients.iter().map(|one| (one.client_id.as_str(), one)).collect();
        let found = find_all(client).await?;
        for planned in self.clients.iter_mut().filter(|one| one.is_wanted()) {
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
        self.mark_orphans(found);
        Ok(())
    }

    fn mark_orphans(&mut self, mut found: Found) {
        let tenant = domain_of(&self.tenant);
        found.retain(|_, one| one.status == ClientStatus::Active && comes_from(one, tenant));
        for planned in &mut self.clients {
            let Some(there) = found.remove(&planned.client_id) else { continue };
            let has_no_access = match planned.reason {
                // Somebody has chosen one of them.
                Some(SkipReason::SeveralOrganizations) => organization_of(&there)
                    .is_none_or(|one| !planned.organizations.iter().any(|known| known == one)),
                Some(SkipReason::AnyOrganization) => organization_of(&there).is_none(),
                reason => reason.is_some_and(SkipReason::means_no_access),
            };
            if planned.state == PlanState::Skip && has_no_access {
                planned.state = PlanState::Orphan;
            }
        }
        let mut gone: Vec<_> = found.into_values().collect();
        gone.sort_unstable_by(|a, b| a.client_id.cmp(&b.client_id));
        self.clients.extend(gone.into_iter().map(|one| PlannedClient {
            client_id: one.client_id,
            state: PlanState::Orphan,
            reason: Some(SkipReason::Gone),
            differs: Vec::new(),
            on_conflict: None,
            client_name: one.client_name,
            client_description: String::new(),
            scopes: one.scopes,
            trusted_metadata: Default::default(),
            grants: Default::default(),
            organizations: Vec::new(),
            notes: Vec::new(),
        }));
    }
}

/// Whether an import of this tenant created the client, by its metadata.
pub(super) fn comes_from(found: &M2MClient, tenant: &str) -> bool {
    let metadata = found.trusted_metadata.as_ref();
    let of = metadata.and_then(|metadata| metadata.get(TENANT_KEY)?.as_str());
    of == Some(tenant)
}

/// The organization that the client's tokens can name.
fn organization_of(client: &M2MClient) -> Option<&str> {
    client.trusted_metadata.as_ref()?.get(ORGANIZATION_KEY)?.as_str()
}

/// The names of the fields that differ, without their values.
pub(super) fn differences(
    found: &M2MClient,
    planned: &PlannedClient,
    secret: &Secret,
) -> Vec<String> {
    // The server shows only these characters of a secret; `verify` checks the rest.
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

/// The clients of these ids that exist at Stytch.
pub(super) async fn find(client: &Client, ids: &[String]) -> Result<Found> {
    let mut found = Found::new();
    for batch in ids.chunks(BATCH) {
        let operands = vec![SearchFilter::ClientId(batch.to_vec())];
        let query = Some(SearchQuery { operator: Default::default(), operands });
        search(client, query, &mut found).await?;
    }
    Ok(found)
}

async fn find_all(client: &Client) -> Result<Found> {
    let mut found = Found::new();
    search(client, None, &mut found).await?;
    Ok(found)
}

async fn search(client: &Client, query: Option<SearchQuery>, found: &mut Found) -> Result<()> {
    let gate = RateGate::default();
    let mut request = SearchRequest { query, limit: Some(PAGE), ..SearchRequest::default() };
    loop {
        let search = || async { client.clients().search(request.clone()).await };
        let page = gate.retry(search).await?;
        found.extend(page.m2m_clients.into_iter().map(|one| (one.client_id.clone(), one)));
        match page.results_metadata.next_cursor {
            Some(cursor) if !cursor.is_empty() => request.cursor = Some(cursor),
            _ => return Ok(()),
        }
    }
}
