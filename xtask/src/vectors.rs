//! `cargo xtask vectors`.

use anyhow::Result;

use crate::workspace::Workspace;

/// Writes `tests/vectors`, or only checks that it is what would be written.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    let generator = ["run", "--quiet", "--package", "stytch-m2m-vectors", "--"];
    workspace.cargo().args(generator).args(check.then_some("--check")).run()
}
