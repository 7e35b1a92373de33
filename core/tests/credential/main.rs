//! How a source authenticates, and what it does when its secret changes: through the public API,
//! against servers that look at every byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, has a runtime of its own, and tells what it measured"
)]

mod assertions;
mod changing;
mod files;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/issuer.rs"]
mod issuer;
mod keys;
mod methods;
mod rotation;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/server.rs"]
mod server;
mod settings;
mod token_endpoint;
