//! `cargo xtask lint`.

use anyhow::Result;

use crate::workspace::Workspace;

/// Checks formatting and lints.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    workspace.cargo().args(["fmt", "--all", "--check"]).run()?;
    let clippy =
        ["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"];
    workspace.cargo().args(clippy).run()
}
