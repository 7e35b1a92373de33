//! Code in pages, which is code that the tests run.
//!
//! `<!-- run: path -->` before a block says that it is this file; `path#name`, that it is what stands
//! in the file between a line with `[name]` and the next with `[end]`; `path | Title`, what its tab is
//! called. Blocks that follow each other are tabs in the guide.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

const MARK: &str = "<!-- run: ";

/// A block and its comment, within a page.
struct Snippet<'p> {
    /// Of the text before it: up to the comment.
    before: &'p str,
    /// The comment's line.
    comment: &'p str,
    path: &'p str,
    title: Option<&'p str>,
    /// White space.
    gap: &'p str,
    /// What is behind the block's opening fence.
    language: &'p str,
    code: &'p str,
}

/// The snippets of a page, and what follows the last one.
fn snippets(page: &str) -> Result<(Vec<Snippet<'_>>, &str)> {
    let (mut found, mut rest) = (Vec::new(), page);
    while let Some((before, from)) = rest.split_once(MARK) {
        let (what, behind) = from.split_once(" -->").context("an unfinished `<!-- run`")?;
        let (gap, block) = behind.split_once("```").with_context(|| format!("no block: {what}"))?;
        anyhow::ensure!(gap.trim().is_empty(), "text between {what} and its block");
        let (language, block) = block.split_once('\n').context("an unfinished block")?;
        let (code, after) = match block.strip_prefix("```") {
            Some(after) => ("", after), // Not filled yet.
            None => block.split_once("\n```").context("an unfinished block")?,
        };
        let (path, title) = match what.split_once(" | ") {
            Some((path, title)) => (path, Some(title)),
            None => (what, None),
        };
        found.push(Snippet { before, comment: what, path, title, gap, language, code });
        rest = after;
    }
    Ok((found, rest))
}

/// The page with each block as its file has it.
pub(super) fn filled(root: &Path, page: &str) -> Result<String> {
    let (snippets, rest) = snippets(page)?;
    let mut filled = String::new();
    for Snippet { before, comment, path, gap, language, .. } in snippets {
        let code = code(root, path)?;
        filled += &format!("{before}{MARK}{comment} -->{gap}```{language}\n{code}\n```");
    }
    Ok(filled + rest)
}

/// What a snippet's `path` names.
fn code(root: &Path, path: &str) -> Result<String> {
    let (file, name) = path.split_once('#').unwrap_or((path, ""));
    let text =
        fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))?;
    if name.is_empty() {
        return Ok(text.trim_end().to_owned());
    }
    let (start, end) = (format!("[{name}]"), "[end]");
    let lines = text.lines().skip_while(|line| !line.ends_with(&start)).skip(1);
    let lines: Vec<_> = lines.take_while(|line| !line.ends_with(end)).collect();
    anyhow::ensure!(!lines.is_empty(), "{file} has no {start}");
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let least = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<_> = lines.iter().map(|line| line.get(least..).unwrap_or_default()).collect();
    Ok(lines.join("\n").trim_end().to_owned())
}

/// The page with blocks that follow each other as tabs.
pub(super) fn tabbed(page: &str) -> Result<String> {
    let (snippets, rest) = snippets(page)?;
    let mut tabbed = String::new();
    let follows = |index: usize| {
        index > 0 && snippets.get(index).is_some_and(|next| next.before.trim().is_empty())
    };
    for (index, snippet) in snippets.iter().enumerate() {
        let Snippet { before, language, code, .. } = snippet;
        if !follows(index) {
            tabbed += before;
        }
        if follows(index) || follows(index + 1) {
            let title = snippet.title.unwrap_or_else(|| name(language));
            tabbed += &format!("=== \"{title}\"\n\n");
            for line in format!("```{language}\n{code}\n```").lines() {
                tabbed += if line.is_empty() { "" } else { "    " };
                tabbed += &format!("{line}\n");
            }
            tabbed.push('\n');
        } else {
            tabbed += &format!("```{language}\n{code}\n```");
        }
    }
    Ok(tabbed + rest)
}

fn name(language: &str) -> &str {
    match language {
        "rust" => "Rust",
        "python" => "Python",
        "js" => "Node",
        "kotlin" => "Kotlin",
        "swift" => "Swift",
        "java" => "Java",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// Compares a page with the files that it shows, and returns how many it shows.
    fn compare(page: &Path) -> usize {
        let text = fs::read_to_string(page).unwrap();
        let filled = filled(root(), &text).unwrap();
        assert!(text == filled, "{}: run `cargo xtask docs --fill`", page.display());
        snippets(&text).unwrap().0.len()
    }

    #[test]
    fn the_quickstarts_are_the_programs_that_run() {
        assert_eq!(compare(&root().join("README.md")), 5, "one quickstart a language");
    }

    #[test]
    fn an_empty_block_is_filled_and_nothing_behind_it_is_lost() {
        let page = "<!-- run: rustfmt.toml -->\n```toml\n```\nbehind\n```\nanother\n```\n";
        let filled = filled(root(), page).unwrap();
        assert!(filled.starts_with("<!-- run: rustfmt.toml -->\n```toml\n"), "{filled}");
        assert!(filled.ends_with("\n```\nbehind\n```\nanother\n```\n"), "{filled}");
    }

    #[test]
    fn what_the_packages_show_is_what_runs() {
        let compared = super::super::READMES.map(|readme| compare(&root().join(readme)));
        assert!(compared.iter().sum::<usize>() > 25, "{compared:?}");
    }

    #[test]
    fn the_guides_snippets_are_files_that_run() {
        let pages = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
        let pages = pages.filter(|path| path.extension() == Some("md".as_ref()));
        let compared: usize = pages.map(|page| compare(&page)).sum();
        assert!(compared > 50, "only {compared} snippets");
    }

    #[test]
    fn a_named_piece_is_taken_out_of_its_place() {
        let root = tempfile::tempdir().unwrap();
        let text =
            "def f():\n    # [one]\n    if x:\n        y()\n\n    # [end]\n# [two]\nz\n# [end]\n";
        fs::write(root.path().join("a.py"), text).unwrap();
        assert_eq!(code(root.path(), "a.py#one").unwrap(), "if x:\n    y()");
        assert_eq!(code(root.path(), "a.py#two").unwrap(), "z");
        assert!(code(root.path(), "a.py#three").is_err());
    }

    #[test]
    fn blocks_that_follow_each_other_become_tabs() {
        let page = "A\n\n<!-- run: a.rs -->\n```rust\none\n\ntwo\n```\n\n<!-- run: b.js | Express -->\n\
            ```js\nthree\n```\n\nB\n\n<!-- run: c.sh -->\n```sh\nfour\n```\n";
        let expected = "A\n\n=== \"Rust\"\n\n    ```rust\n    one\n\n    two\n    ```\n\n\
            === \"Express\"\n\n    ```js\n    three\n    ```\n\n\n\nB\n\n```sh\nfour\n```\n";
        assert_eq!(tabbed(page).unwrap(), expected);
    }
}
