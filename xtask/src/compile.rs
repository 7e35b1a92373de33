//! The one call of cargo that compiles what tests and demos run, without optimizing it.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX, EXE_SUFFIX};
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::step::Step;
use crate::workspace::Workspace;

/// The emulator's package and program.
pub(crate) const EMULATOR: &str = "stytch-m2m-emulator";

/// Named in every call, however little of them is wanted: cargo gives a crate the features that the
/// named packages ask for, so that another list would compile what they share once more.
const PACKAGES: [&str; 10] = [
    "stytch-m2m",
    "stytch-m2m-cli",
    EMULATOR,
    "stytch-m2m-examples",
    "stytch-m2m-node",
    "stytch-m2m-python",
    "stytch-m2m-uniffi",
    "stytch-m2m-uniffi-bindgen",
    "stytch-m2m-vectors",
    "xtask",
];

/// What of this checkout is run, beside the emulator.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts {
    /// Programs by their names.
    pub(crate) programs: &'static [&'static str],
    /// The libraries of the bindings.
    pub(crate) libraries: bool,
}

/// Compiles the emulator and the parts.
pub(crate) fn compile(workspace: &Workspace, parts: &[Parts]) -> Result<()> {
    if !program(workspace, EMULATOR).exists() {
        workspace
            .console()
            .say("  cargo downloads the crates it lacks (70 MB at most) into its own folder");
    }
    let programs = parts.iter().flat_map(|part| part.programs);
    let programs = programs.flat_map(|program| ["--bin", program]);
    let libraries = parts.iter().any(|part| part.libraries);
    let build = cargo(workspace, "build").args(["--bin", EMULATOR]).args(programs);
    let build = build.args(libraries.then_some("--lib"));
    // The Node package's types come of compiling it: see bindings/node/scripts/types.mjs.
    let types = workspace.target(NODE_TYPES);
    fs::create_dir_all(&types)?;
    let build = build.env("NAPI_TYPE_DEF_TMP_FOLDER", types);
    let and = if libraries { ", the native libraries" } else { "" };
    build.named(format!("compile the emulator{and} and the programs")).run()
}

/// Where compiling the Node package leaves what its types are made of.
pub(crate) const NODE_TYPES: &str = "xtask/node-types";

/// `cargo <verb>` of these packages.
pub(crate) fn cargo(workspace: &Workspace, verb: &str) -> Step {
    let packages = PACKAGES.iter().flat_map(|package| ["--package", package]);
    workspace.cargo().arg(verb).args(packages).arg("--all-features")
}

/// Where a compiled program is.
pub(crate) fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target("debug").join(format!("{name}{EXE_SUFFIX}"))
}

/// A command of a compiled program.
pub(crate) fn step(workspace: &Workspace, name: &str) -> Step {
    workspace.step(program(workspace, name)).shown_as(name)
}

/// Where a compiled library is; `profile` is the folder's name.
pub(crate) fn library(workspace: &Workspace, profile: &str, name: &str) -> PathBuf {
    workspace.target(profile).join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
}

/// The variable that the packages' own `testing` modules read.
pub(crate) fn emulator_env(workspace: &Workspace) -> [(&'static str, String); 1] {
    [("STYTCH_M2M_EMULATOR", program(workspace, EMULATOR).display().to_string())]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::process::Command;

    use super::*;

    /// The crates that `packages` depend on, each with the features that cargo gives it.
    fn features(kinds: &str, packages: &[&str]) -> BTreeSet<String> {
        let packages = packages.iter().flat_map(|package| ["--package", package]);
        let output = Command::new(env!("CARGO"))
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .args(["tree", "--offline", "--all-features", "--prefix", "none", "--edges", kinds])
            .args(["--format", "{p} [{f}]"])
            .args(packages)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    }

    #[test]
    fn demos_and_tests_and_this_program_compile_each_crate_once() {
        let all = features("normal,build,dev", &PACKAGES);
        // The command is only there for its features: what it alone uses is compiled by its tests.
        let demos: Vec<_> = PACKAGES.into_iter().filter(|name| *name != "stytch-m2m-cli").collect();
        let compiled = features("normal,build", &demos);
        let compiled: BTreeSet<_> = compiled.iter().map(|line| name(line)).collect();
        for some in [features("normal,build", &PACKAGES), features("normal,build", &["xtask"])] {
            let others = some.difference(&all).filter(|line| compiled.contains(name(line)));
            let others: Vec<_> = others.collect();
            assert!(others.is_empty(), "compiled with other features, too: {others:#?}");
        }
    }

    fn name(line: &str) -> &str {
        line.split_once(" [").map_or(line, |(name, _)| name)
    }
}
