//! Node: the native module put beside its TypeScript layer.

mod dist;
mod lint;

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Benchmark, Package, Purpose};
use crate::compile::{self, Parts};
use crate::dist::Dist;
use crate::judges;
use crate::redis;
use crate::server::Server;
use crate::stamp;
use crate::step::{Step, is_installed, version};
use crate::tally::{Suite, Tally};
use crate::tool;
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/node";
/// Other runtimes that the package is tried in.
const RUNTIMES: &str = "bindings/node/test/runtimes";
/// The oldest and the newest versions of the frameworks that the package has plugs for, bundlers, and Next.js.
const COMPANIONS: [(&str, &str); 4] = [
    ("bindings/node/test/bundlers", "45 MB"),
    ("bindings/node/test/bundlers/next", "100 MB"),
    ("bindings/node/test/frameworks/oldest", "70 MB"),
    ("bindings/node/test/frameworks/newest", "40 MB"),
];
const EXAMPLES: &str = "examples/node";
const BENCHES: &str = "benches/node";
/// Where the demo finds the package.
const LINKS: &str = "xtask/node";
/// Links the folder of the first argument into that of the second.
const LINK: &str = "
const fs = require('node:fs'), [, from, to] = process.argv;
fs.rmSync(to, { recursive: true, force: true });
fs.mkdirSync(to, { recursive: true });
fs.symlinkSync(from, `${to}/stytch-m2m`, 'junction');
";

pub(super) struct Node;

impl Package for Node {
    fn missing(&self, workspace: &Workspace, _: Purpose) -> Option<String> {
        let said = workspace.step("node").arg("--version").output().unwrap_or_default();
        let is_recent = version(&said, "v").is_some_and(|version| version >= (20, 0));
        let lacks = !is_recent || !is_installed("npm");
        lacks.then(|| {
            "needs node 20 or newer with npm (Debian: nodejs, npm; others: nodejs.org)".to_owned()
        })
    }

    fn parts(&self, _: Purpose) -> Parts {
        Parts { libraries: true, ..Parts::default() }
    }

    fn prepare_demo(&self, workspace: &Workspace) -> Result<()> {
        put_module(workspace)?;
        let compiler = compiler(workspace)?;
        // Without checking types, which needs those of all the frameworks.
        let compile = workspace.step("node").dir(PACKAGE).arg(compiler);
        let compile = compile.args(["--project", ".", "--noCheck", "--types", ""]);
        compile.named("compile the TypeScript layer").run()?;
        let link = workspace.step("node").args(["-e", LINK]).arg(workspace.path(PACKAGE));
        link.arg(workspace.target(LINKS)).named("link the package").run()
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        let demo = example(workspace, "demo").env("NODE_PATH", workspace.target(LINKS));
        demo.envs(server.env()).tell()
    }

    fn prepare_tests(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        judges::ensure(workspace)?;
        put_module(workspace)?;
        // Without scripts, of which npm would hide the output.
        tool::npm_ci_once(workspace, PACKAGE, "55 MB")?;
        let layer = npm(workspace, PACKAGE).args(["run", "build:ts"]);
        layer.named("compile the TypeScript layer").run()?;
        let types = npm(workspace, PACKAGE).args(["run", "build:types", "--"]);
        let types = types.arg(workspace.target(compile::NODE_TYPES));
        types.named("generate the loader and its types, to compare with").run()?;
        tool::npm_ci_once(workspace, RUNTIMES, "90 MB")?;
        for (folder, size) in COMPANIONS {
            tool::npm_ci_once(workspace, folder, size)?;
        }
        tool::npm_ci_once(workspace, EXAMPLES, "2 MB")
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let emulator = compile::emulator_env(workspace);
        let all = npm(workspace, PACKAGE).arg("test").named("npm test: the package");
        tally.run(Suite::Tests, all.envs(server.env()).envs(&emulator))?;
        let surface = workspace.step("node").dir(PACKAGE).args(["--test", "test/surface.test.js"]);
        tally.run(Suite::Surface, surface.envs(server.env()))?;
        let examples = npm(workspace, EXAMPLES).arg("test").named("npm test: the examples");
        tally.run(Suite::Examples, examples.envs(&emulator))?;
        tally.example(example(workspace, "quickstart").envs(server.env()))?;
        tally.example(example(workspace, "guide").envs(server.env()))?;
        tally.example(example(workspace, "migration").envs(server.migration_env()))
    }

