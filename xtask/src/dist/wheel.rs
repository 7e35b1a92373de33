//! What PyPI gets.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Dist, archive};
use crate::tool;

const MANIFEST: &str = "bindings/python/Cargo.toml";

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    let tools = tool::python(dist.workspace)?;
    let maturin = |verb| tools.step("maturin").args([verb, "--manifest-path", MANIFEST]);
    maturin("build").args(["--release", "--locked", "--out"]).arg(&dist.folder).run()?;
    let emulator = tools.step("maturin").dir("bindings/python/emulator");
    emulator.args(["build", "--release", "--locked", "--out"]).arg(&dist.folder).run()?;
    maturin("sdist").arg("--out").arg(&dist.folder).run()?;

    let wheel = archive::newest(&dist.folder, &format!("stytch_m2m-{}-", dist.version), ".whl")?;
    prove(dist, "wheel", &wheel)?;
    // Compiled once more, out of what the archive holds.
    prove(dist, "sdist", &dist.folder.join(format!("stytch_m2m-{}.tar.gz", dist.version)))
}

fn prove(dist: &Dist<'_>, name: &str, package: &Path) -> Result<()> {
    let home: PathBuf = dist.empty(&format!("python-{name}"))?;
    dist.workspace.step("python3").args(["-m", "venv"]).arg(home.join("venv")).run()?;
    let python = home.join("venv/bin/python");
    let install = ["-m", "pip", "--disable-pip-version-check", "install", "--no-input", "--quiet"];
    let pip = dist.workspace.step(&python).args(install).arg(package);
    pip.env("CARGO_TARGET_DIR", dist.workspace.target("")).run()?;
    dist.copy("examples/python/quickstart.py", &home.join("quickstart.py"))?;
    dist.quickstart(dist.workspace.step(python).arg("-I").arg(home.join("quickstart.py")))
}
