//! Node: the native module and its TypeScript layer, built in place.

use anyhow::Result;

use super::Package;
use crate::emulator;
use crate::redis;
use crate::server::Server;
use crate::step::{Step, is_installed, version};
use crate::tally::{Suite, Tally};
use crate::tool::npm_ci;
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/node";
/// Other runtimes that the package is tried in.
const RUNTIMES: &str = "bindings/node/test/runtimes";
const EXAMPLES: &str = "examples/node";

pub(super) struct Node;

impl Package for Node {
    fn missing(&self, workspace: &Workspace) -> Option<String> {
        let said = workspace.step("node").arg("--version").output().unwrap_or_default();
        let is_recent = version(&said, "v").is_some_and(|version| version >= (20, 0));
        let lacks = !is_recent || !is_installed("npm");
        lacks.then(|| "needs node 20 or newer with npm (Debian: nodejs, npm)".to_owned())
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        // Without scripts, of which npm would hide the output: the build is the next step.
        npm_ci(workspace, PACKAGE).arg("--ignore-scripts").run()?;
        npm(workspace, PACKAGE).args(["run", "build"]).run()?;
        npm_ci(workspace, RUNTIMES).arg("--ignore-scripts").run()?;
        npm_ci(workspace, EXAMPLES).run()
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let emulator = emulator::build(workspace)?;
        let all = npm(workspace, PACKAGE).arg("test");
        tally.run(Suite::Tests, all.envs(server.env()).envs(&emulator))?;
        let surface = workspace.step("node").dir(PACKAGE).args(["--test", "test/surface.test.js"]);
        tally.run(Suite::Surface, surface.envs(server.env()))?;
        tally.run(Suite::Examples, npm(workspace, EXAMPLES).arg("test").envs(&emulator))?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo").envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Step {
    workspace.step("node").arg(format!("{EXAMPLES}/{name}.js"))
}

fn npm(workspace: &Workspace, folder: &str) -> Step {
    workspace.step("npm").dir(folder)
}
