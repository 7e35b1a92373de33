//! `cargo xtask bench`: each language beside its peers, and what came out, in `docs/benchmarks.md`.

mod figures;
mod page;
mod server;
mod targets;

use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum as _;

use crate::language::{Benchmark, Language, Purpose};
use crate::outcome;
use crate::step::Step;
use crate::workspace::Workspace;
use figures::Results;
use page::Page;
use server::BenchServer;

/// Measures how soon keys and tokens are back after an outage, and fails where the official client
/// is ahead.
pub(crate) fn recovery(workspace: &Workspace) -> Result<ExitCode> {
    let server = BenchServer::start(workspace)?;
    for language in having(Language::value_variants(), Benchmark::Recovery) {
        let program = language.package().benchmark(workspace, Benchmark::Recovery)?;
        with_settings_of(&server, program).tell()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Measures each language, and writes the page anew as far as it was measured.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Result<ExitCode> {
    let measured = having(languages, Benchmark::Peers);
    let server = BenchServer::start(workspace)?;
    let missing = |language: Language| language.package().missing(workspace, Purpose::Demo);
    let code = outcome::for_each(
        workspace.console(),
        "bench",
        "language",
        &measured,
        missing,
        |language| {
            let mut results = Results::default();
            let program = language.package().benchmark(workspace, Benchmark::Peers)?;
            with_settings_of(&server, program).lines(|line| {
                results.take(line);
                true
            })?;
            let section = results.section(language);
            println!("\n{section}");
            Page::open(workspace)?.with(language, &section).write()
        },
    );
    Ok(code)
}

/// Those of the languages that have this benchmark.
fn having(languages: &[Language], benchmark: Benchmark) -> Vec<Language> {
    let has = |language: &Language| language.package().benchmarks().contains(&benchmark);
    languages.iter().copied().filter(has).collect()
}

/// The program, with the settings of the server.
fn with_settings_of(server: &BenchServer, program: Step) -> Step {
    server.env().fold(program, |step, (name, value)| step.env(name, value))
}
