//! Kotlin: a Maven module over the generated code, with the library as a JNA resource.

use std::env::consts::{ARCH, OS};
use std::path::PathBuf;

use anyhow::Result;

use super::{Package, uniffi};
use crate::redis::{self, Redis};
use crate::server::Server;
use crate::step::{Step, is_installed, version};
use crate::tally::{Suite, Tally};
use crate::tool::maven;
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/kotlin";
/// The package and the example servers.
const ALL: &str = "examples/kotlin";

pub(super) struct Kotlin;

impl Package for Kotlin {
    fn missing(&self, workspace: &Workspace) -> Option<String> {
        let said = workspace.step("java").arg("-version").output().unwrap_or_default();
        let is_recent = version(&said, "version \"").is_some_and(|version| version >= (17, 0));
        let lacks = !is_recent || !is_installed("mvn");
        lacks.then(|| "needs java 17 or newer and mvn (Debian: default-jdk, maven)".to_owned())
    }

    fn prepare(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        let library = uniffi::build(workspace)?;
        let generated = workspace.path(PACKAGE).join("target/generated");
        uniffi::bindgen(workspace, "uniffi-bindgen")
            .arg("generate")
            .arg(&library)
            .args(["--language", "kotlin", "--no-format", "--out-dir"])
            .arg(generated)
            .run()?;
        uniffi::copy_changed(&library, &native(workspace))
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let redis = Redis::start()?;
        let store: Vec<_> = redis.iter().map(Redis::env).collect();
        let tests = maven(workspace, ALL).arg("test").envs(server.env()).envs(&store);
        tally.run(Suite::Tests, tests)?;
        tally.example(example(workspace, "QuickstartKt").envs(server.env()))?;
        tally.example(example(workspace, "GuideKt").envs(server.env()))?;
        tally.example(example(workspace, "MigrationKt").envs(server.migration_env()))
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "com.stytch.m2m.examples.DemoKt").envs(server.env()).run()
    }
}

/// Runs the program of `examples/kotlin/programs` whose main class is `class`.
fn example(workspace: &Workspace, class: &str) -> Step {
    let run = ["--quiet", "test-compile", "exec:java"];
    maven(workspace, PACKAGE).args(run).arg(format!("-Dexec.mainClass={class}"))
}

/// Where the library lies that goes into the jar: JNA looks for it in a folder of this name there.
pub(crate) fn native(workspace: &Workspace) -> PathBuf {
    let os = if OS == "macos" { "darwin" } else { OS };
    let arch = if ARCH == "x86_64" { "x86-64" } else { ARCH };
    workspace.path(PACKAGE).join("target/native").join(format!("{os}-{arch}"))
}
