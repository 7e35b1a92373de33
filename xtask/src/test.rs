//! `cargo xtask test`.

use std::process::ExitCode;

use crate::language::{self, Language};
use crate::server::Server;
use crate::workspace::Workspace;

/// Runs each language's tests, each against emulators of its own.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> ExitCode {
    language::for_each("test", workspace, languages, |package| {
        package.prepare(workspace)?;
        package.test(workspace, &Server::of_tests()?)
    })
}
