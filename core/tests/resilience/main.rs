//! What comes of a bad network, a bad server and a flood, through the public API alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod certificates;
mod faults;
mod issuer;
mod key_set;
mod key_set_lifetime;
mod network;
mod repetition;
mod server;
mod token_faults;
mod token_lifetime;
mod tokens;
