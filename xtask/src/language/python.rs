//! Python: a virtual environment in the build output, with the package built into it.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use anyhow::Result;

use super::Package;
use crate::apt;
use crate::server::Server;
use crate::step::{Step, version};
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/python";
/// What `stytch_m2m.testing` starts.
const EMULATOR: &str = "stytch-m2m-emulator";
const REDIS: &str = "redis-server";

pub(super) struct Python;

impl Package for Python {
    fn missing(&self, workspace: &Workspace) -> Option<String> {
        let program = "import ensurepip, sys; print('Python', sys.version)";
        let said = workspace.step("python3").args(["-c", program]).output().unwrap_or_default();
        let is_recent = version(&said, "Python ").is_some_and(|version| version >= (3, 10));
        (!is_recent)
            .then(|| "needs python3 3.10 or newer with venv (Debian: python3-venv)".to_owned())
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        // pip comes last into a virtual environment: without it, the making was interrupted.
        if !python(workspace).exists() || !workspace.target("venv/bin/pip").exists() {
            let venv = workspace.target("venv");
            workspace.step("python3").args(["-m", "venv", "--clear"]).arg(venv).run()?;
        }
        // Some tests start a Redis; without one they say that they are skipped.
        if apt::can_have(REDIS) {
            apt::ensure(workspace, REDIS)?;
        }
        let pip = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input"];
        let package = format!("./{PACKAGE}[test]");
        workspace.step(python(workspace)).args(pip).arg(package).run()
    }

    fn test(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        workspace.cargo().args(["build", "--package", EMULATOR]).run()?;
        let emulator = workspace.target(format!("debug/{EMULATOR}{EXE_SUFFIX}"));
        let pytest = workspace.step(python(workspace)).dir(PACKAGE);
        let pytest = pytest.env("STYTCH_M2M_EMULATOR", emulator).envs(server.env());
        pytest.args(["-m", "pytest", "tests", "-q"]).run()?;
        example(workspace, "quickstart").envs(server.env()).run()?;
        example(workspace, "migration").envs(server.migration_env()).run()
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    workspace.step(python(workspace)).arg(format!("examples/python/{name}.py"))
}

fn python(workspace: &Workspace) -> PathBuf {
    workspace.target("venv/bin/python")
}
