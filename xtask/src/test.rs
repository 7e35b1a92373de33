//! `cargo xtask test`.

use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
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
    // Before anything runs: compiling would slow that down, and replace programs that it starts. What
    // does not compile fails once more where it is run.
    for language in languages {
        let _ = language.package().compile_tests(workspace);
    }
    let rows = Mutex::new(Vec::new());
    let work = |workspace: &Workspace, language: Language| {
        let (package, mut tally) = (language.package(), Tally::default());
        let result = package.prepare_tests(workspace).and_then(|()| {
            package.test(workspace, &Server::of_tests(workspace)?, &mut tally)?;
            tally.check()
        });
        rows.lock().unwrap_or_else(PoisonError::into_inner).push((language, tally));
        result
    };
    // All that is said can only be shown as it comes.
    let one_at_a_time = languages.len() < 2 || workspace.console().is_verbose();
    let code = match one_at_a_time {
        true => language::for_each(Purpose::Test, workspace, languages, |l| work(workspace, l)),
        false => language::for_each_at_once(Purpose::Test, workspace, languages, work),
    };
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(language, _)| *language);
    let table = tally::table(&rows);
    workspace.console().say(&format!("\ncases passed\n{}", table.trim_end()));
    Ok(code)
}
