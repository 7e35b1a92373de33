//! A migration as an operator sees it: the command, a tenant and a project, both emulated.

mod conflicts;
mod files;
mod hazards;
mod interrupted;
mod many;
mod migration;
mod organizations;
mod progress;
mod steps;
mod story;
mod support;
mod undoing;
