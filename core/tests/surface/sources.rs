//! What the crate's sources declare.

use std::path::{Path, PathBuf};

pub(crate) fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let texts = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    texts.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

/// The public methods in the `impl` blocks of a type, of a text as rustfmt leaves it.
pub(crate) fn methods(text: &str, of: &str) -> Vec<String> {
    let start = format!("\nimpl {of} {{\n");
    let blocks = text.split(&start).skip(1);
    let lines = blocks.flat_map(|rest| rest.split("\n}\n").next().unwrap().lines());
    let public = lines.filter_map(|line| {
        let rest = line.strip_prefix("    pub ")?;
        rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")
    });
    let ends = |c: char| !c.is_alphanumeric() && c != '_';
    public.filter_map(|rest| rest.split(ends).next()).map(str::to_owned).collect()
}
