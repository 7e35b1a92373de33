//! Tokens shared through a real Redis: one request for a fleet, and none lost when it goes away.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, has a runtime of its own, and tells what it measured"
)]

mod cluster;
mod credential;
mod fleet;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/issuer.rs"]
mod issuer;
mod outage;
mod redis_server;
mod sealing;
#[allow(dead_code, reason = "the other tests need the rest")]
#[path = "../resilience/server.rs"]
mod server;
mod settings;
mod sharing;
mod silence;
mod tls;
