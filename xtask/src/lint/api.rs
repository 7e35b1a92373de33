//! The core's API since the last release. (That it is what `tests/surface.json` says is a test.)

use anyhow::Result;

use crate::tool::CargoTool;
use crate::workspace::Workspace;

pub(super) const SEMVER: CargoTool =
    CargoTool { name: "cargo-semver-checks", version: "0.51.0", minutes: 8 };

/// Compares the core with the last release that is in this history.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let describe = ["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"];
    let Ok(tag) = workspace.step("git").args(describe).output() else {
        println!("nothing is released yet: there is no tag v1.2.3 to compare with");
        return Ok(());
    };
    let tool = workspace.step(SEMVER.program(workspace)?).shown_as("cargo");
    let check = ["semver-checks", "--package", "stytch-m2m", "--baseline-rev"];
    tool.args(check).arg(tag.trim()).run()
}
