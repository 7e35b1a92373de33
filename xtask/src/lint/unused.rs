//! Dependencies that nothing uses.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::tool::CargoTool;
use crate::workspace::Workspace;

pub(super) const MACHETE: CargoTool =
    CargoTool { name: "cargo-machete", version: "0.9.2", minutes: 1 };

/// Checks those of each package, and those of the workspace, which cargo-machete does not look at.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let list = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let metadata = serde_json::from_str(&workspace.cargo().args(list).output()?)?;
    let manifest = fs::read_to_string(workspace.path("Cargo.toml"))?;
    let unused = unused(&manifest, &metadata);
    ensure!(unused.is_empty(), "no package has these of Cargo.toml: {}", unused.join(", "));
    workspace
        .step(MACHETE.program(workspace)?)
        .shown_as("cargo machete")
        .arg("--skip-target-dir")
        .run()
}

/// The dependencies in the workspace's manifest that none of its packages has.
fn unused<'m>(manifest: &'m str, metadata: &Value) -> Vec<&'m str> {
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let has = packages.filter_map(|package| package.get("dependencies")?.as_array()).flatten();
    let has: BTreeSet<_> = has.filter_map(|dependency| dependency.get("name")?.as_str()).collect();
    let table = manifest.split("[workspace.dependencies]\n").nth(1).unwrap_or_default();
    let table = table.split("\n[").next().unwrap_or_default();
    let names = table.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    names.filter(|name| !has.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dependency_that_no_package_has_is_unused() {
        let manifest =
            "[workspace.dependencies]\na = \"1\"\nb = { path = \"b\" }\n\n[lints]\nc = 1\n";
        let package = json!({ "dependencies": [{ "name": "a" }] });
        assert_eq!(unused(manifest, &json!({ "packages": [package] })), ["b"]);
    }
}
