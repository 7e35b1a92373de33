//! Programs that are not the languages' own: pinned, and installed once into the cache or the
//! build output.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cache;
use crate::stamp;
use crate::step::{Step, version};
use crate::venv::Venv;
use crate::workspace::Workspace;

/// Compiling a tool takes longer than all the work that it does here.
const QUICKLY: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

/// A program from crates.io, which must be compiled.
pub(crate) struct CargoTool {
    /// The package and the program.
    pub(crate) name: &'static str,
    /// Exactly this one.
    pub(crate) version: &'static str,
    /// How long two cores compile it.
    pub(crate) minutes: u32,
}

impl CargoTool {
    /// Where the program is. It is compiled first if need be.
    pub(crate) fn program(&self, workspace: &Workspace) -> Result<PathBuf> {
        let folder = cache::folder(self.name, &self.recipe(), |folder| {
            let once = format!("  compiles {}, once (about {} min)", self.name, self.minutes);
            workspace.console().say(&once);
            let install = ["install", "--quiet", "--locked", "--version", self.version, "--root"];
            let install = workspace.cargo().args(install).arg(folder).arg(self.name);
            install.envs(&QUICKLY.map(|(name, value)| (name, value.to_owned()))).run()
        })?;
        Ok(folder.join("bin").join(self.name))
    }

    /// Why using it takes long, if it does.
    pub(crate) fn is_slow(&self) -> Option<String> {
        let has = cache::has(self.name, &self.recipe());
        let Self { name, minutes, .. } = self;
        (!has).then(|| format!("{name} must be compiled first, which takes about {minutes} min"))
    }

    fn recipe(&self) -> String {
        format!("{} {ARCH} {OS}", self.version)
    }
}

/// A program in Go, which must be compiled.
pub(crate) fn go(workspace: &Workspace, name: &str, package: &str) -> Result<PathBuf> {
    let folder = cache::folder(name, &format!("{package} {ARCH} {OS}"), |folder| {
        workspace.step("go").args(["install", package]).env("GOBIN", folder).run()
    })?;
    Ok(folder.join(name))
}

/// A file from Maven Central: `group:artifact:version:jar:classifier`.
pub(crate) fn jar(workspace: &Workspace, coordinates: &str) -> Result<PathBuf> {
    let parts: Vec<_> = coordinates.split(':').collect();
    let [_, artifact, version, kind, classifier] = parts.as_slice() else {
        anyhow::bail!("{coordinates} are not the coordinates of a jar with a classifier")
    };
    let folder = cache::folder(artifact, coordinates, |folder| {
        copy_artifact(workspace, coordinates, folder).run()
    })?;
    Ok(folder.join(format!("{artifact}-{version}-{classifier}.{kind}")))
}

/// Copies a file from Maven Central into a folder. What differs from the repository's own checksum
/// is refused.
pub(crate) fn copy_artifact(workspace: &Workspace, coordinates: &str, folder: &Path) -> Step {
    let copy = ["--batch-mode", "--quiet", "--strict-checksums", "dependency:copy"];
    let to = format!("-DoutputDirectory={}", folder.display());
    workspace.step("mvn").args(copy).arg(format!("-Dartifact={coordinates}")).arg(to)
}

/// Whether this machine has no Java, or too old a one.
pub(crate) fn lacks_java(workspace: &Workspace) -> bool {
    let said = workspace.step("java").arg("-version").output().unwrap_or_default();
    version(&said, "version \"").is_none_or(|version| version < (17, 0))
}

/// Maven, in words that a log keeps.
pub(crate) fn maven(workspace: &Workspace, dir: impl AsRef<Path>) -> Step {
    let plain = ["--batch-mode", "--no-transfer-progress", "-Dstyle.color=never"];
    workspace.step("mvn").dir(dir).args(plain)
}

/// Installs exactly what the lock file of `dir` names.
pub(crate) fn npm_ci(workspace: &Workspace, dir: impl AsRef<Path>) -> Step {
    workspace.step("npm").dir(dir).args(["ci", "--no-audit", "--no-fund"])
}

/// The same, unless that was done with this lock file: `npm ci` begins by removing everything.
pub(crate) fn npm_ci_once(workspace: &Workspace, dir: &str, size: &str) -> Result<()> {
    let folder = workspace.path(dir);
    let lock = fs::read_to_string(folder.join("package-lock.json"))
        .with_context(|| format!("no package-lock.json in {dir}"))?;
    stamp::unless_done(workspace, &folder.join("node_modules"), &lock, || {
        let install = npm_ci(workspace, dir).arg("--ignore-scripts");
        install.named(format!("npm ci in {dir}")).downloads(size, &folder).run()
    })
}

/// Where the programs from npm are that check Node's package.
pub(crate) const NODE: &str = "xtask/tools";

/// Installs those, and what the package itself needs.
pub(crate) fn node(workspace: &Workspace) -> Result<()> {
    npm_ci_once(workspace, NODE, "90 MB")?;
    npm_ci_once(workspace, "bindings/node", "55 MB")
}

/// The programs from PyPI, in an environment of their own.
pub(crate) fn python(workspace: &Workspace) -> Result<Venv<'_>> {
    let venv = Venv::new(workspace, "tools");
    venv.install("xtask/tools/requirements.txt", "50 MB")?;
    Ok(venv)
}

/// What `python` lacks on this machine.
pub(crate) fn lacks_python(workspace: &Workspace) -> Option<String> {
    let lacks = !Venv::can_be_made(workspace);
    lacks.then(|| "needs python3 3.10 or newer with venv (Debian: python3-venv)".to_owned())
}
