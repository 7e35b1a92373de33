//! Which file of a crate uses which other: no two may use each other, not even by way of a third.
//!
//! A file uses another if it names an item that the other defines, in whatever way: in a `use`, by a
//! path, in a macro. A re-export is looked through: who takes an item from a module that only passes it
//! on uses the file that defines it, so that `mod child;` and `pub use child::Item;` are no use of the
//! child. A file and those in its own folder belong together: it may use them and they may use it, but
//! not each other, nor it by way of a file elsewhere. Tests are left out: they may use everything.

mod circles;
mod source;

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::Value;

use self::circles::circles;
use self::source::Crate;
use crate::workspace::Workspace;

/// Checks every library and program of the workspace.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let list = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let metadata: Value = serde_json::from_str(&workspace.cargo().args(list).output()?)?;
    let (mut files, mut found) = (0, 0);
    for root in roots(&metadata) {
        let uses = Crate::read(Path::new(root))?.uses();
        files += uses.len();
        for circle in circles(&uses) {
            let place = Path::new(root).strip_prefix(workspace.root()).unwrap_or(Path::new(root));
            println!("{}: {} files form a circle", place.display(), circle.len());
            for (file, of) in circle.iter().filter_map(|file| Some((file, uses.get(*file)?))) {
                for (other, what) in of.iter().filter(|(other, _)| circle.contains(&other.as_str()))
                {
                    println!("  {file} uses {other}: {what}");
                }
            }
            found += 1;
        }
    }
    ensure!(found == 0, "{found} circles of files that use each other");
    println!("{files} files, and no circle among them");
    Ok(())
}

/// The root files of the workspace's libraries and programs.
fn roots(metadata: &Value) -> Vec<&str> {
    fn list<'v>(value: &'v Value, name: &str) -> Option<&'v Vec<Value>> {
        value.get(name).and_then(Value::as_array)
    }
    let packages = list(metadata, "packages").into_iter().flatten();
    let targets = packages.filter_map(|package| list(package, "targets")).flatten();
    let is_product = |target: &&Value| {
        let mut kinds = list(target, "kind").into_iter().flatten().filter_map(Value::as_str);
        kinds.any(|kind| kind == "bin" || kind.ends_with("lib"))
    };
    targets.filter(is_product).filter_map(|target| target.get("src_path")?.as_str()).collect()
}
