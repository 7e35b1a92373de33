//! `cargo xtask dist`: the packages of a release, as far as this machine can build them, each proven
//! by installing it into an empty environment and running the quickstart there.

mod apple;
mod archive;
mod crates;
mod jvm;
mod npm;
mod wheel;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::compile::compile;
use crate::language::{Language, Purpose};
use crate::outcome;
use crate::server::Server;
use crate::step::{Step, is_installed};
use crate::tool;
use crate::version;
use crate::workspace::Workspace;

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
    let dist = Dist::new(workspace)?;
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
        match self {
            Self::Crates | Self::Cli | Self::Sbom => None,
            Self::Python => tool::lacks_python(workspace),
            Self::Node => (!is_installed("npm")).then(|| "needs node 20 with npm".to_owned()),
            Self::Kotlin => Language::Kotlin.package().missing(workspace, Purpose::Test),
            Self::Swift => Language::Swift.package().missing(workspace, Purpose::Test),
        }
    }

    fn make(self, dist: &Dist<'_>) -> Result<()> {
        match self {
            Self::Crates => crates::make(dist),
            Self::Python => wheel::make(dist),
            Self::Node => npm::make(dist),
            Self::Kotlin => jvm::make(dist),
            Self::Swift => apple::make(dist),
            Self::Cli => archive::command(dist),
            Self::Sbom => archive::bills(dist),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.to_possible_value();
        f.pad(name.as_ref().map_or("", PossibleValue::get_name))
    }
}

/// Where packages come to lie, and where they are tried.
struct Dist<'w> {
    workspace: &'w Workspace,
    version: String,
    folder: PathBuf,
}

impl<'w> Dist<'w> {
    fn new(workspace: &'w Workspace) -> Result<Self> {
        let folder = workspace.target("dist");
        fs::create_dir_all(&folder).context("cannot create target/dist")?;
        Ok(Self { workspace, version: version::current(workspace)?, folder })
    }

    /// A folder of this name that is empty, for making or for trying.
    fn empty(&self, name: &str) -> Result<PathBuf> {
        let folder = self.workspace.target("dist-work").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A program of this checkout, for an environment that has nothing else of it.
    fn copy(&self, from: &str, to: &Path) -> Result<()> {
        let from = self.workspace.path(from);
        fs::copy(&from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(())
    }

    /// Runs a quickstart, with the settings of an emulator and without this checkout's folders.
    fn quickstart(&self, program: Step) -> Result<()> {
        program.envs(Server::emulator(self.workspace)?.env()).tell()
    }
}
