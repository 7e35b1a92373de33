//! The languages, and what each knows to do.

mod kotlin;
mod node;
mod python;
mod rust;
mod swift;
mod uniffi;

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;

use anyhow::{Result, bail};
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::compile::Parts;
use crate::dist::Dist;
use crate::outcome;
use crate::server::Server;
use crate::step::Step;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// A language that the product is offered in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Language {
    Rust,
    Python,
    Node,
    Kotlin,
    Swift,
}

/// What a package is made ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Demo,
    Test,
}

/// What is measured of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Benchmark {
    /// The usual work, beside the same of its peers.
    Peers,
    /// How soon keys and tokens are back after an outage, beside the official client.
    Recovery,
}

/// One language's package: how it is built, shown, tested, checked, documented, measured and shipped.
/// All that is known of a language is in its file and its folder here.
pub(crate) trait Package: Sync {
    /// What this machine lacks and this program cannot get, and how a person gets it.
    fn missing(&self, workspace: &Workspace, purpose: Purpose) -> Option<String>;

    /// Downloads what takes longest, while other things are compiled.
    fn fetch(&self, _: Purpose, _: &Workspace) -> Result<()> {
        Ok(())
    }

    /// What must be compiled.
    fn parts(&self, purpose: Purpose) -> Parts;

    /// Gets all else that the demo needs, and nothing more.
    fn prepare_demo(&self, workspace: &Workspace) -> Result<()>;

    /// Runs the demo.
    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()>;

    /// Compiles the tests, where that is a step of its own.
    fn compile_tests(&self, _: &Workspace) -> Result<()> {
        Ok(())
    }

    /// Gets all else that the tests need.
    fn prepare_tests(&self, workspace: &Workspace) -> Result<()>;

    /// Runs the tests, and counts those that passed.
    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()>;

    /// Runs the language's usual linters.
    fn lint(&self, workspace: &Workspace) -> Result<()>;

    /// Builds the reference, and returns where it is, if it has pages of its own. Everything public must
    /// have its documentation.
    fn reference(&self, workspace: &Workspace) -> Result<Option<PathBuf>>;

    /// What can be measured.
    fn benchmarks(&self) -> &'static [Benchmark] {
        &[]
    }

    /// Builds the package and installs its peers; returns the program that measures them.
    fn benchmark(&self, _: &Workspace, benchmark: Benchmark) -> Result<Step> {
        bail!("there is no such program: {benchmark:?}")
    }

    /// Builds what the language's registry gets, as far as a project needs it that takes it from here; returns
    /// how that does so, in lines.
    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>>;

    /// Builds what the language's registry gets, and proves it.
    fn dist(&self, dist: &Dist<'_>) -> Result<()>;
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

/// Does `work` for each of the languages.
pub(crate) fn for_each(
    purpose: Purpose,
    workspace: &Workspace,
    languages: &[Language],
    work: impl FnMut(Language) -> Result<()>,
) -> ExitCode {
    let missing = |language: Language| language.package().missing(workspace, purpose);
    outcome::for_each(workspace.console(), purpose.name(), "language", languages, missing, work)
}

/// The same for several at once: what is said of each is shown as a whole.
pub(crate) fn for_each_at_once(
    purpose: Purpose,
    workspace: &Workspace,
    languages: &[Language],
    work: impl Fn(&Workspace, Language) -> Result<()> + Sync,
) -> ExitCode {
    let missing = |language: Language| language.package().missing(workspace, purpose);
    outcome::for_each_at_once(workspace, purpose.name(), "language", languages, missing, work)
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Test => "test",
        }
    }
}

/// Downloads what takes longest, while other things are compiled. Whoever needs it waits for it, or
/// tries again and says what is wrong.
pub(crate) fn fetch(purpose: Purpose, workspace: &Workspace, languages: &[Language]) {
    thread::scope(|scope| {
        for package in languages.iter().map(|language| language.package()) {
            scope.spawn(move || match package.missing(workspace, purpose) {
                None => package.fetch(purpose, workspace),
                Some(_) => Ok(()),
            });
        }
    });
}

/// What must be compiled for those of the languages that this machine can serve.
pub(crate) fn parts(purpose: Purpose, workspace: &Workspace, languages: &[Language]) -> Vec<Parts> {
    let packages = languages.iter().map(|language| language.package());
    let served = packages.filter(|package| package.missing(workspace, purpose).is_none());
    served.map(|package| package.parts(purpose)).collect()
}
