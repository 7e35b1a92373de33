//! Rust: the core itself.

mod dist;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::{Benchmark, Package, Purpose};
use crate::ci::is_ci;
use crate::compile::{self, Parts};
use crate::dist::Dist;
use crate::instructions;
use crate::judges::{self, Keycloak};
use crate::outcome::at_once;
use crate::redis;
use crate::server::Server;
use crate::step::Step;
use crate::tally::{Suite, Tally};
use crate::vectors;
use crate::venv::Venv;
use crate::workspace::Workspace;

const SCHEMATHESIS: &str = "schemathesis";
/// How many tests run at once; a person's own choice counts.
const THREADS: &str = "RUST_TEST_THREADS";
/// How many random runs the test of rotations makes, likewise: 10,000 in CI, which take a minute of
/// processor time.
const RUNS: &str = "ROTATION_RUNS";

pub(super) struct Rust;

impl Package for Rust {
    fn missing(&self, _: &Workspace, _: Purpose) -> Option<String> {
        None
    }

    fn parts(&self, purpose: Purpose) -> Parts {
        let programs: &[_] = match purpose {
            Purpose::Demo => &["demo"],
            Purpose::Test => &["quickstart", "guide", "migration", vectors::PROGRAM],
        };
        Parts { programs, libraries: false }
    }

    fn prepare_demo(&self, _: &Workspace) -> Result<()> {
        Ok(())
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).tell()
    }

    fn fetch(&self, purpose: Purpose, workspace: &Workspace) -> Result<()> {
        match purpose {
            Purpose::Demo => Ok(()),
            Purpose::Test => Keycloak::ensure(workspace).map(|_| ()),
        }
    }

    fn compile_tests(&self, workspace: &Workspace) -> Result<()> {
        let compile = cargo_test(workspace).arg("--no-run");
        compile.named("compile the tests in Rust").run()?;
        let beside = precision_test(workspace).arg("--no-run");
        beside.named("compile the vectors beside the bindings").run()
    }

    fn prepare_tests(&self, workspace: &Workspace) -> Result<()> {
        // The tests of the shared token store start one.
        redis::ensure(workspace)?;
        judges::ensure(workspace)?;
        // Likewise the one that holds the emulator to its OpenAPI document.
        if Venv::can_be_made(workspace) {
            let schemathesis = Venv::new(workspace, SCHEMATHESIS);
            schemathesis.install("emulator/tests/requirements.txt", "15 MB")?;
        }
        Ok(())
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        vectors::compare(workspace)?;
        let schemathesis = Venv::new(workspace, SCHEMATHESIS).program(SCHEMATHESIS);
        // Shown are the lines that say how many shared cases ran, and what was skipped.
        let tests = cargo_test(workspace).args(["--", "--show-output"]).named("cargo test");
        let keycloak: Vec<_> = Keycloak::ensure(workspace)?.iter().map(Keycloak::env).collect();
        let mut tests = tests.envs(server.env()).envs(&keycloak);
        if schemathesis.exists() {
            tests = tests.env("SCHEMATHESIS", schemathesis);
        }
        tally.run(Suite::Tests, tests)?;
        let precision = precision_test(workspace);
        tally.run(Suite::Tests, precision.named("cargo test: the vectors beside the bindings"))?;
        let surface = cargo_test(workspace).args(["--test", "surface"]);
        tally.run(Suite::Surface, surface.named("cargo test: the surface"))?;
        instructions::run(workspace, false)?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    /// Rust's linters are about the whole workspace: see `lint.rs`.
    fn lint(&self, _: &Workspace) -> Result<()> {
        Ok(())
    }

    fn reference(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        reference(workspace).map(Some)
    }

    fn benchmarks(&self) -> &'static [Benchmark] {
        &[Benchmark::Peers]
    }

    /// The benchmarks' server has compiled it.
    fn benchmark(&self, workspace: &Workspace, _: Benchmark) -> Result<Step> {
        Ok(workspace.step(workspace.target("release/stytch-m2m-bench")))
    }

    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>> {
        dist::build(dist)
    }

    fn dist(&self, dist: &Dist<'_>) -> Result<()> {
        dist::make(dist)
    }
}

/// The tests of the crates that are published as they are: with their own features, which are not
/// those that the bindings give them.
fn cargo_test(workspace: &Workspace) -> Step {
    let test = workspace.cargo().args(["test", "--all-features"]);
    // Many of them wait for a server half of their time.
    let test = unless_set(test, THREADS, 2 * at_once());
    if is_ci() { test } else { unless_set(test, RUNS, 2500) }
}

fn unless_set(step: Step, variable: &str, value: usize) -> Step {
    match env::var_os(variable) {
        Some(_) => step,
        None => step.env(variable, value.to_string()),
    }
}

/// The vectors where other crates, here the bindings, have switched on serde_json's
/// `arbitrary_precision`.
fn precision_test(workspace: &Workspace) -> Step {
    compile::cargo(workspace, "test").args(["--test", "vectors"])
}

fn example(workspace: &Workspace, name: &str) -> Step {
    compile::step(workspace, name)
}

/// The reference of the crates, in which a warning is an error.
fn reference(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("doc");
    // Also that of other crates may be there.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let crates = ["--package", "stytch-m2m", "--package", "stytch-m2m-emulator"];
    let doc = workspace.cargo().args(["doc", "--no-deps", "--all-features"]).args(crates);
    doc.env("RUSTDOCFLAGS", "--deny warnings").run()?;
    Ok(folder)
}
