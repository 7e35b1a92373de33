//! What npm gets: the package and the emulator's, each without a program, and this platform's packages with it.

use std::fs;

use anyhow::Result;

use super::{PACKAGE, npm, platform};
use crate::dist::Dist;
use crate::tool;

/// As a test suite would have it, with the emulator's package beside the other.
const TESTING: &str = "
const { Client } = require('stytch-m2m');
const { Emulator } = require('stytch-m2m/testing');
Emulator.start().then(async (emulator) => {
  await new Client(emulator.settings).m2m.clients.create({ scopes: ['read:users'] });
  await emulator.stop();
});
";

pub(super) fn build(dist: &Dist<'_>) -> Result<Vec<String>> {
    let workspace = dist.workspace;
    let crates = ["--package", "stytch-m2m-node", "--package", "stytch-m2m-emulator"];
    let compile = workspace.cargo().args(["build", "--release", "--locked"]).args(crates);
    compile.named("compile the native module and the emulator, optimized").run()?;
    tool::npm_ci_once(workspace, PACKAGE, "55 MB")?;
    let layer = npm(workspace, PACKAGE).args(["run", "build:ts"]);
    layer.named("compile the TypeScript layer").run()?;
    let platform = platform(workspace)?;
    let pack = workspace.step("node").dir(PACKAGE).arg("scripts/pack.mjs").arg(&dist.folder);
    let pack = pack.arg(format!("{platform}={}", workspace.target("release").display()));
    pack.named("pack").run()?;

    let [module, package, program, emulator] = tarballs(dist, &platform);
    Ok(vec![
        format!("npm install {module} {package}"),
        format!("npm install --save-dev {program} {emulator}   # for stytch-m2m/testing"),
    ])
}

/// The package after what it needs, and likewise the emulator's.
fn tarballs(dist: &Dist<'_>, platform: &str) -> [String; 4] {
    let (module, program) =
        (format!("stytch-m2m-{platform}"), format!("stytch-m2m-emulator-{platform}"));
    let names = [&*module, "stytch-m2m", &*program, "stytch-m2m-emulator"];
    names.map(|name| dist.package(&format!("{name}-{}.tgz", dist.version)))
}

pub(super) fn make(dist: &Dist<'_>) -> Result<()> {
    build(dist)?;
    prove(dist)
}

/// As a service would have it: from CommonJS and from a module; and its tests.
fn prove(dist: &Dist<'_>) -> Result<()> {
    let home = dist.empty("npm-proof")?;
    fs::write(home.join("package.json"), r#"{ "private": true }"#)?;
    let install = ["install", "--offline", "--no-audit", "--no-fund"];
    let npm = dist.workspace.step("npm").dir(&home).args(install);
    npm.args(tarballs(dist, &platform(dist.workspace)?)).run()?;

    dist.copy("examples/node/quickstart.js", &home.join("quickstart.js"))?;
    dist.quickstart(dist.workspace.step("node").dir(&home).arg("quickstart.js"))?;
    let module = "import { Client } from 'stytch-m2m'; new Client(); console.log('a module, too')";
    let node = dist.workspace.step("node").dir(&home).args(["--input-type=module", "--eval"]);
    dist.quickstart(node.arg(module))?;
    dist.workspace.step("node").dir(&home).args(["--eval", TESTING]).run()?;
    let npx = ["--no-install", "stytch-m2m-emulator", "--version"];
    dist.workspace.step("npx").dir(&home).args(npx).run()
}
