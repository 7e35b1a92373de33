//! Each language's program, and the peers that it needs.

use anyhow::Result;

use super::server::BenchServer;
use crate::language::Language;
use crate::step::Step;
use crate::venv::Venv;
use crate::workspace::Workspace;

const NODE: &str = "benches/node";

/// Whether there is a program for `language`.
pub(super) fn has(language: Language) -> bool {
    matches!(language, Language::Rust | Language::Python | Language::Node | Language::Kotlin)
}

/// Installs the peers, runs the program, and hands on each line of it.
pub(super) fn run(
    workspace: &Workspace,
    language: Language,
    server: &BenchServer,
    each: impl FnMut(&str),
) -> Result<()> {
    let program = match language {
        Language::Python => python(workspace)?,
        Language::Node => node(workspace)?,
        Language::Kotlin => kotlin(workspace)?,
        _ => workspace.step(workspace.target("release/stytch-m2m-bench")),
    };
    server.env().fold(program, |step, (name, value)| step.env(name, value)).lines(each)
}

fn python(workspace: &Workspace) -> Result<Step> {
    let venv = Venv::new(workspace, "bench-venv");
    venv.install(&["./bindings/python", "--requirement", "benches/python/requirements.txt"])?;
    Ok(venv.step("python").arg("benches/python/main.py"))
}

fn node(workspace: &Workspace) -> Result<Step> {
    let npm = |folder: &str| workspace.step("npm").dir(folder);
    let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
    npm("bindings/node").args(install).run()?;
    npm("bindings/node").args(["run", "build"]).run()?;
    npm(NODE).args(install).run()?;
    Ok(workspace.step("node").arg(format!("{NODE}/main.js")))
}

fn kotlin(workspace: &Workspace) -> Result<Step> {
    Language::Kotlin.package().prepare(workspace)?;
    let quiet = ["--batch-mode", "--no-transfer-progress", "--quiet", "-Dstyle.color=never"];
    let module = ["--activate-profiles", "benches", "--projects", ":stytch-m2m-benches"];
    Ok(workspace.step("mvn").dir("examples/kotlin").args(quiet).args(module).args([
        "--also-make",
        "-Dmaven.test.skip",
        "test",
    ]))
}
