//! Issuers that a function decides about: when it is asked, how long its answers count, and what its
//! failures cost.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and has a runtime of its own"
)]

mod abuse;
mod answers;
mod directory;
mod failures;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/issuer.rs"]
mod issuer;
mod keys;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/server.rs"]
mod server;
#[path = "../support/signing.rs"]
mod signing;
mod tenants;
