//! Writes `tests/vectors`, or with `--check` says whether it is what would be written.
//!
//! Each file holds tokens, the verifier's issuers with their key sets, and what each token must
//! get. Every language runs all of them. Keys and randomness are fixed, so that the files change only
//! when a case does.

mod cases;
mod corpus;
mod keys;
mod token;

use std::path::Path;

use anyhow::{Context, Result, bail};

#[expect(clippy::print_stdout, reason = "a program that reports")]
fn main() -> Result<()> {
    let check = std::env::args().any(|argument| argument == "--check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let keys = keys::Keys::load()?;
    let mut total = 0;
    let bearer = cases::bearer::file();
    let mut files = vec![("bearer", serde_json::to_string_pretty(&bearer)?, bearer.cases.len())];
    for file in cases::all(&keys)? {
        files.push((file.name, serde_json::to_string_pretty(&file)?, file.cases.len()));
    }
    for (name, mut text, cases) in files {
        let path = folder.join(name).with_extension("json");
        text.push('\n');
        if check {
            let there = std::fs::read_to_string(&path)
                .with_context(|| format!("tests/vectors/{name}.json is missing"))?;
            if there != text {
                bail!("tests/vectors/{name}.json is not what `cargo xtask vectors` writes");
            }
        } else {
            std::fs::write(&path, text)?;
        }
        println!("{name:<12}{cases:>4} cases");
        total += cases;
    }
    println!("{:<12}{total:>4} cases", "all");
    Ok(())
}
