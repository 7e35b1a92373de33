//! Each language's program, and the peers that it needs.

use anyhow::Result;

use super::server::BenchServer;
use crate::language::{Language, prepare_kotlin_release};
use crate::step::Step;
use crate::tool;
use crate::venv::Venv;
use crate::workspace::Workspace;

const NODE: &str = "benches/node";
const PACKAGE: &str = "bindings/node";

/// Whether there is a program for `language`.
pub(super) fn has(language: Language) -> bool {
    matches!(language, Language::Rust | Language::Python | Language::Node | Language::Kotlin)
}

/// Installs the peers, runs the program, and hands on each line of it.
pub(super) fn run(
    workspace: &Workspace,
    language: Language,
    server: &BenchServer,
    mut each: impl FnMut(&str),
) -> Result<()> {
    let program = match language {
        Language::Python => python(workspace)?,
        Language::Node => node(workspace, "main.js")?,
        Language::Kotlin => kotlin(workspace)?,
        _ => workspace.step(workspace.target("release/stytch-m2m-bench")),
    };
    server.env().fold(program, |step, (name, value)| step.env(name, value)).lines(|line| {
        each(line);
        true
    })
}

fn python(workspace: &Workspace) -> Result<Step> {
    let venv = Venv::new(workspace, "bench-venv");
    venv.install_packages(&[
        "./bindings/python",
        "--requirement",
        "benches/python/requirements.txt",
    ])?;
    Ok(venv.step("python").arg("benches/python/main.py"))
}

/// A program of Node's folder, with the package and its peers installed.
pub(super) fn node(workspace: &Workspace, program: &str) -> Result<Step> {
    let install = |folder: &str| tool::npm_ci(workspace, folder).arg("--ignore-scripts").run();
    install(PACKAGE)?;
    workspace.step("npm").dir(PACKAGE).args(["run", "build"]).run()?;
    install(NODE)?;
    Ok(workspace.step("node").arg(format!("{NODE}/{program}")))
}

fn kotlin(workspace: &Workspace) -> Result<Step> {
    prepare_kotlin_release(workspace)?;
    let module = ["--activate-profiles", "benches", "--projects", ":stytch-m2m-benches"];
    let maven = tool::maven(workspace, "examples/kotlin").arg("--quiet").args(module);
    Ok(maven.args(["--also-make", "-Dmaven.test.skip", "test"]))
}
