//! `cargo xtask test`.

use std::process::ExitCode;

use crate::language::{self, Language};
use crate::server::Server;
use crate::tally::{self, Tally};
use crate::workspace::Workspace;

/// Runs each language's tests, each against emulators of its own, and tells how many passed.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> ExitCode {
    let mut rows = Vec::new();
    let code = language::for_each("test", workspace, languages, |language| {
        let (package, mut tally) = (language.package(), Tally::default());
        let result = package.prepare(workspace).and_then(|()| {
            package.test(workspace, &Server::of_tests()?, &mut tally)?;
            tally.check()
        });
        rows.push((language, tally));
        result
    });
    print!("\ncases passed\n{}", tally::table(&rows));
    code
}
