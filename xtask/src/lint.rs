//! `cargo xtask lint`: what can be told without running the product.

mod api;
mod links;
mod modules;
mod native;
mod prose;
mod unused;

use std::fmt;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::language::{Language, Purpose};
use crate::outcome;
use crate::tool;
use crate::workspace::Workspace;

/// One thing that is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Check {
    /// Rust's formatting
    Format,
    /// Rust's lints, on everything
    Clippy,
    /// No files of a crate that use each other
    Modules,
    /// Each set of the core's features compiles
    Features,
    /// Dependencies: licences, sources, what is banned
    Dependencies,
    /// Dependencies that nothing uses
    Unused,
    /// What changed in the core's API since the last release allows the version that it has
    Semver,
    /// Python: lints, formatting, types, documentation
    Python,
    /// Node: lints, types, documentation
    Node,
    /// Kotlin: lints, formatting, documentation
    Kotlin,
    /// Swift: lints, formatting, documentation
    Swift,
    /// Spelling, everywhere
    Spelling,
    /// Links between files
    Links,
    /// GitHub's workflows: mistakes and risks
    Workflows,
    /// Dependencies: known advisories (only if named: it asks github.com)
    Advisories,
}

/// What to check.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The checks; all but advisories if none is named
    #[arg(value_name = "CHECK")]
    checks: Vec<Check>,
    /// Skip checks whose tool must be compiled first; in CI that fails
    #[arg(long)]
    skip_slow: bool,
}

/// Checks, and reports.
pub(crate) fn run(workspace: &Workspace, options: Options) -> ExitCode {
    let Options { mut checks, skip_slow } = options;
    if checks.is_empty() {
        checks.extend_from_slice(Check::value_variants());
        checks.retain(|check| *check != Check::Advisories);
    }
    let missing = |check: Check| {
        let slow = if skip_slow { check.is_slow() } else { None };
        slow.or_else(|| check.missing(workspace))
    };
    outcome::for_each(workspace.console(), "lint", "check", &checks, missing, |check| {
        check.run(workspace)
    })
}

impl Check {
    fn missing(self, workspace: &Workspace) -> Option<String> {
        match self {
            Self::Spelling => tool::lacks_python(workspace),
            Self::Workflows => prose::lacks_for_workflows(workspace),
            _ => self.language()?.package().missing(workspace, Purpose::Test),
        }
    }

    /// The language whose package it is about. Rust has several checks.
    fn language(self) -> Option<Language> {
        match self {
            Self::Python => Some(Language::Python),
            Self::Node => Some(Language::Node),
            Self::Kotlin => Some(Language::Kotlin),
            Self::Swift => Some(Language::Swift),
            _ => None,
        }
    }

    fn is_slow(self) -> Option<String> {
        match self {
            Self::Features => native::HACK.is_slow(),
            Self::Dependencies | Self::Advisories => native::DENY.is_slow(),
            Self::Unused => unused::MACHETE.is_slow(),
            Self::Semver => api::SEMVER.is_slow(),
            _ => None,
        }
    }

    fn run(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Format => native::format(workspace),
            Self::Clippy => native::clippy(workspace),
            Self::Modules => modules::check(workspace),
            Self::Features => native::features(workspace),
            Self::Dependencies => native::deny(workspace, &["bans", "licenses", "sources"]),
            Self::Advisories => native::deny(workspace, &["advisories"]),
            Self::Unused => unused::check(workspace),
            Self::Semver => api::check(workspace),
            Self::Python => Language::Python.package().lint(workspace),
            Self::Node => Language::Node.package().lint(workspace),
            Self::Kotlin => Language::Kotlin.package().lint(workspace),
            Self::Swift => Language::Swift.package().lint(workspace),
            Self::Spelling => prose::spelling(workspace),
            Self::Links => links::check(workspace),
            Self::Workflows => prose::workflows(workspace),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value();
        f.pad(name.as_ref().map_or("", PossibleValue::get_name))
    }
}
