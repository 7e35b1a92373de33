//! Python's linters: style, types, documentation.

use anyhow::Result;

use crate::tool;
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let tools = tool::python(workspace)?;
    tools.step("ruff").args(["check", "."]).run()?;
    // In a page, a snippet is laid out for its reader.
    tools.step("ruff").args(["format", "--check", "--exclude", "*.md", "."]).run()?;
    documentation(workspace)?;
    let sources = ["bindings/python/python/stytch_m2m", "examples/python"];
    tools.step("mypy").arg("--strict").args(sources).env("MYPYPATH", "bindings/python/python").run()
}

/// Checks Python's docstrings. The guide has a page that is made of them.
pub(super) fn documentation(workspace: &Workspace) -> Result<()> {
    let documented = tool::python(workspace)?.step("python").arg("xtask/tools/documented.py");
    documented.args(["stytch_m2m", "bindings/python/python"]).run()
}
