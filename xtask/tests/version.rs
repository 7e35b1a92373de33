//! One version everywhere, and one command that changes it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn xtask_version(root: &Path, version: &[&str]) -> Output {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let xtask = xtask.env("CARGO_MANIFEST_DIR", root.join("xtask")).arg("version").args(version);
    xtask.output().unwrap()
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap().trim().to_owned()
}

/// A copy of the manifests and lock files alone, and their names.
fn copy() -> (TempDir, BTreeSet<String>) {
    let copy = tempfile::tempdir().unwrap();
    let files = manifests();
    for file in &files {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(file), to).unwrap();
    }
    (copy, files)
}

fn manifests() -> BTreeSet<String> {
    let git = ["ls-files", "*Cargo.toml", "*Cargo.lock", "*package.json", "*package-lock.json"];
    let more = ["*pom.xml", "*pyproject.toml", "*Package.swift", "*.podspec", "*native/index.js"];
    let listed = Command::new("git").args(git).args(more).current_dir(root()).output().unwrap();
    printed(&listed).lines().map(str::to_owned).collect()
}

#[test]
fn all_packages_have_the_version_of_the_workspace() {
    assert_eq!(printed(&xtask_version(root(), &[])), VERSION);
}

#[test]
fn changing_it_leaves_the_old_one_nowhere_and_changes_nothing_else() {
    let (copy, files) = copy();
    let read = |file: &str| fs::read_to_string(copy.path().join(file)).unwrap();
    let ours = |file: &str| !file.ends_with("-lock.json") && !file.ends_with("Cargo.lock");

    printed(&xtask_version(copy.path(), &["987.65.4"]));
    assert_eq!(printed(&xtask_version(copy.path(), &[])), "987.65.4");
    for file in files.iter().filter(|file| ours(file)) {
        for line in read(file).lines() {
            assert!(!line.contains(VERSION), "{file} still says {line}");
        }
    }

    printed(&xtask_version(copy.path(), &[VERSION]));
    for file in &files {
        assert_eq!(read(file), fs::read_to_string(root().join(file)).unwrap(), "{file}");
    }
}

#[test]
fn packages_that_disagree_are_named() {
    let (copy, _) = copy();
    let pom = copy.path().join("bindings/kotlin/pom.xml");
    let text = fs::read_to_string(&pom).unwrap();
    fs::write(&pom, text.replacen(VERSION, "987.65.4", 1)).unwrap();
    let refused = xtask_version(copy.path(), &[]);
    assert!(!refused.status.success());
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("987.65.4 in bindings/kotlin/pom.xml"), "{said}");
}

#[test]
fn what_no_registry_takes_is_refused() {
    let refused = xtask_version(root(), &["1.2.3-rc.1"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("three numbers"));
}
