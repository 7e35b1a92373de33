//! What comes of a bad network, a bad server and a flood, through the public API alone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, has a runtime of its own, and tells what it measured"
)]

mod answers;
mod beside;
mod certificates;
mod discovered;
mod echo;
mod faults;
mod issuer;
mod key_set;
mod key_set_lifetime;
mod key_set_served;
mod late;
mod log_handlers;
mod metadata;
mod network;
mod recovery;
mod refusals;
mod renewal;
mod repetition;
mod resource;
mod server;
mod token_faults;
mod token_lifetime;
mod tokens;
