//! Swift: a SwiftPM package over the generated code, and over the library in a folder of its own.

mod root;

use std::path::Path;
use std::{env, fs};

use anyhow::Result;

use super::{Package, uniffi};
use crate::redis::{self, Redis};
use crate::server::Server;
use crate::step::{Step, version};
use crate::tally::{Suite, Tally};
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/swift";
const EXAMPLES: &str = "examples/swift/programs";

pub(super) struct Swift;

impl Package for Swift {
    fn missing(&self, workspace: &Workspace) -> Option<String> {
        let lacks = !is_installed(workspace) && !root::is_possible(workspace);
        lacks.then(|| {
            "needs swift 6, or root on a Debian machine to make a Debian 13 root with it".to_owned()
        })
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        let library = uniffi::build(workspace)?;
        let generate = |options: &[&str], to: &str| -> Result<()> {
            let fresh = workspace.target("swift-generated").join(to);
            let bindgen = uniffi::bindgen(workspace, "uniffi-bindgen-swift");
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

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let redis = Redis::start()?;
        let store: Vec<_> = redis.iter().map(Redis::env).collect();
        let ci: Vec<_> = env::var("CI").ok().map(|value| ("CI", value)).into_iter().collect();
        let test = || {
            let test = swift(workspace, PACKAGE, "test")?.arg("--disable-xctest");
            anyhow::Ok(test.envs(server.env()).envs(&store).envs(&ci))
        };
        tally.run(Suite::Tests, test()?)?;
        tally.run(Suite::Surface, test()?.args(["--filter", "SurfaceTests"]))?;
        tally.example(example(workspace, "quickstart")?.envs(server.env()))?;
        tally.example(example(workspace, "guide")?.envs(server.env()))?;
        tally.example(example(workspace, "migration")?.envs(server.migration_env()))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "demo")?.envs(server.env()).run()
    }
}

fn example(workspace: &Workspace, name: &str) -> Result<Step> {
    Ok(swift(workspace, EXAMPLES, "run")?.arg(name))
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
pub(crate) fn program(workspace: &Workspace, dir: impl AsRef<Path>, name: &str) -> Result<Step> {
    match is_installed(workspace) {
        true => Ok(workspace.step(name).dir(dir)),
        false => root::step(workspace, dir, name),
    }
}

fn is_installed(workspace: &Workspace) -> bool {
    let said = workspace.step("swift").arg("--version").output().unwrap_or_default();
    version(&said, "Swift version ").is_some_and(|version| version >= (6, 0))
}
