//! Where the checkout and its build output are.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::console::Console;
use crate::step::Step;

/// The checkout.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    console: Console,
}

impl Workspace {
    /// The checkout that `cargo xtask` was called in, for this command of it.
    pub(crate) fn find(command: &str, verbose: bool) -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").context("start me as `cargo xtask`")?;
        let root = Path::new(&xtask).parent().context("xtask is not inside a workspace")?;
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let target = root.join(target);
        let console = Console::new(&target.join(format!("xtask/{command}.log")), verbose)?;
        Ok(Self { root: root.to_owned(), target, console })
    }

    /// The same, for work beside other work: what it says is held back until it is shown.
    pub(crate) fn beside(&self, name: &str) -> Result<Self> {
        let console = self.console.beside(name)?;
        Ok(Self { root: self.root.clone(), target: self.target.clone(), console })
    }

    /// One in an empty folder.
    #[cfg(test)]
    pub(crate) fn of_test(root: &Path) -> Self {
        let console = Console::new(&root.join("test.log"), false).unwrap();
        Self { root: root.to_owned(), target: root.join("target"), console }
    }

    /// Where to say something.
    pub(crate) fn console(&self) -> &Console {
        &self.console
    }

    /// The checkout's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `path`, which is relative to the checkout's root.
    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// `path`, which is relative to the build output's folder.
    pub(crate) fn target(&self, path: impl AsRef<Path>) -> PathBuf {
        self.target.join(path)
    }

    /// `path`, which is relative to the user's own folder.
    pub(crate) fn home(&self, path: impl AsRef<Path>) -> PathBuf {
        env::home_dir().unwrap_or_default().join(path)
    }

    /// A command to run in the checkout's root.
    pub(crate) fn step(&self, program: impl AsRef<OsStr>) -> Step {
        Step::new(self.console.clone(), &self.root, program.as_ref())
    }

    /// The cargo that runs this program.
    pub(crate) fn cargo(&self) -> Step {
        self.step(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).shown_as("cargo")
    }
}
