//! `cargo xtask vectors`.

use anyhow::Result;

use crate::compile::{self, Parts};
use crate::workspace::Workspace;

/// The program that writes them.
pub(crate) const PROGRAM: &str = "stytch-m2m-vectors";

/// Writes `tests/vectors`, or only checks that it is what would be written.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<()> {
    compile::compile(workspace, &[Parts { programs: &[PROGRAM], libraries: false }])?;
    match check {
        true => compare(workspace),
        false => compile::step(workspace, PROGRAM).tell(),
    }
}

/// Checks that it is what would be written, by the program as it was compiled before.
pub(crate) fn compare(workspace: &Workspace) -> Result<()> {
    let check = compile::step(workspace, PROGRAM).arg("--check");
    check.named("compare tests/vectors with what would be written").run()
}
