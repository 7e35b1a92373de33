//! Rust: cargo's own checks, and two tools from crates.io.

use anyhow::Result;

use crate::tool::CargoTool;
use crate::workspace::Workspace;

pub(super) const HACK: CargoTool = CargoTool { name: "cargo-hack", version: "0.6.46", minutes: 1 };

pub(super) const DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2", minutes: 6 };

pub(super) fn format(workspace: &Workspace) -> Result<()> {
    workspace.cargo().args(["fmt", "--all", "--check"]).run()
}

pub(super) fn clippy(workspace: &Workspace) -> Result<()> {
    let all = ["--workspace", "--all-features", "--all-targets"];
    workspace.cargo().arg("clippy").args(all).args(["--", "--deny", "warnings"]).run()
}

pub(super) fn features(workspace: &Workspace) -> Result<()> {
    let check = ["hack", "check", "--package", "stytch-m2m", "--feature-powerset"];
    let hack = workspace.step(HACK.program(workspace)?).shown_as("cargo");
    hack.args(check).env("RUSTFLAGS", "--deny warnings").run()
}

/// cargo-deny, for what is `asked`.
pub(super) fn deny(workspace: &Workspace, asked: &[&str]) -> Result<()> {
    let deny = workspace.step(DENY.program(workspace)?).shown_as("cargo deny");
    deny.args(["--workspace", "--all-features", "check"]).args(asked).run()
}
