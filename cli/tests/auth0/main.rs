//! A migration as an operator sees it: the command, a tenant and a project, both emulated.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod hazards;
mod interrupted;
mod many;
mod steps;
mod support;
