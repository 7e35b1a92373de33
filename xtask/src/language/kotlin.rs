//! Kotlin: a Maven module over the generated code, with the library as a JNA resource.

mod dist;
mod lint;

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Benchmark, Package, Purpose, uniffi};
use crate::compile::{self, Parts};
use crate::dist::Dist;
use crate::redis::{self, Redis};
use crate::server::Server;
use crate::stamp;
use crate::step::{Step, is_installed};
use crate::tally::{Suite, Tally};
use crate::tool::{self, maven};
use crate::workspace::Workspace;

const PACKAGE: &str = "bindings/kotlin";
/// The package and the example servers.
const ALL: &str = "examples/kotlin";
const BINDGEN: &str = "uniffi-bindgen";

pub(super) struct Kotlin;

impl Package for Kotlin {
    fn missing(&self, workspace: &Workspace, _: Purpose) -> Option<String> {
        let lacks = tool::lacks_java(workspace) || !is_installed("mvn");
        lacks.then(|| {
            "needs java 17 or newer and mvn (Debian: default-jdk, maven; others: adoptium.net, \
             maven.apache.org)"
                .to_owned()
        })
    }

    fn parts(&self, _: Purpose) -> Parts {
        Parts { programs: &[BINDGEN], libraries: true }
    }

    fn prepare_demo(&self, workspace: &Workspace) -> Result<()> {
        prepare(workspace, &uniffi::library(workspace, "debug"))?;
        compile_programs(workspace)
    }

    fn demo(&self, workspace: &Workspace, server: &Server) -> Result<()> {
        example(workspace, "io.github.stytchm2m.examples.DemoKt")?.envs(server.env()).tell()
    }

    fn prepare_tests(&self, workspace: &Workspace) -> Result<()> {
        redis::ensure(workspace)?;
        prepare(workspace, &uniffi::library(workspace, "debug"))
    }

    fn test(&self, workspace: &Workspace, server: &Server, tally: &mut Tally) -> Result<()> {
        let redis = Redis::start()?;
        let store: Vec<_> = redis.iter().map(Redis::env).collect();
        let tests = downloading(workspace, maven(workspace, ALL).arg("test"), "300 MB");
        let tests = tests.named("mvn test").envs(server.env()).envs(&store);
        tally.run(Suite::Tests, tests.envs(&compile::emulator_env(workspace)))?;
        compile_programs(workspace)?;
        tally.example(example(workspace, "QuickstartKt")?.envs(server.env()))?;
        tally.example(example(workspace, "GuideKt")?.envs(server.env()))?;
        tally.example(example(workspace, "MigrationKt")?.envs(server.migration_env()))
    }

    fn lint(&self, workspace: &Workspace) -> Result<()> {
        lint::check(workspace)
    }

    fn reference(&self, workspace: &Workspace) -> Result<Option<PathBuf>> {
        lint::reference(workspace).map(Some)
    }

    fn benchmarks(&self) -> &'static [Benchmark] {
        &[Benchmark::Peers]
    }

    fn benchmark(&self, workspace: &Workspace, _: Benchmark) -> Result<Step> {
        prepare_release(workspace)?;
        let module = ["--activate-profiles", "benches", "--projects", ":stytch-m2m-benches"];
        let maven = maven(workspace, ALL).arg("--quiet").args(module);
        Ok(maven.args(["--also-make", "-Dmaven.test.skip", "test"]))
    }

    fn build(&self, dist: &Dist<'_>) -> Result<Vec<String>> {
        dist::build(dist)
    }

    fn dist(&self, dist: &Dist<'_>) -> Result<()> {
        dist::make(dist)
    }
}

/// Generates the code over the library as it ships, and puts that where the jar is made of.
fn prepare_release(workspace: &Workspace) -> Result<()> {
    let library = uniffi::build_release(workspace, BINDGEN)?;
    prepare(workspace, &library)
}

fn prepare(workspace: &Workspace, library: &Path) -> Result<()> {
    let generated = workspace.path(PACKAGE).join("target/generated");
    let bindgen = uniffi::bindgen(workspace, BINDGEN).arg("generate").arg(library);
    let bindgen = bindgen.args(["--language", "kotlin", "--no-format", "--out-dir"]);
    bindgen.arg(generated).run()?;
    uniffi::copy_changed(library, &native(workspace))
}

/// Compiles the programs of `examples/kotlin/programs`, without the tests, and notes their class path;
/// unless nothing of that has changed, for Maven takes its time to find that out.
fn compile_programs(workspace: &Workspace) -> Result<()> {
    let package = workspace.path(PACKAGE);
    let sources = [
        package.join("pom.xml"),
        package.join("src/main"),
        workspace.path(ALL).join("programs"),
        uniffi::library(workspace, "debug"),
    ];
    let class_path = class_path(workspace);
    stamp::unless_done(workspace, &class_path, &stamp::files(&sources)?, || {
        let goals =
            ["--activate-profiles", "programs", "test-compile", "dependency:build-classpath"];
        let compile = maven(workspace, PACKAGE).args(goals);
        let compile = compile.arg(format!("-Dmdep.outputFile={}", class_path.display()));
        let compile = downloading(workspace, compile, "120 MB");
        compile.named("mvn: compile the package and its programs").run()
    })
}

/// Says what Maven will download on a machine where it never compiled Kotlin.
fn downloading(workspace: &Workspace, maven: Step, size: &str) -> Step {
    let repository = workspace.home(".m2/repository");
    match repository.join("org/jetbrains/kotlin/kotlin-maven-plugin").exists() {
        true => maven,
        false => maven.downloads(size, &repository),
    }
}

fn class_path(workspace: &Workspace) -> PathBuf {
    workspace.target("xtask/kotlin-class-path")
}

/// Runs the compiled program whose main class is `class`.
fn example(workspace: &Workspace, class: &str) -> Result<Step> {
    let classes = workspace.path(PACKAGE).join("target");
    let libraries = fs::read_to_string(class_path(workspace)).context("no class path")?;
    let mut path = vec![classes.join("program-classes"), classes.join("classes")];
    path.extend(std::env::split_paths(libraries.trim_end()));
    let java =
        workspace.step("java").shown_as("java").env("CLASSPATH", std::env::join_paths(path)?);
    Ok(java.arg(class))
}

/// Where the library lies that goes into the jar.
fn native(workspace: &Workspace) -> PathBuf {
    workspace.path(PACKAGE).join("target/native").join(jna_folder())
}

/// JNA's name of this platform: it looks for the library in a folder of this name.
fn jna_folder() -> String {
    let os = match OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = if ARCH == "x86_64" { "x86-64" } else { ARCH };
    format!("{os}-{arch}")
}
