//! `cargo xtask test`.

use std::process::ExitCode;

use crate::language::Language;
use crate::outcome;
use crate::server::Server;
use crate::workspace::Workspace;

/// Runs each language's tests, each against emulators of its own.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> ExitCode {
    outcome::for_each(workspace, "test", languages, |package| {
        package.prepare(workspace)?;
        package.test(workspace, &Server::of_tests()?)
    })
}
