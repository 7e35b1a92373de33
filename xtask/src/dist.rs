//! `cargo xtask dist`: the packages of a release, as far as this machine can build them, each proven
//! by installing it into an empty environment and running the quickstart there.

mod archive;
mod output;

use std::fmt;
use std::fs;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::compile::compile;
use crate::language::{Language, Purpose};
use crate::outcome;
use crate::workspace::Workspace;

pub(crate) use self::output::{Dist, newest};

/// A kind of package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// Crates for crates.io
    Crates,
    /// A wheel and a source distribution
    Python,
    /// Tarballs for npm: the package, and this platform's
    Node,
    /// A jar with this platform's library
    Kotlin,
    /// Swift's sources with this platform's library
    Swift,
    /// The commands, with man pages and completions
    Cli,
    /// A CycloneDX bill of materials for each of them
    Sbom,
}

/// Builds the kinds, proves them, and writes their checksums.
pub(crate) fn run(workspace: &Workspace, mut kinds: Vec<Kind>) -> Result<ExitCode> {
    let dist = Dist::new(workspace, "dist")?;
    if kinds.is_empty() {
        kinds = Kind::value_variants().to_vec();
        // Nothing of another version may be among them.
        fs::remove_dir_all(&dist.folder)?;
        fs::create_dir_all(&dist.folder)?;
    }
    // For the quickstarts, which run with it.
    compile(workspace, &[])?;
    let missing = |kind: Kind| kind.missing(workspace);
    let code = outcome::for_each(workspace.console(), "dist", "package", &kinds, missing, |kind| {
        kind.make(&dist)
    });
    archive::checksums(&dist)?;
    Ok(code)
}

impl Kind {
    fn missing(self, workspace: &Workspace) -> Option<String> {
        self.language()?.package().missing(workspace, Purpose::Test)
    }

    fn make(self, dist: &Dist<'_>) -> Result<()> {
        match (self, self.language()) {
            (_, Some(language)) => language.package().dist(dist),
            (Self::Sbom, None) => archive::bills(dist),
            (_, None) => archive::command(dist),
        }
    }

    /// The language whose package it is.
    fn language(self) -> Option<Language> {
        match self {
            Self::Crates => Some(Language::Rust),
            Self::Python => Some(Language::Python),
            Self::Node => Some(Language::Node),
            Self::Kotlin => Some(Language::Kotlin),
            Self::Swift => Some(Language::Swift),
            Self::Cli | Self::Sbom => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value();
        f.pad(name.as_ref().map_or("", PossibleValue::get_name))
    }
}
