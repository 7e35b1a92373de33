//! What hangs on a release by itself: the commands, bills of materials, checksums.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::output::Dist;
use crate::tool::CargoTool;

const CYCLONEDX: CargoTool = CargoTool { name: "cargo-cyclonedx", version: "0.5.9", minutes: 4 };

const SHELLS: [&str; 4] = ["bash", "fish", "zsh", "powershell"];

/// What is shipped, each with dependencies of its own.
const SHIPPED: [&str; 6] =
    ["core", "emulator", "cli", "bindings/python", "bindings/node", "bindings/uniffi"];

pub(super) fn command(dist: &Dist<'_>) -> Result<()> {
    let packages = ["--package", "stytch-m2m-cli", "--package", "stytch-m2m-emulator"];
    dist.workspace.cargo().args(["build", "--release", "--locked"]).args(packages).run()?;

    let name = format!("stytch-m2m-cli-{}-{ARCH}-{OS}", dist.version);
    let folder = dist.empty("cli")?.join(&name);
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for new in [&man, &completions] {
        fs::create_dir_all(new)?;
    }
    for program in ["stytch-m2m", "stytch-m2m-emulator"] {
        fs::copy(dist.workspace.target("release").join(program), folder.join(program))?;
    }
    for file in ["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md", "cli/README.md"] {
        let name = Path::new(file).file_name().context("no name")?;
        dist.copy(file, &folder.join(name))?;
    }
    let program = folder.join("stytch-m2m");
    dist.workspace.step(&program).args(["man", "--dir"]).arg(&man).run()?;
    for shell in SHELLS {
        let script = dist.workspace.step(&program).args(["completions", shell]).output()?;
        fs::write(completions.join(format!("stytch-m2m.{shell}")), script)?;
    }
    let file = dist.folder.join(format!("{name}.tar.gz"));
    let tar = dist.workspace.step("tar").args(["--create", "--gzip", "--file"]).arg(&file);
    tar.arg("--directory").arg(dist.workspace.target("dist-work/cli")).arg(&name).run()?;

    let home = dist.empty("cli-proof")?;
    let tar = dist.workspace.step("tar").args(["--extract", "--file"]).arg(&file);
    tar.arg("--directory").arg(&home).run()?;
    let program = home.join(&name).join("stytch-m2m");
    dist.quickstart(dist.workspace.step(&program).clear_env().arg("doctor"))?;
    dist.quickstart(dist.workspace.step(program).clear_env().args(["clients", "list"]))
}

pub(super) fn bills(dist: &Dist<'_>) -> Result<()> {
    const FILE: &str = "bill-of-materials";
    let program = CYCLONEDX.program(dist.workspace)?;
    let bill = ["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5"];
    let tool = dist.workspace.step(program).shown_as("cargo").args(bill);
    let result =
        tool.args(["--all-features", "--target", "all", "--override-filename", FILE]).run();

    // It writes beside the manifest of each member of the workspace.
    let manifests = dist.workspace.step("git").args(["ls-files", "*Cargo.toml"]).output()?;
    for folder in manifests.lines().filter_map(|manifest| Path::new(manifest).parent()) {
        let written = dist.workspace.path(folder).join(FILE).with_extension("json");
        if !written.exists() {
            continue;
        }
        let folder = folder.to_string_lossy();
        if SHIPPED.contains(&&*folder) {
            let name = format!("{}-{}.cdx.json", folder.replace('/', "-"), dist.version);
            fs::copy(&written, dist.folder.join(&name))?;
            let bill: Value = serde_json::from_slice(&fs::read(&written)?)?;
            let components = bill.get("components").and_then(Value::as_array).map_or(0, Vec::len);
            ensure!(components > 0, "{name} names no component");
            println!("{name}: {components} components");
        }
        fs::remove_file(written)?;
    }
    result
}

/// Of everything that is there, in the form of `sha256sum --check`.
pub(super) fn checksums(dist: &Dist<'_>) -> Result<()> {
    const FILE: &str = "SHA256SUMS";
    let mut names: Vec<_> = fs::read_dir(&dist.folder)?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name != FILE)
        .collect();
    names.sort();
    if names.is_empty() {
        return Ok(());
    }
    let step = || dist.workspace.step("sha256sum").dir(&dist.folder);
    let sums = step().arg("--").args(&names).output()?;
    fs::write(dist.folder.join(FILE), &sums)?;
    println!("\n{:<60}{:>10}", "artefact", "KiB");
    for name in &names {
        let size = fs::metadata(dist.folder.join(name))?.len();
        println!("{name:<60}{:>10}", size.div_ceil(1024));
    }
    Ok(())
}
