//! Where the checkout and its build output are.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::step::Step;

/// The checkout.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout that `cargo xtask` was called in.
    pub(crate) fn find() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").context("start me as `cargo xtask`")?;
        let root = Path::new(&xtask).parent().context("xtask is not inside a workspace")?;
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        Ok(Self { root: root.to_owned(), target: root.join(target) })
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

    /// A command to run in the checkout's root.
    pub(crate) fn step(&self, program: impl AsRef<OsStr>) -> Step {
        Step::new(&self.root, program.as_ref())
    }

    /// The cargo that runs this program.
    pub(crate) fn cargo(&self) -> Step {
        self.step(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).shown_as("cargo")
    }
}
