//! `cargo xtask demo`.

use std::process::ExitCode;

use crate::language::{self, Language};
use crate::server::Server;
use crate::workspace::Workspace;

/// Runs each language's demo, against the server that the environment names or an own emulator.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> ExitCode {
    language::for_each("demo", workspace, languages, |language| {
        let package = language.package();
        package.prepare(workspace)?;
        package.demo(workspace, &Server::of_environment()?)
    })
}
