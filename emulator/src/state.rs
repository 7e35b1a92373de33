//! The state that the handlers share.

use std::sync::{Arc, Mutex};

use aws_lc_rs::error::Unspecified;

use crate::{
    auth0::{Tenant, TenantObjects},
    clients::{Client, Clients},
    counts::Counts,
    faults::Faults,
    keys::KeyRing,
    lock::lock,
    organization::{Organization, OrganizationCredentials},
    rate_limit::RateLimits,
    request_log::RequestLog,
    secret::SecretHash,
    seed::{Seed, SeedError},
    token::{
        UsedAssertions,
        settings::{CurrentSettings, ParsedSettings},
    },
    workspace::{Workspace, WorkspaceCredentials},
};

pub(crate) type SharedState = Arc<State>;

pub(crate) struct State {
    pub(crate) base_url: String,
    pub(crate) project_id: String,
    pub(crate) project_secret: SecretHash,
    pub(crate) clients: Clients,
    pub(crate) token_settings: CurrentSettings,
    pub(crate) used_assertions: UsedAssertions,
    pub(crate) organization: Organization,
    pub(crate) auth0: Tenant,
    pub(crate) workspace: Workspace,
    pub(crate) keys: KeyRing,
    pub(crate) counts: Counts,
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    pub(crate) rate_limits: RateLimits,
    initial: Mutex<InitialState>,
}

/// A checked seed. The values it generated stay the same after each reset.
#[derive(Clone)]
pub(crate) struct InitialState {
    clients: Vec<Client>,
    token_settings: ParsedSettings,
    organization: OrganizationCredentials,
    auth0: TenantObjects,
    workspace: WorkspaceCredentials,
}

impl InitialState {
    pub(crate) fn new(seed: Seed, base_url: &str) -> Result<Self, SeedError> {
        let mut clients = Vec::with_capacity(seed.clients.len());
        for (index, client) in seed.clients.into_iter().enumerate() {
            let invalid = |message: &str| SeedError::invalid(format!("clients[{index}]"), message);
            let client = client.build().map_err(|error| invalid(error.message()))?;
            if clients.iter().any(|other: &Client| other.id() == client.id()) {
                return Err(invalid("another client has this client_id"));
            }
            clients.push(client);
        }
        let without_secret = |place| {
            move |_| {
                let message = "the cryptographic library failed to generate a secret";
                SeedError::invalid(place, message)
            }
        };
        Ok(Self {
            clients,
            token_settings: ParsedSettings::new(seed.token_settings)
                .map_err(|error| SeedError::invalid("token_settings", error))?,
            organization: seed.organization.build().map_err(without_secret("organization"))?,
            auth0: seed.auth0.build(base_url)?,
            workspace: seed.workspace.build().map_err(without_secret("workspace"))?,
        })
    }
}

impl State {
    pub(crate) fn new(
        base_url: String,
        project_id: String,
        secret: &str,
        initial: InitialState,
    ) -> Result<Self, Unspecified> {
        let InitialState { clients, token_settings, organization, auth0, workspace } =
            initial.clone();
        Ok(Self {
            base_url,
            project_id,
            project_secret: SecretHash::of(secret),
            clients: Clients::new(clients),
            token_settings: CurrentSettings::new(token_settings),
            used_assertions: UsedAssertions::default(),
            organization: Organization::new(organization),
            auth0: Tenant::new(auth0),
            workspace: Workspace::new(workspace),
            keys: KeyRing::generate()?,
            counts: Counts::default(),
            log: RequestLog::default(),
            faults: Faults::default(),
            rate_limits: RateLimits::default(),
            initial: Mutex::new(initial),
        })
    }

    /// Replaces all data with another seed.
    pub(crate) fn load(&self, seed: Seed) -> Result<(), SeedError> {
        if seed.project_id.is_some() || seed.secret.is_some() {
            let message = "project_id and secret can only be set at the start";
            return Err(SeedError::invalid("top level", message));
        }
        *lock(&self.initial) = InitialState::new(seed, &self.base_url)?;
        self.reset();
        Ok(())
    }

    /// Replaces all data with the current seed. Project, secret and signing keys stay.
    pub(crate) fn reset(&self) {
        let InitialState { clients, token_settings, organization, auth0, workspace } =
            lock(&self.initial).clone();
        self.clients.replace(clients);
        self.token_settings.replace(token_settings);
        self.used_assertions.clear();
        self.organization.replace(organization);
        self.auth0.replace(auth0);
        self.workspace.replace(workspace);
        self.counts.reset();
        self.log.clear();
        self.faults.clear();
        self.rate_limits.set(None);
    }
}
