//! What crates.io gets.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::dist::Dist;

/// Each after what it needs.
const PUBLISHED: [&str; 3] = ["stytch-m2m-emulator", "stytch-m2m", "stytch-m2m-cli"];

/// The programs: cargo compiles a library for whoever depends on it.
pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    let programs = ["stytch-m2m", "stytch-m2m-emulator"];
    let packages = ["--package", "stytch-m2m-cli", "--package", "stytch-m2m-emulator"];
    let compile = dist.workspace.cargo().args(["build", "--release", "--locked"]).args(packages);
    compile.named("compile the command and the emulator, optimized").run()?;
    let mut usage =
        vec![format!("cargo add stytch-m2m --path {}", dist.workspace.path("core").display())];
    for program in programs {
        let file = format!("{program}{EXE_SUFFIX}");
        fs::copy(dist.workspace.target("release").join(&file), dist.folder.join(&file))?;
        usage.push(dist.package(&file));
    }
    Ok(usage)
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    let packages = PUBLISHED.iter().flat_map(|package| ["--package", package]);
    let package = ["package", "--locked", "--allow-dirty", "--no-verify"];
    dist.workspace.cargo().args(package).args(packages).run()?;
    let home = dist.empty("crates-proof")?;
    for package in PUBLISHED {
        let file = format!("{package}-{}.crate", dist.version);
        let built = dist.workspace.target("package").join(&file);
        fs::copy(&built, dist.folder.join(&file)).with_context(|| format!("no {file}"))?;
        let tar = dist.workspace.step("tar").arg("--extract").arg("--file").arg(&built);
        tar.arg("--directory").arg(&home).run()?;
    }
    prove(dist, &home)
}

/// A program of its own, and the published ones, with the unpacked crates in the registry's place.
fn prove(dist: &Dist<'_>, home: &Path) -> Result<()> {
    let manifest = format!(
        r#"[package]
name = "proof"
version = "0.0.0"
edition = "2024"

[dependencies]
stytch-m2m = "{version}"
tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}

[patch.crates-io]
stytch-m2m = {{ path = "stytch-m2m-{version}" }}
stytch-m2m-emulator = {{ path = "stytch-m2m-emulator-{version}" }}

[workspace]
members = ["stytch-m2m-cli-{version}", "stytch-m2m-emulator-{version}"]

[profile.dev]
debug = "line-tables-only"
"#,
        version = dist.version
    );
    fs::write(home.join("Cargo.toml"), manifest)?;
    fs::create_dir(home.join("src"))?;
    dist.copy("examples/rust/src/bin/quickstart.rs", &home.join("src/main.rs"))?;
    // The versions that were tested, and what is compiled of them already.
    dist.copy("Cargo.lock", &home.join("Cargo.lock"))?;
    let run = |package| {
        let cargo = dist.workspace.cargo().dir(home).args(["run", "--quiet", "--package", package]);
        cargo.env("CARGO_TARGET_DIR", dist.workspace.target("")).arg("--")
    };
    dist.quickstart(run("proof"))?;
    dist.quickstart(run("stytch-m2m-cli").arg("doctor"))?;
    run("stytch-m2m-emulator").arg("--version").run()
}
