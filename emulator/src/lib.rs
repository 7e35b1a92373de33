//! An emulator of Stytch's M2M API on loopback, for tests.
//!
//! It is an HTTP server with RS256 keys: M2M clients, secret rotation, the token endpoint and the
//! key sets behave as Stytch documents them, without network access or an account.
//!
//! ```
//! use stytch_m2m_emulator::Emulator;
//!
//! let emulator = Emulator::start()?;
//! // Point any Stytch client at `emulator.base_url()`, with `emulator.project_id()` and
//! // `emulator.secret()`, then check what it did.
//! assert_eq!(emulator.counts()["token"], 0);
//! # Ok::<(), stytch_m2m_emulator::StartError>(())
//! ```
//!
//! It listens on loopback only and rejects live project ids: it is for test data and protects
//! nothing.
#![forbid(unsafe_code)]

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod admin;
mod auth0;
mod builder;
mod called_url;
mod clients;
mod clock;
mod connection;
mod counts;
mod emulator;
mod faults;
mod json;
mod jwks;
mod keys;
mod local;
mod lock;
mod middleware;
mod openapi;
mod operation;
mod organization;
mod rate_limit;
mod reply;
mod request;
mod request_log;
mod secret;
mod seed;
mod server;
mod state;
mod token;
mod workspace;

pub use auth0::{Auth0Credentials, Auth0ManagementClient, Auth0Seed};
pub use builder::{EmulatorBuilder, StartError};
pub use clients::{AuthMethod, FederatedCredential};
pub use emulator::Emulator;
pub use faults::{Effect, Fault, FaultError};
pub use operation::Operation;
pub use organization::{OrganizationCredentials, OrganizationSeed};
pub use rate_limit::RateLimit;
pub use request_log::LoggedRequest;
pub use seed::{ClientSeed, Seed, SeedError};
pub use token::{
    settings::{Signature, TokenChanges, TokenRequest, TokenSettings},
    template::TemplateError,
};
pub use workspace::{WorkspaceCredentials, WorkspaceSeed};
