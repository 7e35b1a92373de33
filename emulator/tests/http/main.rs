//! The emulator over real HTTP.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod admin;
mod auth0;
mod authentication;
mod clients;
mod discovery;
mod embedding;
mod faults;
mod forging;
mod guides;
mod model;
mod openapi;
mod organization;
mod refusals;
mod rotation;
mod search;
mod seed;
mod support;
mod token;
mod workspace;
