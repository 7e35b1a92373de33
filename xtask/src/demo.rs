//! `cargo xtask demo`.

use std::process::ExitCode;
use std::thread;

use crate::compile::compile;
use crate::language::{self, Language, Purpose};
use crate::server::Server;
use crate::workspace::Workspace;

/// Runs each language's demo, against the server that the environment names or an own emulator.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> ExitCode {
    thread::scope(|scope| {
        let mut compiled = Vec::new();
        language::for_each(Purpose::Demo, workspace, languages, |language| {
            if !compiled.contains(&language) {
                // Rust's story needs no library and no download: it is told before those begin.
                let stage = stage(language, languages);
                let parts = language::parts(Purpose::Demo, workspace, &stage);
                let fetched = stage.clone();
                scope.spawn(move || language::fetch(Purpose::Demo, workspace, &fetched));
                compile(workspace, &parts)?;
                compiled.extend(stage);
            }
            let package = language.package();
            package.prepare_demo(workspace)?;
            package.demo(workspace, &Server::of_environment(workspace)?)
        })
    })
}

/// Those of the languages that are compiled together with this one.
fn stage(language: Language, languages: &[Language]) -> Vec<Language> {
    let needs = |language: Language| language.package().parts(Purpose::Demo).libraries;
    languages.iter().copied().filter(|other| needs(*other) == needs(language)).collect()
}
