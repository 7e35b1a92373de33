//! Management calls against the emulator, with faults in between: nothing is made twice, and no
//! secret is lost.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, has a runtime of its own, and tells what it measured"
)]

mod creating;
mod error_types;
mod first_day;
mod limits;
mod organization;
mod project;
mod rotating;
