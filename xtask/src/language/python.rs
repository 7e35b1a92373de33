//! Python: the package laid out with its native module; for the tests in a virtual environment.

mod dist;
mod layout;
mod lint;

use std::path::PathBuf;

use anyhow::Result;

use super::{Benchmark, Package, Purpose};
use crate::compile::{self, Parts};
use crate::dist::Dist;
use crate::judges;
use crate::redis;
use crate::server::Server;
use crate::step::Step;
use crate::tally::{Suite, Tally};
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/python";
const TEST_REQUIREMENTS: &str = "bindings/python/tests/requirements.txt";
/// Where the demo finds the package.
const DEMO: &str = "xtask/python";

pub(super) struct Python;

impl Package for Python {
    fn missing(&self, workspace: &Workspace, purpose: Purpose) -> Option<String> {
        let (has, needs) = match purpose {
            Purpose::Demo => (venv::has_python(workspace), "python3 3.10 or newer"),
            Purpose::Test => (Venv::can_be_made(workspace), "python3 3.10 or newer with venv"),
        };
        (!has).then(|| format!("needs {needs} (Debian: python3-venv; others: python.org)"))
    }

    fn parts(&self, _: Purpose) -> Parts {
        Parts { libraries: true, ..Parts::default() }
    }

    fn prepare_demo(&self, workspace: &Workspace) -> Result<()> {
        layout::package(workspace, &workspace.target(DEMO))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        // It needs no other package, so no environment of its own.
        let demo = workspace.step("python3").arg("examples/python/demo.py");
        let python = demo.env("PYTHONPATH", workspace.target(DEMO)).env("PYTHONUNBUFFERED", "1");
        python.envs(server.env()).tell()
    }

    fn prepare_tests(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        judges::ensure(workspace)?;
        let venv = venv(workspace);
        venv.install(TEST_REQUIREMENTS, "60 MB")?;
        layout::installed(workspace, &venv.site_packages()?)
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let emulator = compile::emulator_env(workspace);
        let pytest = |what| {
            let python = venv(workspace).step("python").dir(PACKAGE);
            let pytest = python.args(["-m", "pytest", "-q", "-rfEs", what]);
            pytest.named(format!("pytest {what}")).envs(server.env()).envs(&emulator)
        };
        tally.run(Suite::Tests, pytest("tests"))?;
        tally.run(Suite::Surface, pytest("tests/test_surface.py"))?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    fn lint(&self, workspace: &Workspace) -> Result<()> {
        lint::check(workspace)
    }

    /// The guide has a page that is made of the docstrings.
    fn reference(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        lint::documentation(workspace).map(|()| None)
    }

    fn benchmarks(&self) -> &'static [Benchmark] {
        &[Benchmark::Peers]
    }

    fn benchmark(&self, workspace: &Workspace, _: Benchmark) -> Result<Step> {
        let venv = Venv::new(workspace, "bench-venv");
        venv.install_packages(&[
            "./bindings/python",
            "--requirement",
            "benches/python/requirements.txt",
        ])?;
        Ok(venv.step("python").arg("benches/python/main.py"))
    }

    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>> {
        dist::build(dist)
    }

    fn dist(&self, dist: &Dist<'_>) -> Result<()> {
        dist::make(dist)
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    let program = format!("examples/python/{name}.py");
    let python = venv(workspace).step("python").arg(&program);
    python.named(program)
}

fn venv(workspace: &Workspace) -> Venv<'_> {
    Venv::new(workspace, "venv")
}
