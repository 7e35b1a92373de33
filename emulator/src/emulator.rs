//! The emulator as a Rust value.

use std::{collections::BTreeMap, fmt};

use crate::{
    auth0::Auth0Credentials,
    called_url::CalledUrl,
    faults::{Fault, FaultError},
    organization::OrganizationCredentials,
    rate_limit::RateLimit,
    request_log::LoggedRequest,
    seed::{Seed, SeedError},
    server::Server,
    state::SharedState,
    token::{
        issue::{IssueError, issue_requested},
        settings::{ParsedSettings, TokenRequest, TokenSettings},
        template::TemplateError,
    },
    workspace::WorkspaceCredentials,
};

/// A running emulator, on a thread of its own; stops when dropped.
///
/// It can be started from synchronous and asynchronous code alike.
pub struct Emulator {
    server: Server,
    state: SharedState,
    secret: String,
}

impl Emulator {
    pub(crate) fn new(server: Server, state: SharedState, secret: String) -> Self {
        Self { server, state, secret }
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.state.base_url
    }

    /// The project id: the first half of the management credentials.
    pub fn project_id(&self) -> &str {
        &self.state.project_id
    }

    /// The project secret: the second half of the management credentials.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Requests per operation since the start or the last reset, by the names of
    /// [`Operation`](crate::Operation). Every name is present.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.state.counts.snapshot()
    }

    /// Token requests that named this client.
    pub fn token_requests(&self, client_id: &str) -> u64 {
        self.state.counts.token_requests(client_id)
    }

    /// Sets all counts to zero.
    pub fn reset_counts(&self) {
        self.state.counts.reset();
    }

    /// The last 10,000 requests received, oldest first.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.state.log.list()
    }

    /// Clears the request log.
    pub fn clear_requests(&self) {
        self.state.log.clear();
    }

    /// Adds a fault. If several match a request, the oldest applies.
    pub fn add_fault(&self, fault: Fault) -> Result<(), FaultError> {
        self.state.faults.add(fault)
    }

    /// The active faults, with the number of times left.
    pub fn faults(&self) -> Vec<Fault> {
        self.state.faults.list()
    }

    /// Clears all faults.
    pub fn clear_faults(&self) {
        self.state.faults.clear();
    }

    /// Sets the rate limit of each endpoint; `None` removes it.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        self.state.rate_limits.set(limit);
    }

    /// The settings of the tokens that the token endpoint issues.
    pub fn token_settings(&self) -> TokenSettings {
        self.state.token_settings.get().settings
    }

    /// Sets the settings of the tokens that the token endpoint issues.
    pub fn set_token_settings(&self, settings: TokenSettings) -> Result<(), TemplateError> {
        self.state.token_settings.replace(ParsedSettings::new(settings)?);
        Ok(())
    }

    /// Issues a token without client credentials: valid, or invalid in a chosen way.
    ///
    /// # Panics
    ///
    /// If the cryptographic library cannot sign.
    #[expect(clippy::panic, reason = "it signs all the time; there is no way to go on")]
    pub fn issue_token(&self, request: &TokenRequest) -> Result<String, TemplateError> {
        let called = CalledUrl::usual(&self.state.base_url);
        issue_requested(&self.state, &called, request).map_err(|error| match error {
            IssueError::Template(error) => error,
            IssueError::Cryptography => panic!("the cryptographic library failed to sign"),
        })
    }

    /// Signs with a new key from now on. The key set keeps the old keys.
    ///
    /// # Panics
    ///
    /// If the cryptographic library cannot make a key.
    #[expect(clippy::expect_used, reason = "it made one at the start; there is no way to go on")]
    pub fn rotate_keys(&self) {
        self.state.keys.rotate().expect("an RSA key");
    }

    /// Removes all keys but the current one: tokens signed with the old keys no longer verify.
    pub fn retire_keys(&self) {
        self.state.keys.retire_old();
    }

    /// The credentials for the organization-scoped API.
    pub fn organization(&self) -> OrganizationCredentials {
        self.state.organization.credentials()
    }

    /// The credentials for the Auth0 tenant's Management API.
    pub fn auth0(&self) -> Auth0Credentials {
        self.state.auth0.credentials()
    }

    /// The credentials for the workspace's management API, and the project's slugs.
    pub fn workspace(&self) -> WorkspaceCredentials {
        self.state.workspace.credentials()
    }

    /// Replaces all data with this seed, which must have no project id and no secret.
    pub fn load(&self, seed: Seed) -> Result<(), SeedError> {
        self.state.load(seed)
    }

    /// Replaces all data with the current seed. Project, secret and signing keys stay.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Stops the server and waits for its thread, as dropping does.
    pub fn stop(self) {
        drop(self.server);
    }
}

/// Shows no secret.
impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.base_url())
            .field("project_id", &self.project_id())
            .finish_non_exhaustive()
    }
}
