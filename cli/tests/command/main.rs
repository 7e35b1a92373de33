//! The command as its users see it: a process, its files and a terminal, against the emulator.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod apply;
mod auth0;
mod clients;
mod failures;
mod formats;
mod generated;
mod profiles;
mod pty;
#[cfg(unix)]
mod rotation;
#[cfg(unix)]
mod rotation_of_many;
mod screens;
mod secrets;
mod serving;
mod support;
mod template;
mod terminal;
mod token;
