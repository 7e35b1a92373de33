//! What becomes of each client, for a person to read and edit.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::records::{Auth0Client, Auth0Export, Auth0Grant};
use super::scopes::{ScopeHazards, ScopeMapping};
use crate::client::Client;
use crate::clients::limits;
use crate::clients::model::CreateRequest;
use crate::error::{Error, Result};
use crate::secret::Secret;

const VERSION: u32 = 1;
/// Auth0's lifetime of tokens where an API does not say, in seconds.
const DEFAULT_LIFETIME: u64 = 86_400;

/// What becomes of a tenant. It holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Plan {
    /// The version of this form: 1.
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
    /// Every client of the tenant, in one state each.
    pub clients: Vec<PlannedClient>,
}

/// What becomes of one client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct PlannedClient {
    /// Its id, at Auth0 and at Stytch.
    pub client_id: String,
    /// What becomes of it.
    pub state: PlanState,
    /// Why it is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// In what Stytch's client with this id differs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
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
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What becomes of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum PlanState {
    /// It is created at Stytch.
    Import,
    /// It is there already, and equal.
    Present,
    /// It stays behind, for a reason.
    Skip,
    /// Stytch has another client with this id. It is not touched.
    Conflict,
}

/// Why a client stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub enum SkipReason {
    /// It belongs to Auth0, or is for Auth0's Management API alone.
    ManagementClient,
    /// It may not use the client-credentials grant.
    NotM2m,
    /// It authenticates by a private key or a certificate, which M2M clients at Stytch cannot.
    PrivateKey,
    /// Its secret cannot be read.
    NoSecret,
    /// Its secret has fewer than 8 characters.
    ShortSecret,
    /// It may not call any API, so it could do more at Stytch than it can at Auth0.
    NoGrant,
    /// It may call APIs on behalf of organizations alone, for which Stytch has no equal.
    OrganizationOnly,
    /// Its metadata is more than 20 keys or 4 KB.
    MetadataTooLarge,
    /// A person decided so.
    Excluded,
}

impl SkipReason {
    /// Its name in plans and reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::ManagementClient => "management_client",
            Self::NotM2m => "not_m2m",
            Self::PrivateKey => "private_key",
            Self::NoSecret => "no_secret",
            Self::ShortSecret => "short_secret",
            Self::NoGrant => "no_grant",
            Self::OrganizationOnly => "organization_only",
            Self::MetadataTooLarge => "metadata_too_large",
            Self::Excluded => "excluded",
        }
    }
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
        let mut grants: HashMap<&str, Vec<&Auth0Grant>> = HashMap::new();
        for grant in &export.client_grants {
            grants.entry(&grant.client_id).or_default().push(grant);
        }
        let mut seen = HashSet::new();
        let candidates: Vec<_> = export
            .clients
            .iter()
            .filter(|client| seen.insert(&client.client_id))
            .map(|client| Candidate {
                client,
                export,
                grants: grants.remove(client.client_id.as_str()).unwrap_or_default(),
            })
            .collect();
        let importable = candidates.iter().filter(|one| one.skip_reason().is_none());
        let granted = importable.flat_map(Candidate::granted).collect();
        let hazards = mapping.hazards(export, &granted);
        if !hazards.is_empty() {
            return Err(ScopeHazards(hazards));
        }
        let clients: Vec<_> = candidates.iter().map(|one| one.plan(mapping)).collect();
        Ok(Self {
            version: VERSION,
            tenant: export.tenant.clone(),
            project_id: project_id.to_owned(),
            wait_seconds: longest_lifetime(export),
            notes: notes(export, &granted, &clients),
            clients,
        })
    }

    /// Whether it is of a known form and for `client`'s project, and each client stands in it once.
    pub fn check(&self, client: &Client) -> Result<()> {
        let wrong = |what: String| Err(Error::invalid_config("plan", what));
        if self.version != VERSION {
            return wrong(format!("the plan has version {}, not {VERSION}", self.version));
        }
        if self.project_id != client.project_id() {
            let (planned, actual) = (&self.project_id, client.project_id());
            return wrong(format!("the plan is for the project {planned}, not for {actual}"));
        }
        let mut seen = HashSet::new();
        match self.clients.iter().find(|one| !seen.insert(&one.client_id)) {
            Some(twice) => wrong(format!("the plan has {} twice", twice.client_id)),
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
}

/// A client with its grants.
struct Candidate<'e> {
    client: &'e Auth0Client,
    export: &'e Auth0Export,
    grants: Vec<&'e Auth0Grant>,
}

