//! The emulator as a Rust value.

use std::{
    collections::BTreeMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use uuid::Uuid;

use crate::{
    secret,
    server::Server,
    state::{Shared, State},
};

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The project id has the prefix of live projects.
    #[error("project id {0} is a live one: the emulator takes test projects only")]
    LiveProject(String),
    /// The project id is empty, or has characters that no project id has.
    #[error("a project id needs letters, digits, '-' and '_' only")]
    InvalidProjectId,
    /// The secret is empty.
    #[error("the project secret is empty")]
    EmptySecret,
    /// The address is reachable from other machines.
    #[error("{0} is not a loopback address: the emulator listens on loopback only")]
    NotLoopback(SocketAddr),
    /// No keys or secrets can be made.
    #[error("the cryptographic library failed")]
    Cryptography,
    /// The address cannot be listened on, or no thread can be had.
    #[error("cannot listen on {address}: {source}")]
    Io {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A running emulator, on a thread of its own; stops when dropped.
///
/// It can be started from synchronous and asynchronous code alike.
pub struct Emulator {
    server: Server,
    state: Shared,
    base_url: String,
    secret: String,
}

impl Emulator {
    /// Starts on 127.0.0.1, a free port, with a random test project id and secret.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Starts with settings of your own.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
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

    /// Signs with a new key from now on. The key sets serve it beside the old ones.
    ///
    /// # Panics
    ///
    /// If the cryptographic library cannot make a key.
    #[expect(clippy::expect_used, reason = "it made one at the start; there is no way to go on")]
    pub fn rotate_keys(&self) {
        self.state.keys.rotate().expect("an RSA key");
    }

    /// Sets all counts to zero.
    pub fn reset_counts(&self) {
        self.state.counts.reset();
    }

    /// Forgets all clients and counts. Project, secret and signing keys stay.
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
            .field("base_url", &self.base_url)
            .field("project_id", &self.project_id())
            .finish_non_exhaustive()
    }
}

/// Settings of an [`Emulator`].
#[derive(Clone, Default)]
#[must_use]
pub struct EmulatorBuilder {
    project_id: Option<String>,
    secret: Option<String>,
    address: Option<SocketAddr>,
}

impl EmulatorBuilder {
    /// The project id. Default: `project-test-` and a random UUID.
    pub fn project_id(mut self, project_id: impl Into<String>) -> Self {
        self.project_id = Some(project_id.into());
        self
    }

    /// The project secret. Default: `secret-test-` and 44 random characters.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// The address, which must be loopback; port 0 is any free port. Default: `127.0.0.1:0`.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// Starts the emulator; it answers when this returns.
    pub fn start(self) -> Result<Emulator, StartError> {
        let project_id =
            self.project_id.unwrap_or_else(|| format!("project-test-{}", Uuid::new_v4()));
        check_project_id(&project_id)?;
        let secret = match self.secret {
            Some(secret) if secret.is_empty() => return Err(StartError::EmptySecret),
            Some(secret) => secret,
            None => {
                let random = secret::generate().map_err(|_| StartError::Cryptography)?;
                format!("secret-test-{random}")
            }
        };
        let address = self.address.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into());
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback(address));
        }
        let state = State::new(project_id, &secret).map_err(|_| StartError::Cryptography)?;
        let state = Arc::new(state);
        let server = Server::start(address, state.clone())
            .map_err(|source| StartError::Io { address, source })?;
        let base_url = format!("http://{}", server.address());
        Ok(Emulator { server, state, base_url, secret })
    }
}

/// Shows no secret.
impl fmt::Debug for EmulatorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatorBuilder")
            .field("project_id", &self.project_id)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

fn check_project_id(project_id: &str) -> Result<(), StartError> {
    if project_id.starts_with("project-live-") {
        return Err(StartError::LiveProject(project_id.to_owned()));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if project_id.is_empty() || !project_id.chars().all(plain) {
        return Err(StartError::InvalidProjectId);
    }
    Ok(())
}
