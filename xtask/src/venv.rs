//! Python's virtual environments, in the build output.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::Result;

use crate::step::{Step, version};
use crate::workspace::Workspace;

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
        let program = "import ensurepip, sys; print('Python', sys.version)";
        let said = workspace.step("python3").args(["-c", program]).output().unwrap_or_default();
        version(&said, "Python ").is_some_and(|version| version >= (3, 10))
    }

    /// Makes it, if it is not there, and installs `what` into it.
    pub(crate) fn install(&self, what: &[&str]) -> Result<()> {
        // pip comes last into a virtual environment: without it, the making was interrupted.
        if !self.program("python").exists() || !self.program("pip").exists() {
            let make = self.workspace.step("python3").args(["-m", "venv", "--clear"]);
            make.arg(&self.folder).run()?;
        }
        let pip = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input"];
        self.step("python").args(pip).args(what).run()
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
