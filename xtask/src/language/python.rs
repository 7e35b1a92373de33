//! Python: a virtual environment in the build output, with the package built into it.

use anyhow::Result;

use super::Package;
use crate::emulator;
use crate::redis;
use crate::server::Server;
use crate::step::Step;
use crate::tally::{Suite, Tally};
use crate::venv::Venv;
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/python";

pub(super) struct Python;

impl Package for Python {
    fn missing(&self, workspace: &Workspace) -> Option<String> {
        (!Venv::can_be_made(workspace))
            .then(|| "needs python3 3.10 or newer with venv (Debian: python3-venv)".to_owned())
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        venv(workspace).install(&[&format!("./{PACKAGE}[test]")])
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let emulator = emulator::build(workspace)?;
        let pytest = |what| {
            let python = venv(workspace).step("python").dir(PACKAGE);
            python.args(["-m", "pytest", "-q", what]).envs(server.env()).envs(&emulator)
        };
        tally.run(Suite::Tests, pytest("tests"))?;
        tally.run(Suite::Surface, pytest("tests/test_surface.py"))?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    venv(workspace).step("python").arg(format!("examples/python/{name}.py"))
}

fn venv(workspace: &Workspace) -> Venv<'_> {
    Venv::new(workspace, "venv")
}
