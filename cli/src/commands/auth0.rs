//! `stytch-m2m auth0`

mod conflicts;
mod import;
mod plan;
mod records;
pub(crate) mod source;
mod status;
mod undo;
mod verify;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use stytch_m2m::auth0::Plan;

use crate::failure::Failure;
use crate::output::Output;
use crate::parsed;
use crate::settings::Settings;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    Plan(plan::Options),
    Import(import::Options),
    Verify(verify::Options),
    Status(status::Options),
    Undo(undo::Options),
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    match command {
        Command::Plan(options) => plan::run(options, settings, output).await,
        Command::Import(options) => import::run(options, settings, output).await,
        Command::Verify(options) => verify::run(options, settings, output).await,
        Command::Status(options) => status::run(&options, output),
        Command::Undo(options) => undo::run(options, settings, output).await,
    }
}

/// The plan in the file at `path`: YAML, of which JSON is a part.
fn read_plan(path: &Path) -> Result<Plan, Failure> {
    parsed::parse(path, &parsed::read(path)?)
}

/// Beside the plan, unless said otherwise.
fn journal_path(plan: &Path, given: Option<&Path>) -> PathBuf {
    given.map_or_else(
        || {
            let mut path = plan.as_os_str().to_owned();
            path.push(".journal");
            path.into()
        },
        Path::to_owned,
    )
}
