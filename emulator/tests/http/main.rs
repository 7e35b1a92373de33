//! The emulator over real HTTP.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod admin;
mod clients;
mod embedding;
mod refusals;
mod rotation;
mod search;
mod support;
mod token;
