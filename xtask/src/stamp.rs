//! What need not be done again, since what it depends on is as it was.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Does `work`, unless that was done with this `recipe`, and what it `made` is still there.
pub(crate) fn unless_done(
    workspace: &Workspace,
    made: &Path,
    recipe: &str,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let name = made.strip_prefix(workspace.root()).unwrap_or(made).to_string_lossy();
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    unless_done_in(&workspace.target("xtask/done"), &name, made, recipe, work)
}

/// A recipe that is another one when a file below these folders is written, added or removed.
pub(crate) fn files(paths: &[PathBuf]) -> Result<String> {
    let mut listed = Vec::new();
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        let about = fs::metadata(&path).with_context(|| format!("no {}", path.display()))?;
        if about.is_dir() {
            let entries = fs::read_dir(&path)?.map(|entry| entry.map(|entry| entry.path()));
            open.extend(entries.collect::<Result<Vec<_>, _>>()?);
        } else {
            listed.push(format!("{} {} {:?}\n", path.display(), about.len(), about.modified()?));
        }
    }
    listed.sort();
    Ok(listed.concat())
}

fn unless_done_in(
    folder: &Path,
    name: &str,
    made: &Path,
    recipe: &str,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = folder.join(name);
    if made.exists() && fs::read_to_string(&stamp).is_ok_and(|done| done == recipe) {
        return Ok(());
    }
    // What is interrupted is not done.
    let _ = fs::remove_file(&stamp);
    work()?;
    fs::create_dir_all(folder)?;
    fs::write(&stamp, recipe).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn it_is_done_again_when_something_changed_or_went_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made");
        let done = |recipe: &str, works: bool| {
            let mut did = false;
            let result = unless_done_in(&folder.path().join("done"), "it", &made, recipe, || {
                did = true;
                fs::write(&made, recipe)?;
                if works { Ok(()) } else { bail!("interrupted") }
            });
            (did, result.is_ok())
        };
        assert_eq!(done("one", true), (true, true));
        assert_eq!(done("one", true), (false, true));
        assert_eq!(done("two", false), (true, false));
        assert_eq!(done("one", true), (true, true));
        fs::remove_file(&made).unwrap();
        assert_eq!(done("one", true), (true, true));
    }

    #[test]
    fn files_that_change_change_the_recipe() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().to_owned()];
        let mut recipes = vec![files(&paths).unwrap()];
        fs::create_dir(folder.path().join("in")).unwrap();
        for (name, text) in [("a", "1"), ("in/b", "1"), ("in/b", "12")] {
            fs::write(folder.path().join(name), text).unwrap();
            recipes.push(files(&paths).unwrap());
        }
        assert_eq!(files(&paths).unwrap(), *recipes.last().unwrap());
        recipes.dedup();
        assert_eq!(recipes.len(), 4);
        assert!(files(&[folder.path().join("none")]).is_err());
    }
}
