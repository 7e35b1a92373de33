//! Starts an emulator: settings and errors.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use uuid::Uuid;

use crate::{
    emulator::Emulator,
    secret,
    seed::{Seed, SeedError},
    server::BoundServer,
    state::{InitialState, State},
};

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The project id is a live project's.
    #[error("project id {0} is a live project's: the emulator accepts test projects only")]
    LiveProject(String),
    /// The project id is empty or has other characters than letters, digits, `-` and `_`.
    #[error("the project id must have letters, digits, '-' and '_' only")]
    InvalidProjectId,
    /// The secret is empty.
    #[error("the project secret is empty")]
    EmptySecret,
    /// The address is reachable from other machines.
    #[error("{0} is not a loopback address: the emulator listens on loopback only")]
    NotLoopback(SocketAddr),
    /// The seed breaks a rule.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// No key or secret could be generated.
    #[error("the cryptographic library failed to generate a key or secret")]
    Cryptography,
    /// The address cannot be listened on, or no thread can be started.
    #[error("cannot listen on {address}: {source}")]
    Io {
        /// The requested address.
        address: SocketAddr,
        /// The operating system's error.
        source: io::Error,
    },
}

/// Settings of an [`Emulator`].
#[derive(Clone, Default)]
#[must_use]
pub struct EmulatorBuilder {
    project_id: Option<String>,
    secret: Option<String>,
    address: Option<SocketAddr>,
    seed: Seed,
}

impl Emulator {
    /// Starts on 127.0.0.1, a free port, with a random test project id and secret.
    pub fn start() -> Result<Self, StartError> {
        Self::builder().start()
    }

    /// Settings to start with.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::default()
    }
}

impl EmulatorBuilder {
    /// The project id. Default: the seed's, or `project-test-` and a random UUID.
    pub fn project_id(mut self, project_id: impl Into<String>) -> Self {
        self.project_id = Some(project_id.into());
        self
    }

    /// The project secret. Default: the seed's, or `secret-test-` and 44 random characters.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// The address, which must be loopback; port 0 is any free port. Default: `127.0.0.1:0`.
    pub fn address(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The data at the start and after a reset. Default: no clients.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Starts the emulator. It accepts requests when this returns.
    pub fn start(mut self) -> Result<Emulator, StartError> {
        let (seeded_id, seeded_secret) = (self.seed.project_id.take(), self.seed.secret.take());
        let project_id = self
            .project_id
            .or(seeded_id)
            .unwrap_or_else(|| format!("project-test-{}", Uuid::new_v4()));
        check_project_id(&project_id)?;
        let secret = match self.secret.or(seeded_secret) {
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
        let io_error = |source| StartError::Io { address, source };
        let bound = BoundServer::new(address).map_err(io_error)?;
        let base_url = format!("http://{}", bound.address);
        let initial = InitialState::new(self.seed, &base_url)?;
        let state = State::new(base_url, project_id, &secret, initial)
            .map_err(|_| StartError::Cryptography)?;
        let state = Arc::new(state);
        let server = bound.serve(state.clone()).map_err(io_error)?;
        Ok(Emulator::new(server, state, secret))
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
