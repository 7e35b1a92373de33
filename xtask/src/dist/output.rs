//! The folders that packages are built in and tried in.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::server::Server;
use crate::step::Step;
use crate::version;
use crate::workspace::Workspace;

/// Where packages come to lie, and where they are tried.
pub(crate) struct Dist<'w> {
    pub(crate) workspace: &'w Workspace,
    pub(crate) version: String,
    pub(crate) folder: PathBuf,
}

impl<'w> Dist<'w> {
    /// Puts packages into the folder `name` of the build output.
    pub(crate) fn new(workspace: &'w Workspace, name: &str) -> Result<Self> {
        let folder = workspace.target(name);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { workspace, version: version::current(workspace)?, folder })
    }

    /// A folder of this name that is empty, for making or for trying.
    pub(crate) fn empty(&self, name: &str) -> Result<PathBuf> {
        let folder = self.workspace.target("dist-work").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The path of the package `name`.
    pub(crate) fn package(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// A program of this checkout, for an environment that has nothing else of it.
    pub(crate) fn copy(&self, from: &str, to: &Path) -> Result<()> {
        let from = self.workspace.path(from);
        fs::copy(&from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        Ok(())
    }

    /// Runs a quickstart, with the settings of an emulator and without this checkout's folders.
    pub(crate) fn quickstart(&self, program: Step) -> Result<()> {
        program.envs(Server::emulator(self.workspace)?.env()).tell()
    }
}

/// The file of a folder that was written last, of those with such a name.
pub(crate) fn newest(folder: &Path, start: &str, end: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))?;
    let named = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(start) && name.ends_with(end)
    });
    let newest = named.max_by_key(|entry| entry.metadata().and_then(|it| it.modified()).ok());
    let newest = newest.with_context(|| format!("no {start}*{end} in {}", folder.display()))?;
    Ok(newest.path())
}
