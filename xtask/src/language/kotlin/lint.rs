//! Kotlin's linters: style, documentation.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::PACKAGE;
use crate::tool;
use crate::workspace::Workspace;

const KTLINT: &str = "com.pinterest.ktlint:ktlint-cli:1.8.0:jar:all";

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

/// Its rules are in `.editorconfig`.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let ktlint = workspace.step("java").arg("-jar").arg(tool::jar(workspace, KTLINT)?);
    let files = ["bindings/kotlin/src/**/*.kt", "examples/kotlin/**/*.kt"];
    ktlint.args(["--log-level=warn", "--relative"]).args(files).run()?;
    reference(workspace).map(drop)
}

/// Builds the reference, and returns where it is.
pub(super) fn reference(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.path(PACKAGE).join("target/dokka");
    // Dokka leaves the pages of what is gone.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let said = tool::maven(workspace, PACKAGE).arg("dokka:dokka").output()?;
    let mut warnings: Vec<_> = said.lines().filter(|line| line.starts_with("[WARNING]")).collect();
    warnings.retain(|line| !WITHOUT_KDOC.iter().any(|end| line.ends_with(end)));
    ensure!(warnings.is_empty(), "what Dokka found:\n{}", warnings.join("\n"));
    Ok(folder)
}
