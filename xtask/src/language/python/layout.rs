//! Where Python finds the package: its modules beside the library that was compiled, as a wheel
//! would lay them out. (Wheels are maturin's: `cargo xtask dist`.)

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::compile;
use crate::version;
use crate::workspace::Workspace;

const NAME: &str = "stytch_m2m";
const MODULES: &str = "bindings/python/python/stytch_m2m";
const MANIFEST: &str = "bindings/python/pyproject.toml";
/// The crate's `[lib]` name.
const LIBRARY: &str = "_native";

/// Puts the package into the folder `to`.
pub(super) fn package(workspace: &Workspace, to: &Path) -> Result<()> {
    let package = to.join(NAME);
    // Nothing that has gone may stay.
    if package.exists() {
        fs::remove_dir_all(&package)?;
    }
    copy_modules(&workspace.path(MODULES), &package)?;
    let library = compile::library(workspace, "debug", LIBRARY);
    let module = if cfg!(windows) { "_native.pyd" } else { "_native.abi3.so" };
    fs::copy(&library, package.join(module))
        .with_context(|| format!("cannot copy {}", library.display()))?;
    Ok(())
}

/// Puts the package into an environment's folder of packages, with what pip would note beside it.
pub(super) fn installed(workspace: &Workspace, to: &Path) -> Result<()> {
    package(workspace, to)?;
    let version = version::current(workspace)?;
    let manifest = fs::read_to_string(workspace.path(MANIFEST))?;
    let entry_points = entry_points(&manifest);
    ensure!(!entry_points.is_empty(), "{MANIFEST} has no entry points");
    let notes = to.join(format!("{NAME}-{version}.dist-info"));
    fs::create_dir_all(&notes)?;
    let metadata = format!("Metadata-Version: 2.1\nName: stytch-m2m\nVersion: {version}\n");
    fs::write(notes.join("METADATA"), metadata)?;
    fs::write(notes.join("INSTALLER"), "cargo xtask\n")?;
    Ok(fs::write(notes.join("entry_points.txt"), entry_points)?)
}

fn copy_modules(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().context("a module without a name")?;
        if path.is_dir() {
            if name != "__pycache__" {
                copy_modules(&path, &to.join(name))?;
            }
        } else if path.extension().is_none_or(|end| end != "so" && end != "pyd") {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// The tables `[project.entry-points.<group>]` of a `pyproject.toml`, as packages note them.
fn entry_points(manifest: &str) -> String {
    let mut noted = String::new();
    for table in manifest.split("\n[project.entry-points.").skip(1) {
        let table = table.split("\n[").next().unwrap_or_default();
        let mut lines = table.lines();
        let group = lines.next().unwrap_or_default().trim_end_matches(']').trim_matches('"');
        noted += &format!("[{group}]\n");
        for (name, object) in lines.filter_map(|line| line.split_once('=')) {
            noted += &format!("{} = {}\n", name.trim(), object.trim().trim_matches('"'));
        }
    }
    noted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_points_are_those_of_the_manifest() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let manifest = fs::read_to_string(root.join(MANIFEST)).unwrap();
        let expected = "[pytest11]\nstytch_m2m = stytch_m2m._pytest_plugin\n";
        assert_eq!(entry_points(&manifest), expected);
    }

    #[test]
    fn the_modules_are_copied_without_what_other_tools_left_among_them() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("part/__pycache__")).unwrap();
        for file in ["a.py", "py.typed", "_native.abi3.so", "part/b.py", "part/__pycache__/b.pyc"] {
            fs::write(from.join(file), file).unwrap();
        }
        copy_modules(&from, &to).unwrap();
        assert!(to.join("py.typed").exists() && to.join("part/b.py").exists());
        assert!(!to.join("_native.abi3.so").exists() && !to.join("part/__pycache__").exists());
    }
}
