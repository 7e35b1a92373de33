//! Python's virtual environments, in the build output.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::stamp;
use crate::step::{Step, version};
use crate::workspace::Workspace;

/// Whether this machine has a Python that is recent enough.
pub(crate) fn has_python(workspace: &Workspace) -> bool {
    runs(workspace, "import sys; print('Python', sys.version)")
}

fn runs(workspace: &Workspace, program: &str) -> bool {
    let said = workspace.step("python3").args(["-c", program]).output().unwrap_or_default();
    version(&said, "Python ").is_some_and(|version| version >= (3, 10))
}

/// A virtual environment.
pub(crate) struct Venv<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
}

impl<'a> Venv<'a> {
    /// The one of this name. It may not be there yet.
    pub(crate) fn new(workspace: &'a Workspace, name: &str) -> Self {
        Self { workspace, folder: workspace.target(name) }
    }

    /// Whether this machine has a Python that can make one.
    pub(crate) fn can_be_made(workspace: &Workspace) -> bool {
        runs(workspace, "import ensurepip, sys; print('Python', sys.version)")
    }

    /// Makes it, if it is not there, and installs into it what the file `requirements` names: about
    /// `size` to download.
    pub(crate) fn install(&self, requirements: &str, size: &str) -> Result<()> {
        let path = self.workspace.path(requirements);
        let recipe = fs::read_to_string(path).with_context(|| format!("no {requirements}"))?;
        stamp::unless_done(self.workspace, &self.folder, &recipe, || {
            let step = self.pip(&["--requirement", requirements])?;
            step.named(format!("pip install -r {requirements}")).downloads(size, &self.folder).run()
        })
    }

    /// Makes it, if it is not there, and installs `what` into it.
    pub(crate) fn install_packages(&self, what: &[&str]) -> Result<()> {
        self.pip(what)?.run()
    }

    fn pip(&self, what: &[&str]) -> Result<Step> {
        // pip comes last into a virtual environment: without it, the making was interrupted.
        if !self.program("python").exists() || !self.program("pip").exists() {
            let make = self.workspace.step("python3").args(["-m", "venv", "--clear"]);
            make.arg(&self.folder).named("make a virtual environment").run()?;
        }
        let pip = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input"];
        Ok(self.step("python").args(pip).args(what))
    }

    /// Its folder of packages.
    pub(crate) fn site_packages(&self) -> Result<PathBuf> {
        let program = "import sysconfig; print(sysconfig.get_path('platlib'))";
        Ok(self.step("python").args(["-c", program]).output()?.trim_end().into())
    }

    /// A command of one of its programs.
    pub(crate) fn step(&self, program: &str) -> Step {
        self.workspace.step(self.program(program))
    }

    /// Where a program is.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let programs = if cfg!(windows) { "Scripts" } else { "bin" };
        self.folder.join(programs).join(format!("{name}{EXE_SUFFIX}"))
    }
}
