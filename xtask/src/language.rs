//! The languages, and what each knows to do.

mod kotlin;
mod node;
mod python;
mod rust;
mod swift;
mod uniffi;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::outcome;
use crate::server::Server;
use crate::tally::Tally;
use crate::workspace::Workspace;

pub(crate) use kotlin::native as kotlin_native;
pub(crate) use swift::program as swift_program;

/// A language that the product is offered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Language {
    Rust,
    Python,
    Node,
    Kotlin,
    Swift,
}

/// One language's package: how it is built, tested and shown.
pub(crate) trait Package {
    /// What this machine lacks and this program cannot get, and how a person gets it.
    fn missing(&self, workspace: &Workspace) -> Option<String>;

    /// Gets and builds all that the tests and the demo need.
    fn prepare(&self, workspace: &Workspace) -> Result<()>;

    /// Runs the tests, and counts those that passed.
    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()>;

    /// Runs the demo.
    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()>;
}

impl Language {
    /// This language's package.
    pub(crate) fn package(self) -> &'static dyn Package {
        match self {
            Self::Rust => &rust::Rust,
            Self::Python => &python::Python,
            Self::Node => &node::Node,
            Self::Kotlin => &kotlin::Kotlin,
            Self::Swift => &swift::Swift,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value();
        f.pad(name.as_ref().map_or("", PossibleValue::get_name))
    }
}

/// Does `work`, called `name`, for each of the languages.
pub(crate) fn for_each(
    name: &str,
    workspace: &Workspace,
    languages: &[Language],
    work: impl FnMut(Language) -> Result<()>,
) -> ExitCode {
    let missing = |language: Language| language.package().missing(workspace);
    outcome::for_each(name, "language", languages, missing, work)
}
