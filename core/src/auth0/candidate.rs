//! The access that a tenant grants to a client, and whether the client can be imported.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::organizations::Binding;
use super::planned::{Grants, PlannedClient};
use super::records::{Auth0Client, Auth0Export, Auth0Grant};
use super::scopes::ScopeMapping;
use super::state::{PlanState, SkipReason};
use crate::clients::limits;
use crate::clients::organization::ORGANIZATION_KEY;
use crate::verify::subject::is_like_a_user;

/// A client with its grants.
pub(super) struct Candidate<'e> {
    pub(super) client: &'e Auth0Client,
    export: &'e Auth0Export,
    grants: Vec<&'e Auth0Grant>,
    binding: Binding<'e>,
}

/// All clients of the tenant, each once.
pub(super) fn candidates(export: &Auth0Export) -> Vec<Candidate<'_>> {
    let mut grants: HashMap<&str, Vec<&Auth0Grant>> = HashMap::new();
    for grant in &export.client_grants {
        grants.entry(&grant.client_id).or_default().push(grant);
    }
    let mut seen = HashSet::new();
    let clients = export.clients.iter().filter(|client| seen.insert(&client.client_id));
    clients
        .map(|client| {
            let grants = grants.remove(client.client_id.as_str()).unwrap_or_default();
            let counting = grants.iter().copied().filter(|grant| export.counts(grant));
            let default = client.default_organization.as_deref();
            let binding = Binding::of(&counting.collect::<Vec<_>>(), default);
            Candidate { client, export, grants, binding }
        })
        .collect()
}

impl<'e> Candidate<'e> {
    /// The reason to skip the client, by its data at Auth0.
    pub(super) fn skip_reason(&self) -> Option<SkipReason> {
        let client = self.client;
        let is_reader = self.export.reader_client_id.as_ref() == Some(&client.client_id);
        let mut counting = self.counting().peekable();
        Some(if client.global == Some(true) || is_reader {
            SkipReason::ManagementClient
        } else if !client.is_m2m() {
            SkipReason::NotM2m
        } else if counting.peek().is_none() {
            match self.grants.as_slice() {
                [] => SkipReason::NoGrant,
                grants if grants.iter().all(|grant| grant.is_for_users()) => SkipReason::UserOnly,
                _ => SkipReason::ManagementClient,
            }
        } else if client.uses_key() {
            SkipReason::PrivateKey
        } else if let Some(reason) = self.binding.skip_reason() {
            reason
        } else {
            match client.readable_secret() {
                None => SkipReason::NoSecret,
                Some(secret) if limits::is_too_short(secret) => SkipReason::ShortSecret,
                Some(_) => return None,
            }
        })
    }

