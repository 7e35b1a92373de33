//! `cargo xtask build`: a language's package as its registry would have it, for the machine that builds it, and how
//! a project takes it from here.

use std::process::ExitCode;

use anyhow::Result;

use crate::dist::Dist;
use crate::language::{Language, Purpose};
use crate::outcome;
use crate::workspace::Workspace;

/// Builds each language's package.
pub(crate) fn run(workspace: &Workspace, languages: &[Language]) -> Result<ExitCode> {
    let dist = Dist::new(workspace, "packages")?;
    let console = workspace.console();
    console.say(
        "compiles the core and some 150 crates for release: several minutes the first time, 10 or more on two cores, \
         then what has changed",
    );
    if !console.is_verbose() {
        console.say(
            "each line is a step that has ended; --verbose shows each crate as it is compiled",
        );
    }
    let missing = |language: Language| language.package().missing(workspace, Purpose::Test);
    Ok(outcome::for_each(console, "build", "language", languages, missing, |language| {
        let usage = language.package().build(&dist)?;
        console.say(&format!("\n  {}", usage.join("\n  ")));
        Ok(())
    }))
}
