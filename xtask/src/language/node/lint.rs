//! Node's linters: style, types, documentation.

use std::path::PathBuf;

use anyhow::Result;

use super::PACKAGE;
use crate::tool;
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    tool::node(workspace)?;
    let eslint = workspace.path(tool::NODE).join("node_modules/.bin/eslint");
    let config = workspace.path(tool::NODE).join("eslint.config.mjs");
    let eslint = workspace.step(eslint).dir(PACKAGE).shown_as("eslint");
    eslint.args(["--max-warnings", "0", "--config"]).arg(config).arg(".").run()?;
    let tsc = workspace.step(workspace.path(PACKAGE).join("node_modules/.bin/tsc"));
    tsc.dir(PACKAGE).shown_as("tsc").args(["--project", ".", "--noEmit"]).run()?;
    reference(workspace).map(drop)
}

/// Builds the reference, and returns where it is.
pub(super) fn reference(workspace: &Workspace) -> Result<PathBuf> {
    tool::node(workspace)?;
    let folder = workspace.target("reference/node");
    let typedoc = workspace.step(workspace.path(tool::NODE).join("node_modules/.bin/typedoc"));
    typedoc.dir(PACKAGE).shown_as("typedoc").arg("--out").arg(&folder).run()?;
    Ok(folder)
}
