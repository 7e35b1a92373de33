//! The command as its users see it: a process, its files and a terminal, against the emulator.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod auth0;
mod clients;
mod failures;
mod generated;
mod pty;
#[cfg(unix)]
mod rotation;
mod secrets;
mod serving;
mod support;
mod terminal;
mod token;
