//! What a reader may paste is what the tests run: in README.md and in docs/, each block behind a
//! comment that names a file is that file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Compares the blocks of a page, and returns how many there are.
fn compare(page: &Path) -> usize {
    let text = fs::read_to_string(page).unwrap();
    let pieces = text.split("<!-- run: ").skip(1).map(|piece| {
        let (path, rest) = piece.split_once(" -->").unwrap();
        let (_, block) = rest.split_once("```").unwrap();
        let (block, _) = block.split_once("\n```").unwrap();
        let (_, shown) = block.split_once('\n').unwrap();
        let file = fs::read_to_string(root().join(path)).unwrap();
        assert_eq!(shown, file.trim_end(), "{} shows another text than {path}", page.display());
    });
    pieces.count()
}

#[test]
fn the_quickstarts_are_the_programs_that_run() {
    assert_eq!(compare(&root().join("README.md")), 5, "one quickstart a language");
}

#[test]
fn the_guides_snippets_are_files_that_run() {
    let pages = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<PathBuf> =
        pages.filter(|path| path.extension() == Some("md".as_ref())).collect();
    let compared: usize = pages.iter().map(|page| compare(page)).sum();
    assert!(compared > 0, "no snippets in {pages:?}");
}