    /// The grants to import.
    fn taken(&self) -> impl Iterator<Item = &'e Auth0Grant> {
        self.counting().filter(|grant| self.binding.takes(grant))
    }

    /// Whether a client at Stytch may have this organization, or none.
    pub(super) fn accepts(&self, organization: Option<&str>) -> bool {
        self.binding.accepts(organization)
    }

    fn counting(&self) -> impl Iterator<Item = &'e Auth0Grant> {
        self.grants.iter().copied().filter(|grant| self.export.counts(grant))
    }

    /// The audiences and scopes to import.
    pub(super) fn granted(&self) -> Vec<(&'e str, &'e str)> {
        let scopes = |grant: &'e Auth0Grant| {
            let scopes = grant.scopes(self.export).into_iter();
            scopes.map(|scope| (grant.audience.as_str(), scope))
        };
        self.taken().flat_map(scopes).collect()
    }

    /// The audiences and scopes to import, and the audiences that are granted without a scope.
    pub(super) fn grants(&self) -> Grants {
        self.grants_of(self.taken())
    }

    /// The same with the organization that somebody chose.
    pub(super) fn grants_for(&self, organization: Option<&str>) -> Grants {
        match (organization, self.binding.choice()) {
            (Some(chosen), Some(_)) => {
                self.grants_of(self.counting().filter(|grant| grant.permits(chosen)))
            }
            _ => self.grants(),
        }
    }

    fn grants_of(&self, all: impl Iterator<Item = &'e Auth0Grant>) -> Grants {
        let mut grants = Grants::new();
        for grant in all {
            let scopes = grant.scopes(self.export).into_iter().map(str::to_owned);
            grants.entry(grant.audience.clone()).or_default().extend(scopes);
        }
        grants
    }

    pub(super) fn plan(&self, mapping: &ScopeMapping) -> PlannedClient {
        let client = self.client;
        let metadata = self.metadata();
        let reason =
            self.skip_reason().or(metadata.is_none().then_some(SkipReason::MetadataTooLarge));
        let mut planned = PlannedClient {
            client_id: client.client_id.clone(),
            state: PlanState::Skip,
            reason,
            differs: Vec::new(),
            on_conflict: None,
            client_name: client.name.clone().unwrap_or_default(),
            client_description: client.description.clone().unwrap_or_default(),
            scopes: Vec::new(),
            trusted_metadata: Map::new(),
            grants: self.grants(),
            organizations: self.binding.names(),
            notes: self.notes(),
        };
        if reason.is_none() {
            let granted = self.granted();
            let names = granted.iter().map(|(audience, scope)| mapping.target(audience, scope).0);
            planned.scopes = names.collect::<BTreeSet<_>>().into_iter().collect();
            planned.trusted_metadata = metadata.unwrap_or_default();
            planned.state = PlanState::Import;
            if let Some((reason, note)) = self.refusal(&planned) {
                planned.state = PlanState::Skip;
                planned.reason = Some(reason);
                planned.notes.push(note);
            } else if let Some(reason) = self.binding.choice() {
                planned.state = PlanState::Skip;
                planned.reason = Some(reason);
            }
        }
        planned
    }

    /// The reason why Stytch would refuse the client, or verifiers its tokens.
    fn refusal(&self, planned: &PlannedClient) -> Option<(SkipReason, String)> {
        let secret = self.client.readable_secret()?;
        if let Err(error) = limits::check_import(&planned.request(secret)) {
            let details = error.into_details();
            let reason = SkipReason::of_field(details.field.as_deref().unwrap_or_default());
            return Some((reason, details.message));
        }
        is_like_a_user(&planned.client_id).then(|| {
            let note = "its id starts like a Stytch user's, so verifiers would refuse its tokens: \
                        create a client with another id";
            (SkipReason::UnverifiableId, note.to_owned())
        })
    }

    /// The client's own metadata and its origin; if that exceeds the limits, less of it.
    fn metadata(&self) -> Option<Map<String, Value>> {
        let mut own = self.client.client_metadata.clone().unwrap_or_default();
        // Stytch drops keys whose value is null.
        own.retain(|_, value| !value.is_null());
        if let Binding::One(organization) = self.binding {
            own.insert(ORGANIZATION_KEY.to_owned(), json!(organization));
        }
        let audiences: BTreeSet<_> = self.taken().map(|grant| &grant.audience).collect();
        let mut marked = own.clone();
        marked.entry(TENANT_KEY).or_insert_with(|| json!(self.export.domain()));
        let mut whole = marked.clone();
        whole.entry("auth0_audiences").or_insert_with(|| json!(audiences));
        let mut all = [whole, marked, own].into_iter();
        all.find(|metadata| limits::check_metadata(metadata).is_ok())
    }

    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<_> = self.binding.note().into_iter().collect();
        let metadata = self.client.client_metadata.as_ref();
        let own = metadata.and_then(|metadata| metadata.get(ORGANIZATION_KEY));
        match (own, &self.binding) {
            (Some(own), Binding::One(one)) if own.as_str() != Some(one) => notes.push(format!(
                "its metadata at Auth0 has another {ORGANIZATION_KEY}, which is replaced"
            )),
            (Some(_), Binding::Free | Binding::Mixed) => notes.push(format!(
                "its metadata has {ORGANIZATION_KEY}: its tokens of Stytch name that organization \
                 once the token template does"
            )),
            _ => {}
        }
        for grant in self.counting() {
            let audience = &grant.audience;
            if grant.allow_all_scopes == Some(true) {
                notes.push(format!(
                    "it has all scopes of {audience}: it gets the scopes that exist today, but \
                     none that are added later"
                ));
            }
            let is_bound = !matches!(self.binding, Binding::Free | Binding::Mixed);
            if grant.needs_organization() && self.binding == Binding::Mixed {
                notes.push(format!(
                    "its grant at {audience} is only for organizations, and others are not: at Stytch \
                     a client has the same organization at every API. The grant's scopes are \
                     omitted: create a second client for them"
                ));
            } else if is_bound && !self.binding.takes(grant) && self.binding.skip_reason().is_none()
            {
                notes.push(format!(
                    "its grant at {audience} is not for these organizations: its scopes are omitted"
                ));
            }
            if grant.allows_organization() && !is_bound {
                notes.push(format!(
                    "it can act for organizations at {audience}: its tokens of Stytch name none, \
                     unless you set {ORGANIZATION_KEY} in trusted_metadata"
                ));
            }
            if grant.scopes(self.export).is_empty() && self.binding.takes(grant) {
                notes.push(format!(
                    "it can call {audience} without any scope: its tokens of Stytch do not show it"
                ));
            }
        }
        let all_stay = [SkipReason::ManagementClient, SkipReason::UserOnly];
        let managing = self.counting().count() < self.grants.len();
        if managing && self.skip_reason().is_none_or(|reason| !all_stay.contains(&reason)) {
            notes
                .push("its grants for Auth0's Management API or for users are not imported".into());
        }
        notes
    }
}

/// The metadata key of the tenant that a client was imported from.
pub(super) const TENANT_KEY: &str = "auth0_tenant";
