//! Swift: a SwiftPM package over the generated code, and over the library in a folder of its own.

mod dist;
mod root;

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Result;

use super::{Package, Purpose, uniffi};
use crate::compile::{self, Parts};
use crate::dist::Dist;
use crate::redis::{self, Redis};
use crate::server::Server;
use crate::step::{Step, version};
use crate::tally::{Suite, Tally};
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/swift";
const BINDGEN: &str = "uniffi-bindgen-swift";
const EXAMPLES: &str = "examples/swift/programs";

pub(super) struct Swift;

impl Package for Swift {
    fn missing(&self, workspace: &Workspace, _: Purpose) -> Option<String> {
        let lacks = !is_installed(workspace) && !root::is_possible(workspace);
        lacks.then(|| {
            "needs swift 6 (swift.org/install), or to be root on a Debian machine, where a small \
             Debian 13 with Swift is made in the cache folder"
                .to_owned()
        })
    }

    /// Makes the Swift system where this machine needs one and has none yet.
    fn fetch(&self, _: Purpose, workspace: &Workspace) -> Result<()> {
        match is_installed(workspace) {
            true => Ok(()),
            false => root::ensure(workspace).map(drop),
        }
    }

    fn parts(&self, _: Purpose) -> Parts {
        Parts { programs: &[BINDGEN], libraries: true }
    }

    fn prepare_demo(&self, workspace: &Workspace) -> Result<()> {
        prepare(workspace)?;
        let build = swift(workspace, EXAMPLES, "build")?.args(["--product", "demo"]);
        build.named("swift build: the package and the demo").run()
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        let demo = swift(workspace, EXAMPLES, "run")?.args(["--skip-build", "demo"]);
        demo.envs(server.env()).tell()
    }

    fn prepare_tests(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        prepare(workspace)
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let redis = Redis::start()?;
        let store: Vec<_> = redis.iter().map(Redis::env).collect();
        let ci: Vec<_> = env::var("CI").ok().map(|value| ("CI", value)).into_iter().collect();
        let test = || {
            let test = swift(workspace, PACKAGE, "test")?.arg("--disable-xctest");
            let test = test.envs(&compile::emulator_env(workspace));
            anyhow::Ok(test.envs(server.env()).envs(&store).envs(&ci))
        };
        tally.run(Suite::Tests, test()?.named("swift test"))?;
        let surface = test()?.args(["--skip-build", "--filter", "SurfaceTests"]);
        tally.run(Suite::Surface, surface.named("swift test: the surface"))?;
        tally.example(example(workspace, "quickstart")?.envs(server.env()))?;
        tally.example(example(workspace, "guide")?.envs(server.env()))?;
        let emulator = example(workspace, "emulator")?;
        tally.example(emulator.envs(&compile::emulator_env(workspace)))?;
        tally.example(example(workspace, "integrations")?.envs(server.env()))?;
        tally.example(example(workspace, "migration")?.envs(server.migration_env()))
    }

    /// Its rules are in `.swift-format`.
    fn lint(&self, workspace: &Workspace) -> Result<()> {
        let rules =
            ["format", "lint", "--strict", "--parallel", "--configuration", ".swift-format"];
        let listed = workspace.step("git").args(["ls-files", "*.swift"]).output()?;
        program(workspace, "", "swift")?.args(rules).args(listed.lines()).run()
    }

    /// The linter asks for the documentation.
    fn reference(&self, _: &Workspace) -> Result<Option<PathBuf>> {
        Ok(None)
    }

    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>> {
        dist::build(dist)
    }

    fn dist(&self, dist: &Dist<'_>) -> Result<()> {
        dist::make(dist)
    }
}

/// Generates the code over the library, and puts that where it is linked from.
fn prepare(workspace: &Workspace) -> Result<()> {
    let library = uniffi::library(workspace, "debug");
    let generate = |options: &[&str], to: &str| -> Result<()> {
        let fresh = workspace.target("swift-generated").join(to);
        let bindgen = uniffi::bindgen(workspace, BINDGEN);
        bindgen.args(options).arg(&library).arg(&fresh).run()?;
        for file in fs::read_dir(&fresh)? {
            let sources = workspace.path(PACKAGE).join("Sources").join(to);
            uniffi::copy_changed(&file?.path(), &sources)?;
        }
        Ok(())
    };
    generate(&["--swift-sources"], "StytchM2MGenerated")?;
    let module_map = ["--module-name", "StytchM2MFFI", "--modulemap-filename"];
    let headers = [&["--headers", "--modulemap"], &module_map[..], &["module.modulemap"]];
    generate(&headers.concat(), "StytchM2MFFI")?;
    uniffi::copy_changed(&library, &workspace.path(PACKAGE).join(".build-native"))
}

fn example(workspace: &Workspace, name: &str) -> Result<Step> {
    Ok(swift(workspace, EXAMPLES, "run")?.arg(name).named(format!("swift run {name}")))
}

/// `swift <verb>` in `dir`, with the library to link and to load.
fn swift(workspace: &Workspace, dir: &str, verb: &str) -> Result<Step> {
    let swift = program(workspace, dir, "swift")?;
    let native = workspace.path(PACKAGE).join(".build-native");
    let search = format!("-L{}", native.display());
    let swift = swift.args([verb, "--scratch-path"]).arg(workspace.target("swift").join(dir));
    Ok(swift.args(["-Xlinker", &search, "-Xlinker", "-rpath", "-Xlinker"]).arg(native))
}

/// A program of Swift's toolchain, in `dir`.
fn program(workspace: &Workspace, dir: impl AsRef<Path>, name: &str) -> Result<Step> {
    match is_installed(workspace) {
        true => Ok(workspace.step(name).dir(dir)),
        false => root::step(workspace, dir, name),
    }
}

fn is_installed(workspace: &Workspace) -> bool {
    let said = workspace.step("swift").arg("--version").output().unwrap_or_default();
    version(&said, "Swift version ").is_some_and(|version| version >= (6, 0))
}
