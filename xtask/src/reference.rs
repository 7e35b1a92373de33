//! The packages' references, for which everything public must have its documentation.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::tool;
use crate::workspace::Workspace;

const KOTLIN: &str = "bindings/kotlin";
const NODE: &str = "bindings/node";

/// What Dokka misses and nobody can write: members that the compiler gives to an enum. And what says
/// no more than the method of `Any` that it overrides.
const WITHOUT_KDOC: [&str; 6] = [
    "/entries/#/ (JVM)",
    "/valueOf/#kotlin.String/ (JVM)",
    "/values/#/ (JVM)",
    "/equals/#kotlin.Any?/ (JVM)",
    "/hashCode/#/ (JVM)",
    "/toString/#/ (JVM)",
];

/// Checks Python's docstrings. The guide has a page that is made of them.
pub(crate) fn python(workspace: &Workspace) -> Result<()> {
    let documented = tool::python(workspace)?.step("python").arg("xtask/tools/documented.py");
    documented.args(["stytch_m2m", "bindings/python/python"]).run()
}

/// Builds that of Node with what `tool::node` has installed, and returns where it is.
pub(crate) fn node(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("reference/node");
    let typedoc = workspace.step(workspace.path(tool::NODE).join("node_modules/.bin/typedoc"));
    typedoc.dir(NODE).shown_as("typedoc").arg("--out").arg(&folder).run()?;
    Ok(folder)
}

/// Builds that of Kotlin, and returns where it is.
pub(crate) fn kotlin(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.path(KOTLIN).join("target/dokka");
    // Dokka leaves the pages of what is gone.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let said = tool::maven(workspace, KOTLIN).arg("dokka:dokka").output()?;
    let mut warnings: Vec<_> = said.lines().filter(|line| line.starts_with("[WARNING]")).collect();
    warnings.retain(|line| !WITHOUT_KDOC.iter().any(|end| line.ends_with(end)));
    ensure!(warnings.is_empty(), "what Dokka found:\n{}", warnings.join("\n"));
    Ok(folder)
}