    fn lint(&self, workspace: &Workspace) -> Result<()> {
        lint::check(workspace)
    }

    fn reference(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        lint::reference(workspace).map(Some)
    }

    fn benchmarks(&self) -> &'static [Benchmark] {
        &[Benchmark::Peers, Benchmark::Recovery]
    }

    fn benchmark(&self, workspace: &Workspace, benchmark: Benchmark) -> Result<Step> {
        let install = |folder: &str| tool::npm_ci(workspace, folder).arg("--ignore-scripts").run();
        install(PACKAGE)?;
        npm(workspace, PACKAGE).args(["run", "build"]).run()?;
        install(BENCHES)?;
        let program = match benchmark {
            Benchmark::Peers => "main.js",
            Benchmark::Recovery => "recovery.js",
        };
        Ok(workspace.step("node").arg(format!("{BENCHES}/{program}")))
    }

    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>> {
        dist::build(dist)
    }

    fn dist(&self, dist: &Dist<'_>) -> Result<()> {
        dist::make(dist)
    }
}

/// Puts the compiled module where the loader looks first.
fn put_module(workspace: &Workspace) -> Result<()> {
    let library = compile::library(workspace, "debug", "stytch_m2m_node");
    let (folder, name) = (workspace.path(PACKAGE).join("native"), module(workspace)?);
    // Renamed into place, for a running process may have the old one mapped.
    let new = folder.join(format!("{name}.new"));
    fs::copy(&library, &new).with_context(|| format!("cannot copy {}", library.display()))?;
    Ok(fs::rename(new, folder.join(name))?)
}

/// TypeScript's compiler in the version that the package uses, and nothing else of what that does.
fn compiler(workspace: &Workspace) -> Result<PathBuf> {
    let manifest = fs::read(workspace.path(PACKAGE).join("package.json"))?;
    let manifest: Value = serde_json::from_slice(&manifest)?;
    let version = manifest.pointer("/devDependencies/typescript").context("no typescript")?;
    let project = json!({ "private": true, "dependencies": { "typescript": version } }).to_string();
    let folder = workspace.target("xtask/typescript");
    stamp::unless_done(workspace, &folder.join("node_modules"), &project, || {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), &project)?;
        let install = workspace.step("npm").dir(&folder).args(["install", "--ignore-scripts"]);
        let install = install.args(["--no-package-lock", "--no-audit", "--no-fund"]);
        install.named("npm install typescript").downloads("21 MB", &folder).run()
    })?;
    Ok(folder.join("node_modules/typescript/bin/tsc"))
}

/// The native module's file on this platform, as the loader names it.
fn module(workspace: &Workspace) -> Result<String> {
    Ok(format!("stytch-m2m.{}.node", platform(workspace)?))
}

/// This platform, as packages are named.
fn platform(workspace: &Workspace) -> Result<String> {
    let platform = match OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let abi = match OS {
        "linux" => {
            let libc = "console.log(process.report.getReport().header.glibcVersionRuntime ? 'gnu' : 'musl')";
            format!("-{}", workspace.step("node").args(["-e", libc]).output()?.trim_end())
        }
        "windows" => "-msvc".to_owned(),
        _ => String::new(),
    };
    Ok(format!("{platform}-{arch}{abi}"))
}

fn example(workspace: &Workspace, name: &str) -> Step {
    workspace.step("node").arg(format!("{EXAMPLES}/{name}.js"))
}

fn npm(workspace: &Workspace, folder: &str) -> Step {
    workspace.step("npm").dir(folder)
}
