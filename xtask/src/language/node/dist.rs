//! What npm gets: the package without a native module, and this platform's package with it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::PACKAGE;
use crate::dist::{Dist, newest};
use crate::tool;

/// In every package: each licence asks for its text.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    let npm = |dir: &Path| dist.workspace.step("npm").dir(dir);
    let source = dist.workspace.path(PACKAGE);
    tool::npm_ci(dist.workspace, &source).arg("--ignore-scripts").run()?;
    npm(&source).args(["run", "build"]).run()?;

    let module = newest(&source.join("native"), "stytch-m2m.", ".node")?;
    let file = module.file_name().and_then(|name| name.to_str()).context("no module")?;
    let platform = file.trim_start_matches("stytch-m2m.").trim_end_matches(".node");

    // The command makes them there and nowhere else; git ignores them.
    npm(&source).args(["run", "napi", "--", "create-npm-dirs"]).run()?;
    // Copies, for packing must leave the checkout as it is.
    let main = dist.empty("npm/main")?;
    let own = source.join("npm").join(platform);
    fs::copy(&module, own.join(file))?;
    for licence in LICENCES {
        fs::copy(source.join(licence), own.join(licence))?;
    }
    npm(&own).args(["pkg", "set"]).args(LICENCES.map(|file| format!("files[]={file}"))).run()?;

    for part in ["package.json", "README.md", "dist", "native"].into_iter().chain(LICENCES) {
        let copy = dist.workspace.step("cp").arg("-R").arg(source.join(part));
        copy.arg(&main).run()?;
    }
    fs::remove_file(main.join("native").join(file))?;
    let dependency = format!("optionalDependencies.stytch-m2m-{platform}={}", dist.version);
    npm(&main).args(["pkg", "set", &dependency]).run()?;
    npm(&main).args(["pkg", "delete", "scripts", "devDependencies", "overrides"]).run()?;
    for folder in [&own, &main] {
        npm(folder)
            .args(["pack", "--ignore-scripts", "--pack-destination"])
            .arg(&dist.folder)
            .run()?;
    }
    prove(dist, platform)
}

/// As a service would have it: from CommonJS and from a module.
fn prove(dist: &Dist<'_>, platform: &str) -> Result<()> {
    let home = dist.empty("npm-proof")?;
    fs::write(home.join("package.json"), r#"{ "private": true }"#)?;
    let tarball = |name: &str| dist.folder.join(format!("{name}-{}.tgz", dist.version));
    let install = ["install", "--offline", "--no-audit", "--no-fund"];
    let npm = dist.workspace.step("npm").dir(&home).args(install);
    npm.arg(tarball(&format!("stytch-m2m-{platform}"))).arg(tarball("stytch-m2m")).run()?;

    dist.copy("examples/node/quickstart.js", &home.join("quickstart.js"))?;
    dist.quickstart(dist.workspace.step("node").dir(&home).arg("quickstart.js"))?;
    let module = "import { Client } from 'stytch-m2m'; new Client(); console.log('a module, too')";
    let node = dist.workspace.step("node").dir(&home).args(["--input-type=module", "--eval"]);
    dist.quickstart(node.arg(module))
}
