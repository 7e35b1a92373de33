//! What a reader may paste is what the tests run: each block of README.md behind a comment that
//! names a file is that file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

#[test]
fn the_quickstarts_are_the_programs_that_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let mut compared = 0;
    for piece in readme.split("<!-- run: ").skip(1) {
        let (path, rest) = piece.split_once(" -->").unwrap();
        let (_, block) = rest.split_once("```").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        let (_, shown) = block.split_once('\n').unwrap();
        let file = fs::read_to_string(root.join(path)).unwrap();
        assert_eq!(shown, file, "README.md shows another text than {path} has");
        compared += 1;
    }
    assert_eq!(compared, 5, "one quickstart a language");
}
