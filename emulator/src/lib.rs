//! Stytch's M2M API on loopback, for tests.
//!
//! A real HTTP server with real RS256 keys: M2M clients, their secrets and rotation, the token
//! endpoint and the key sets behave as Stytch documents them, with no network and no account.
//!
//! ```
//! use stytch_m2m_emulator::Emulator;
//!
//! let emulator = Emulator::start()?;
//! // Point any Stytch client at `emulator.base_url()`, with `emulator.project_id()` and
//! // `emulator.secret()`; then see what it did.
//! assert_eq!(emulator.counts()["token"], 0);
//! # Ok::<(), stytch_m2m_emulator::StartError>(())
//! ```
//!
//! It listens on loopback only and refuses live project ids: it holds test data and guards nothing.
#![forbid(unsafe_code)]

mod admin;
mod clients;
mod counts;
mod emulator;
mod jwks;
mod keys;
mod operation;
mod reply;
mod request;
mod secret;
mod server;
mod state;
mod token;

pub use emulator::{Emulator, EmulatorBuilder, StartError};
pub use operation::Operation;
