//! The emulator as a program, for tests that start one of their own.

use std::env::consts::EXE_SUFFIX;

use anyhow::Result;

use crate::workspace::Workspace;

const PROGRAM: &str = "stytch-m2m-emulator";

/// Builds it, and names it in the variable that the packages' own `testing` modules read.
pub(crate) fn build(workspace: &Workspace) -> Result<[(&'static str, String); 1]> {
    workspace.cargo().args(["build", "--package", PROGRAM]).run()?;
    let program = workspace.target(format!("debug/{PROGRAM}{EXE_SUFFIX}"));
    Ok([("STYTCH_M2M_EMULATOR", program.display().to_string())])
}
