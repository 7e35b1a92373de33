//! Rust: the core itself.

use anyhow::Result;

use super::Package;
use crate::instructions;
use crate::redis;
use crate::server::Server;
use crate::step::Step;
use crate::tally::{Suite, Tally};
use crate::vectors;
use crate::venv::Venv;
use crate::workspace::Workspace;

const SCHEMATHESIS: &str = "schemathesis";

pub(super) struct Rust;

impl Package for Rust {
    fn missing(&self, _: &Workspace) -> Option<String> {
        None
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        // The tests of the shared token store start one.
        redis::ensure(workspace)?;
        // Likewise the one that holds the emulator to its OpenAPI document.
        if Venv::can_be_made(workspace) {
            let versions = ["--quiet", "--requirement", "emulator/tests/requirements.txt"];
            Venv::new(workspace, SCHEMATHESIS).install(&versions)?;
        }
        Ok(())
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        vectors::run(workspace, true)?;
        let schemathesis = Venv::new(workspace, SCHEMATHESIS).program(SCHEMATHESIS);
        let mut tests = workspace.cargo().args(["test", "--all-features"]).envs(server.env());
        if schemathesis.exists() {
            tests = tests.env("SCHEMATHESIS", schemathesis);
        }
        tally.run(Suite::Tests, tests)?;
        // The vectors where another crate has switched serde_json's `arbitrary_precision` on.
        let manifest = ["test", "--manifest-path", "tests/precision/Cargo.toml"];
        let precision = workspace.cargo().args(manifest).args(["--target-dir", "target"]);
        tally.run(Suite::Tests, precision)?;
        let again = |tests: &[&str]| {
            let test = ["test", "--package", "stytch-m2m", "--all-features"];
            workspace.cargo().args(test).args(tests)
        };
        // By themselves, for the lines that say how many cases ran.
        let shared = ["--test", "vectors", "--test", "scenarios", "--", "--nocapture"];
        tally.shared(again(&shared))?;
        tally.run(Suite::Surface, again(&["--test", "surface"]))?;
        instructions::run(workspace, false)?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    let run = ["run", "--quiet", "--package", "stytch-m2m-examples", "--bin", name];
    workspace.cargo().args(run)
}
