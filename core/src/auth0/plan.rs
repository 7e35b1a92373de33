//! The import plan: a state for each client, to be read and edited.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::candidate::{Candidate, candidates};
use super::planned::PlannedClient;
use super::records::Auth0Export;
use super::scopes::{ScopeHazards, ScopeMapping, some_of};
use super::state::{PlanState, SkipReason, tally};
use crate::client::Client;
use crate::clients::organization::ORGANIZATION_KEY;
use crate::error::{Error, Result};
use crate::text::visible;

const VERSION: u32 = 2;
/// Auth0's default lifetime of tokens, in seconds.
const DEFAULT_LIFETIME: u64 = 86_400;

/// The plan for a tenant. It contains no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of the plan's format: 2.
    pub version: u32,
    /// The Auth0 tenant.
    pub tenant: String,
    /// The Stytch project. The plan cannot be carried out in another one.
    pub project_id: String,
    /// The longest lifetime of the tenant's tokens, in seconds: Auth0's tokens must be accepted for
    /// that long after the last caller has moved.
    pub wait_seconds: u64,
    /// Notes to read before the import.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// All clients of the tenant, each with its state, and the orphans at Stytch.
    pub clients: Vec<PlannedClient>,
}

impl Plan {
    /// Makes a plan from the export alone, without calling Stytch.
    ///
    /// # Errors
    /// [`ScopeHazards`] if scopes would have another meaning at Stytch, until `mapping` renames
    /// them.
    pub fn draft(
        export: &Auth0Export,
        project_id: &str,
        mapping: &ScopeMapping,
    ) -> Result<Self, ScopeHazards> {
        let candidates = candidates(export);
        let mut holders: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for candidate in candidates.iter().filter(|one| one.skip_reason().is_none()) {
            for granted in candidate.granted() {
                holders.entry(granted).or_default().push(&candidate.client.client_id);
            }
        }
        let hazards = mapping.hazards(export, &holders);
        if !hazards.is_empty() {
            return Err(ScopeHazards(hazards));
        }
        let clients: Vec<_> =
            candidates.iter().map(|one: &Candidate<'_>| one.plan(mapping)).collect();
        Ok(Self {
            version: VERSION,
            tenant: export.tenant.clone(),
            project_id: project_id.to_owned(),
            wait_seconds: longest_lifetime(export),
            notes: notes(export, &holders, &clients),
            clients,
        })
    }

    /// Checks that the plan's version is known, that it is for `client`'s project, and that it
    /// contains each client once.
    pub fn check(&self, client: &Client) -> Result<()> {
        let wrong = |what: String| Err(Error::invalid_config("plan", what));
        if self.version != VERSION {
            return wrong(format!(
                "the plan has version {}, not {VERSION}: make a new plan",
                self.version
            ));
        }
        if self.project_id != client.project_id() {
            let (planned, actual) = (&self.project_id, client.project_id());
            return wrong(format!("the plan is for the project {planned}, not for {actual}"));
        }
        let mut seen = HashSet::new();
        match self.clients.iter().find(|one| !seen.insert(&one.client_id)) {
            Some(twice) => wrong(format!("the plan contains {} twice", visible(&twice.client_id))),
            None => Ok(()),
        }
    }

    /// Checks that the plan is for the tenant that `export` was read from.
    pub(super) fn check_tenant(&self, export: &Auth0Export) -> Result<()> {
        if self.tenant == export.tenant {
            return Ok(());
        }
        let (planned, actual) = (visible(&self.tenant), visible(&export.tenant));
        let what = format!("the plan is for the Auth0 tenant {planned}, not for {actual}");
        Err(Error::invalid_config("plan", what))
    }

    /// The number of clients in each state.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<PlanState, usize> {
        tally(self.clients.iter().map(|one| one.state))
    }

    /// The number of skipped clients and orphans by reason.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<SkipReason, usize> {
        let skipped = self.clients.iter().filter(|one| !one.is_wanted());
        // A user who skips a client need not give a reason.
        tally(skipped.map(|one| one.reason.unwrap_or(SkipReason::Excluded)))
    }
}

fn longest_lifetime(export: &Auth0Export) -> u64 {
    let lifetimes =
        export.own_apis().map(|server| server.token_lifetime.unwrap_or(DEFAULT_LIFETIME));
    lifetimes.max().unwrap_or(DEFAULT_LIFETIME)
}

/// Notes about the tenant as a whole.
fn notes(
    export: &Auth0Export,
    holders: &BTreeMap<(&str, &str), Vec<&str>>,
    clients: &[PlannedClient],
) -> Vec<String> {
    let mut notes = Vec::new();
    if export.own_apis().count() > 1 {
        notes.push(
            "Stytch's tokens have one audience, the project: a service that checks only the \
             audience, and no scope, would accept every client of the project"
                .into(),
        );
    }
    for server in export.own_apis() {
        if let Some(algorithm @ ("HS256" | "PS256")) = server.signing_alg.as_deref() {
            let identifier = visible(&server.identifier);
            notes.push(format!(
                "{identifier} signs with {algorithm}: switch it to RS256 before its services \
                 accept both issuers"
            ));
        }
    }
    let bound = clients.iter().filter(|one| !one.organizations.is_empty()).count();
    if bound > 0 {
        notes.push(format!(
            "clients that are bound to an organization: {bound}. Stytch's tokens name it only if the \
             project's M2M token template has \"org_id\": {{{{ \
             client.trusted_metadata.{ORGANIZATION_KEY} }}}}: set it before services depend on it"
        ));
    }
    let with_colons = holders.iter().filter(|((_, scope), _)| scope.matches(':').count() > 1);
    let with_colons: Vec<_> = with_colons
        .map(|((audience, scope), clients)| {
            let (scope, audience) = (visible(scope), visible(audience));
            format!("{scope} of {audience} ({})", some_of(clients))
        })
        .collect();
    if !with_colons.is_empty() {
        notes.push(format!(
            "these scopes have more than one colon. This library reads everything after the \
             first colon as the resource; Stytch's own libraries differ from each other: {}",
            with_colons.join(", ")
        ));
    }
    let secretless = |one: &&PlannedClient| one.reason == Some(SkipReason::NoSecret);
    let secretless = clients.iter().filter(secretless).count();
    if secretless > 0 {
        notes.push(format!(
            "{secretless} secrets cannot be read: if that is unexpected, grant the reading \
             application read:client_keys on the Management API"
        ));
    }
    notes
}
