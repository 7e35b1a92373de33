//! `cargo xtask bench`: each language beside its peers, and what came out, in `docs/benchmarks.md`.

mod figures;
mod page;
mod programs;
mod server;
mod targets;

use std::process::ExitCode;

use anyhow::Result;

use crate::language::{Language, Purpose};
use crate::outcome;
use crate::workspace::Workspace;
use figures::Results;
use page::Page;
use server::BenchServer;

/// Measures how soon keys and tokens are back after an outage, and fails where the official client
/// is ahead.
pub(crate) fn recovery(workspace: &Workspace) -> Result<ExitCode> {
    let server = BenchServer::start(workspace)?;
    let program = programs::node(workspace, "recovery.js")?;
    server.env().fold(program, |step, (name, value)| step.env(name, value)).tell()?;
    Ok(ExitCode::SUCCESS)
}

/// Measures each language, and writes the page anew as far as it was measured.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Result<ExitCode> {
    let measured: Vec<_> = languages.iter().copied().filter(|one| programs::has(*one)).collect();
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
            programs::run(workspace, language, &server, |line| results.take(line))?;
            let section = results.section(language);
            println!("\n{section}");
            Page::open(workspace)?.with(language, &section).write()
        },
    );
    Ok(code)
}
