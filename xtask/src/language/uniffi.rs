//! What Kotlin and Swift share: one library, and the code generated for it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compile;
use crate::step::Step;
use crate::workspace::Workspace;

const CRATE: &str = "stytch-m2m-uniffi";
const BINDGEN: &str = "stytch-m2m-uniffi-bindgen";

/// Builds the library as it ships, with the program `bindgen`, and returns where it is.
pub(super) fn build_release(workspace: &Workspace, bindgen: &str) -> Result<PathBuf> {
    let compile = workspace.cargo().args(["build", "--release", "--locked", "--package", CRATE]);
    compile.named("compile the library, optimized").run()?;
    let generator = ["build", "--locked", "--package", BINDGEN, "--bin", bindgen];
    workspace.cargo().args(generator).named("compile the generator of its code").run()?;
    Ok(library(workspace, "release"))
}

/// Where the compiled library is.
pub(super) fn library(workspace: &Workspace, profile: &str) -> PathBuf {
    compile::library(workspace, profile, &CRATE.replace('-', "_"))
}

/// The program `name`, which generates code for a library.
pub(super) fn bindgen(workspace: &Workspace, name: &str) -> Step {
    compile::step(workspace, name).named("generate the code over the library")
}

/// Copies the file `from` into the folder `to`, unless it is there: build tools go by times.
pub(super) fn copy_changed(from: &Path, to: &Path) -> Result<()> {
    let copy = to.join(from.file_name().context("not a file")?);
    let content = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(&copy).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::create_dir_all(to)
        .and_then(|()| fs::write(&copy, content))
        .with_context(|| format!("cannot write {}", copy.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unchanged_file_keeps_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("library.so"), dir.path().join("native"));
        let time = || fs::metadata(to.join("library.so")).unwrap().modified().unwrap();

        fs::write(&from, "one").unwrap();
        copy_changed(&from, &to).unwrap();
        let first = time();
        copy_changed(&from, &to).unwrap();
        assert_eq!(time(), first);

        fs::write(&from, "two").unwrap();
        copy_changed(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("library.so")).unwrap(), "two");
    }
}