impl<'e> Candidate<'e> {
    fn skip_reason(&self) -> Option<SkipReason> {
        let client = self.client;
        let is_reader = self.export.reader_client_id.as_ref() == Some(&client.client_id);
        let mut counting = self.counting().peekable();
        Some(if client.global == Some(true) || is_reader {
            SkipReason::ManagementClient
        } else if !client.is_m2m() {
            SkipReason::NotM2m
        } else if counting.peek().is_none() {
            match self.grants.is_empty() {
                true => SkipReason::NoGrant,
                false => SkipReason::ManagementClient,
            }
        } else if client.uses_key() {
            SkipReason::PrivateKey
        } else if counting.all(|grant| grant.needs_organization()) {
            SkipReason::OrganizationOnly
        } else {
            match client.readable_secret() {
                None => SkipReason::NoSecret,
                Some(secret) if limits::is_too_short(secret) => SkipReason::ShortSecret,
                Some(_) => return None,
            }
        })
    }

    /// The grants that are taken over.
    fn taken(&self) -> impl Iterator<Item = &'e Auth0Grant> {
        self.counting().filter(|grant| !grant.needs_organization())
    }

    fn counting(&self) -> impl Iterator<Item = &'e Auth0Grant> {
        self.grants.iter().copied().filter(|grant| self.export.counts(grant))
    }

    /// The audiences and scopes that are taken over.
    fn granted(&self) -> Vec<(&'e str, &'e str)> {
        let scopes = |grant: &'e Auth0Grant| {
            let scopes = grant.scopes(self.export).into_iter();
            scopes.map(|scope| (grant.audience.as_str(), scope))
        };
        self.taken().flat_map(scopes).collect()
    }

    fn plan(&self, mapping: &ScopeMapping) -> PlannedClient {
        let client = self.client;
        let metadata = self.metadata();
        let reason =
            self.skip_reason().or(metadata.is_none().then_some(SkipReason::MetadataTooLarge));
        let mut planned = PlannedClient {
            client_id: client.client_id.clone(),
            state: PlanState::Skip,
            reason,
            differs: Vec::new(),
            client_name: client.name.clone().unwrap_or_default(),
            client_description: client.description.clone().unwrap_or_default(),
            scopes: Vec::new(),
            trusted_metadata: Map::new(),
            notes: Vec::new(),
        };
        if reason.is_none() {
            let granted = self.granted();
            let names = granted.iter().map(|(audience, scope)| mapping.target(audience, scope).0);
            planned.scopes = names.collect::<BTreeSet<_>>().into_iter().collect();
            planned.state = PlanState::Import;
            planned.trusted_metadata = metadata.unwrap_or_default();
        }
        planned.notes = self.notes();
        planned
    }

    /// The client's own, and where it comes from; less than that where it would be too much.
    fn metadata(&self) -> Option<Map<String, Value>> {
        let mut own = self.client.client_metadata.clone().unwrap_or_default();
        // Stytch keeps no key whose value is null.
        own.retain(|_, value| !value.is_null());
        let audiences: BTreeSet<_> = self.taken().map(|grant| &grant.audience).collect();
        let mut whole = own.clone();
        whole.entry("auth0_tenant").or_insert_with(|| json!(self.export.domain()));
        whole.entry("auth0_audiences").or_insert_with(|| json!(audiences));
        [whole, own].into_iter().find(|metadata| limits::check_metadata(metadata).is_ok())
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for grant in self.counting() {
            let audience = &grant.audience;
            if grant.allow_all_scopes == Some(true) {
                notes.push(format!(
                    "it may do everything at {audience}: it gets the scopes that exist today, and \
                     none that are added later"
                ));
            }
            if grant.needs_organization() {
                notes.push(format!(
                    "its grant at {audience} is for organizations alone, for which Stytch has no \
                     equal: its scopes are left out"
                ));
            }
            if grant.allows_organization() {
                notes.push(format!(
                    "it may act for organizations at {audience}: at Stytch its tokens name none"
                ));
            }
            if grant.scopes(self.export).is_empty() && !grant.needs_organization() {
                notes.push(format!(
                    "it may call {audience} without any scope: nothing in its tokens will say so"
                ));
            }
        }
        let managing = self.counting().count() < self.grants.len();
        if managing && self.skip_reason() != Some(SkipReason::ManagementClient) {
            notes.push("its grants for Auth0's Management API or for users stay behind".into());
        }
        notes
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
    granted: &BTreeSet<(&str, &str)>,
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
            let identifier = &server.identifier;
            notes.push(format!(
                "{identifier} signs with {algorithm}: switch it to RS256 before its services \
                 accept both issuers"
            ));
        }
    }
    if granted.iter().any(|(_, scope)| scope.matches(':').count() > 1) {
        notes.push(
            "some scopes have more than one colon, which Stytch's own libraries read differently \
             from one another: this one takes all behind the first as the resource"
                .into(),
        );
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
