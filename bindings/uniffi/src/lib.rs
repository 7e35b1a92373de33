//! What Kotlin and Swift share: the core behind objects, records and one error that uniffi can carry.
//!
//! Nothing generated from this crate is public API. Each language has a facade of its own above it.

pub mod bearer;
pub mod client;
pub mod error;
mod jni;
pub mod logging;
pub mod organization;
pub mod records;
mod registry;
mod reply;
pub mod resolver;
pub mod runtime;
pub mod secret;
pub mod source;
mod spelling;
pub mod verifier;

uniffi::setup_scaffolding!("stytch_m2m");
