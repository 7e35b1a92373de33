//! What becomes of each client, for a person to read and edit.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::candidate::{Candidate, Grants, candidates};
use super::records::Auth0Export;
use super::scopes::{ScopeHazards, ScopeMapping, some_of};
use super::state::{OnConflict, PlanState, SkipReason};
use crate::client::Client;
use crate::clients::model::CreateRequest;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::text::visible;

const VERSION: u32 = 2;
/// Auth0's lifetime of tokens where an API does not say, in seconds.
const DEFAULT_LIFETIME: u64 = 86_400;

/// What becomes of a tenant. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The version of this form: 2.
    pub version: u32,
    /// The Auth0 tenant.
    pub tenant: String,
    /// The Stytch project. A plan is carried out in no other.
    pub project_id: String,
    /// How long tokens of Auth0 live on after the last caller has moved, in seconds.
    pub wait_seconds: u64,
    /// What to know before carrying it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Every client of the tenant, in one state each, and the orphans at Stytch.
    pub clients: Vec<PlannedClient>,
}

/// What becomes of one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedClient {
    /// Its id, at Auth0 and at Stytch.
    pub client_id: String,
    /// What becomes of it.
    pub state: PlanState,
    /// Why it stays behind, or is an orphan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// In what Stytch's client with this id differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// What to do about a conflict of this client. Default: what the import's options say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_conflict: Option<OnConflict>,
    /// Its name.
    #[serde(default)]
    pub client_name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub client_description: String,
    /// The scopes that it gets.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The metadata that it gets.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub trusted_metadata: Map<String, Value>,
    /// What it may do at Auth0: its scopes by audience, when the plan was made. An import does not
    /// create a client that may do less by then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: Grants,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl PlannedClient {
    /// What creates it.
    pub(super) fn request(&self, secret: &Secret) -> CreateRequest {
        CreateRequest {
            scopes: self.scopes.clone(),
            client_id: Some(self.client_id.clone()),
            client_secret: Some(secret.clone()),
            client_name: Some(self.client_name.clone()),
            client_description: Some(self.client_description.clone()),
            trusted_metadata: Some(self.trusted_metadata.clone()),
            ..CreateRequest::default()
        }
    }

    /// Whether the plan wants it at Stytch.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.state, PlanState::Skip | PlanState::Orphan)
    }
}

impl Plan {
    /// Decides what becomes of each client, without asking Stytch.
    ///
    /// # Errors
    /// [`ScopeHazards`] where scopes would not mean the same at Stytch, until `mapping` names them.
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

    /// Whether it is of a known form and for `client`'s project, and each client stands in it once.
    pub fn check(&self, client: &Client) -> Result<()> {
        let wrong = |what: String| Err(Error::invalid_config("plan", what));
        if self.version != VERSION {
            return wrong(format!(
                "the plan has version {}, not {VERSION}: plan again",
                self.version
            ));
        }
        if self.project_id != client.project_id() {
            let (planned, actual) = (&self.project_id, client.project_id());
            return wrong(format!("the plan is for the project {planned}, not for {actual}"));
        }
        let mut seen = HashSet::new();
        match self.clients.iter().find(|one| !seen.insert(&one.client_id)) {
            Some(twice) => wrong(format!("the plan has {} twice", visible(&twice.client_id))),
            None => Ok(()),
        }
    }

    /// Clients in each state.
    pub fn counts(&self) -> BTreeMap<PlanState, usize> {
        let mut counts = BTreeMap::new();
        for planned in &self.clients {
            *counts.entry(planned.state).or_default() += 1;
        }
        counts
    }

    /// Clients that stay behind or are orphans, by the reason.
    pub fn reasons(&self) -> BTreeMap<SkipReason, usize> {
        let mut reasons = BTreeMap::new();
        for planned in self.clients.iter().filter(|one| !one.is_wanted()) {
            // A person who skips a client need not say why.
            *reasons.entry(planned.reason.unwrap_or(SkipReason::Excluded)).or_default() += 1;
        }
        reasons
    }
}

fn longest_lifetime(export: &Auth0Export) -> u64 {
    let lifetimes =
        export.own_apis().map(|server| server.token_lifetime.unwrap_or(DEFAULT_LIFETIME));
    lifetimes.max().unwrap_or(DEFAULT_LIFETIME)
}

/// What to know about the tenant as a whole.
fn notes(
    export: &Auth0Export,
    holders: &BTreeMap<(&str, &str), Vec<&str>>,
    clients: &[PlannedClient],
) -> Vec<String> {
    let mut notes = Vec::new();
    if export.own_apis().count() > 1 {
        notes.push(
            "Stytch's tokens have one audience, the project: a service that checks its audience \
             and no scope would let every client of the project in"
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
    let with_colons = holders.iter().filter(|((_, scope), _)| scope.matches(':').count() > 1);
    let with_colons: Vec<_> = with_colons
        .map(|((audience, scope), clients)| {
            let (scope, audience) = (visible(scope), visible(audience));
            format!("{scope} of {audience} ({})", some_of(clients))
        })
        .collect();
    if !with_colons.is_empty() {
        notes.push(format!(
            "these scopes have more than one colon, which Stytch's own libraries read differently \
             from one another, and this one as an action and all behind the first colon: {}",
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
