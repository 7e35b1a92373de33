//! `cargo xtask test`.

use std::process::ExitCode;
use std::thread;

use anyhow::Result;

use crate::compile::compile;
use crate::language::{self, Language, Purpose};
use crate::server::Server;
use crate::tally::{self, Tally};
use crate::workspace::Workspace;

/// Runs each language's tests, each against emulators of its own, and tells how many passed.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Result<ExitCode> {
    thread::scope(|scope| {
        scope.spawn(|| language::fetch(Purpose::Test, workspace, languages));
        test(workspace, languages)
    })
}

fn test(workspace: &Workspace, languages: &[Language]) -> Result<ExitCode> {
    compile(workspace, &language::parts(Purpose::Test, workspace, languages))?;
    let mut rows = Vec::new();
    let code = language::for_each(Purpose::Test, workspace, languages, |language| {
        let (package, mut tally) = (language.package(), Tally::default());
        let result = package.prepare_tests(workspace).and_then(|()| {
            package.test(workspace, &Server::of_tests(workspace)?, &mut tally)?;
            tally.check()
        });
        rows.push((language, tally));
        result
    });
    let table = tally::table(&rows);
    workspace.console().say(&format!("\ncases passed\n{}", table.trim_end()));
    Ok(code)
}
