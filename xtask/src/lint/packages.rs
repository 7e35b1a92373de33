//! The packages of the other languages, each by its language's usual linters.

use anyhow::Result;

use crate::language::{Language, Purpose, swift_program};
use crate::reference;
use crate::step::is_installed;
use crate::tool;
use crate::workspace::Workspace;

pub(super) use crate::tool::lacks_python;

const KTLINT: &str = "com.pinterest.ktlint:ktlint-cli:1.8.0:jar:all";

pub(super) fn python(workspace: &Workspace) -> Result<()> {
    let tools = tool::python(workspace)?;
    tools.step("ruff").args(["check", "."]).run()?;
    // In a page, a snippet is laid out for its reader.
    tools.step("ruff").args(["format", "--check", "--exclude", "*.md", "."]).run()?;
    reference::python(workspace)?;
    let sources = ["bindings/python/python/stytch_m2m", "examples/python"];
    tools.step("mypy").arg("--strict").args(sources).env("MYPYPATH", "bindings/python/python").run()
}

pub(super) fn lacks_node() -> Option<String> {
    (!is_installed("npm")).then(|| "needs node 20 or newer with npm".to_owned())
}

pub(super) fn node(workspace: &Workspace) -> Result<()> {
    const PACKAGE: &str = "bindings/node";
    tool::node(workspace)?;
    let eslint = workspace.path(tool::NODE).join("node_modules/.bin/eslint");
    let config = workspace.path(tool::NODE).join("eslint.config.mjs");
    let eslint = workspace.step(eslint).dir(PACKAGE).shown_as("eslint");
    eslint.args(["--max-warnings", "0", "--config"]).arg(config).arg(".").run()?;
    let tsc = workspace.step(workspace.path(PACKAGE).join("node_modules/.bin/tsc"));
    tsc.dir(PACKAGE).shown_as("tsc").args(["--project", ".", "--noEmit"]).run()?;
    reference::node(workspace).map(drop)
}

pub(super) fn lacks_java() -> Option<String> {
    let lacks = !is_installed("java") || !is_installed("mvn");
    lacks.then(|| "needs java 17 or newer and mvn (Debian: default-jdk, maven)".to_owned())
}

/// Its rules are in `.editorconfig`.
pub(super) fn kotlin(workspace: &Workspace) -> Result<()> {
    let ktlint = workspace.step("java").arg("-jar").arg(tool::jar(workspace, KTLINT)?);
    let files = ["bindings/kotlin/src/**/*.kt", "examples/kotlin/**/*.kt"];
    ktlint.args(["--log-level=warn", "--relative"]).args(files).run()?;
    reference::kotlin(workspace).map(drop)
}

pub(super) fn lacks_swift(workspace: &Workspace) -> Option<String> {
    Language::Swift.package().missing(workspace, Purpose::Test)
}

/// Its rules are in `.swift-format`.
pub(super) fn swift(workspace: &Workspace) -> Result<()> {
    let rules = ["format", "lint", "--strict", "--parallel", "--configuration", ".swift-format"];
    let listed = workspace.step("git").args(["ls-files", "*.swift"]).output()?;
    swift_program(workspace, "", "swift")?.args(rules).args(listed.lines()).run()
}
