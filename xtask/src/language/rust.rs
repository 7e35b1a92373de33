//! Rust: the core itself.

use anyhow::Result;

use super::Package;
use crate::instructions;
use crate::redis;
use crate::server::Server;
use crate::step::Step;
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

    fn test(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        vectors::run(workspace, true)?;
        let schemathesis = Venv::new(workspace, SCHEMATHESIS).program(SCHEMATHESIS);
        let mut tests = workspace.cargo().args(["test", "--all-features"]).envs(server.env());
        if schemathesis.exists() {
            tests = tests.env("SCHEMATHESIS", schemathesis);
        }
        tests.run()?;
        // Once more by itself, for the line that says how many cases ran.
        let vectors = [
            "test",
            "--package",
            "stytch-m2m",
            "--test",
            "vectors",
            "--test",
            "scenarios",
            "--",
            "--nocapture",
        ];
        workspace.cargo().args(vectors).run()?;
        instructions::run(workspace, false)?;
        example(workspace, "quickstart").envs(server.env()).run()?;
        example(workspace, "guide").envs(server.env()).run()?;
        example(workspace, "migration").envs(server.migration_env()).run()
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    let run = ["run", "--quiet", "--package", "stytch-m2m-examples", "--bin", name];
    workspace.cargo().args(run)
}
