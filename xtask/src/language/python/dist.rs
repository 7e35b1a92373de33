//! What PyPI gets.

use std::path::PathBuf;

use anyhow::Result;

use super::PACKAGE;
use crate::dist::{Dist, newest};
use crate::step::Step;
use crate::tool;

/// The program that `stytch_m2m.testing` starts.
const EMULATOR: &str = "bindings/python/emulator";

/// As a test suite would have it: nothing but the two wheels.
const TESTING: &str = "
from stytch_m2m import Client
from stytch_m2m.testing import Emulator

with Emulator() as emulator, Client(**emulator.settings) as client:
    print(client.m2m.clients.create(scopes=['read:users']).m2m_client.status)
";

pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    for (folder, what) in [(PACKAGE, "the package"), (EMULATOR, "the emulator")] {
        let build = maturin(dist, folder)?.args(["build", "--release", "--locked", "--out"]);
        build.arg(&dist.folder).named(format!("compile {what} into a wheel, optimized")).run()?;
    }
    let [package, emulator] = wheels(dist)?.map(|wheel| wheel.display().to_string());
    Ok(vec![
        format!("pip install {package}"),
        format!("pip install {emulator}   # for stytch_m2m.testing"),
    ])
}

fn maturin(dist: &Dist<'_>, folder: &str) -> Result<Step> {
    Ok(tool::python(dist.workspace)?.step("maturin").dir(folder))
}

fn wheels(dist: &Dist<'_>) -> Result<[PathBuf; 2]> {
    let wheel = |name| newest(&dist.folder, &format!("{name}-{}-", dist.version), ".whl");
    Ok([wheel("stytch_m2m")?, wheel("stytch_m2m_emulator")?])
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    build(dist)?;
    maturin(dist, PACKAGE)?.args(["sdist", "--out"]).arg(&dist.folder).run()?;
    let python = installed(dist, "wheel", wheels(dist)?.into())?;
    dist.quickstart(python().arg("quickstart.py"))?;
    python().args(["-c", TESTING]).run()?;
    // Compiled once more, out of what the archive holds.
    let source = dist.folder.join(format!("stytch_m2m-{}.tar.gz", dist.version));
    dist.quickstart(installed(dist, "sdist", vec![source])?().arg("quickstart.py"))
}

/// Python, in a folder with an environment that has the packages and what they need.
fn installed(dist: &Dist<'_>, name: &str, packages: Vec<PathBuf>) -> Result<impl Fn() -> Step> {
    let home = dist.empty(&format!("python-{name}"))?;
    dist.workspace.step("python3").args(["-m", "venv"]).arg(home.join("venv")).run()?;
    let python = home.join("venv/bin/python");
    let install = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input", "--quiet"];
    let pip = dist.workspace.step(&python).args(install).args(packages);
    pip.env("CARGO_TARGET_DIR", dist.workspace.target("")).run()?;
    dist.copy("examples/python/quickstart.py", &home.join("quickstart.py"))?;
    Ok(move || dist.workspace.step(&python).dir(&home).arg("-I"))
}
