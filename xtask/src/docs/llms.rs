//! The guide for language models: `llms.txt` lists its pages, `llms-full.txt` is all of them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{outward, read};
use crate::workspace::Workspace;

const ABOUT: &str = "Machine-to-machine authentication on Stytch for Rust, Python, Node, Kotlin \
    and Swift: manage M2M clients, fetch access tokens once and reuse them, verify them locally. \
    The same operations, settings and error codes in every language. \
    Unofficial: not made or endorsed by Stytch.";

/// Writes both into the site.
pub(super) fn write(workspace: &Workspace, site: &Path) -> Result<()> {
    let settings = read(&workspace.path("mkdocs.yml"))?;
    let address = settings.lines().find_map(|line| line.strip_prefix("site_url: "));
    let address = address.context("mkdocs.yml has no site_url")?;
    let mut list = format!("# stytch-m2m\n\n> {ABOUT}\n\n## Guide\n\n");
    let mut full = format!("# stytch-m2m\n\n> {ABOUT}\n");
    for (title, file) in navigation(&settings) {
        let page = outward(&read(&workspace.path("docs").join(file))?);
        let name = file.trim_end_matches(".md").trim_end_matches("index");
        let slash = if name.is_empty() { "" } else { "/" };
        list += &format!("- [{title}]({address}{name}{slash}): {}\n", first_sentence(&page));
        full += &format!("\n\n{}", without_comments(&page).trim());
    }
    list += &format!("\n## Everything\n\n- [The whole guide as text]({address}llms-full.txt)\n");
    fs::write(site.join("llms.txt"), list)?;
    fs::write(site.join("llms-full.txt"), full + "\n")?;
    Ok(())
}

/// Titles and files, in order.
fn navigation(settings: &str) -> Vec<(&str, &str)> {
    let (_, navigation) = settings.split_once("\nnav:\n").unwrap_or_default();
    let lines = navigation.lines().take_while(|line| line.starts_with(' '));
    let entries = lines.filter_map(|line| line.trim().strip_prefix("- ")?.split_once(": "));
    entries.filter(|(_, file)| file.ends_with(".md")).collect()
}

/// Of a page's first paragraph.
fn first_sentence(page: &str) -> String {
    let mut paragraphs = page.split("\n\n").map(str::trim);
    let prose = |text: &&str| !text.is_empty() && !text.starts_with(['#', '<', '|', '`']);
    let paragraph = paragraphs.find(prose).unwrap_or_default().replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    without_links(paragraph.get(..end).unwrap_or_default().trim_end_matches(':'))
}

/// The text of links in their place.
fn without_links(text: &str) -> String {
    let mut pieces = text.split('[');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| match piece.split_once("](") {
        Some((name, rest)) => plain + name + rest.split_once(')').map_or("", |(_, rest)| rest),
        None => plain + "[" + piece,
    })
}

fn without_comments(page: &str) -> String {
    let kept = page
        .lines()
        .filter(|line| !["<!-- run: ", "::: "].iter().any(|mark| line.starts_with(mark)));
    kept.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_in_the_order_of_the_navigation() {
        let settings = "site_name: x\nnav:\n  - Start: index.md\n  - More:\n    - B: b.md\ntheme:\n  a: b.md\n";
        assert_eq!(navigation(settings), [("Start", "index.md"), ("B", "b.md")]);
    }

    #[test]
    fn a_page_is_told_by_its_first_sentence() {
        assert_eq!(first_sentence("# T\n\nOne\ntwo. Three.\n"), "One two.");
        assert_eq!(first_sentence("# T\n\nAs follows:\n"), "As follows");
        assert_eq!(first_sentence("# T\n\nA [b](c.md), [0]. D.\n"), "A b, [0].");
    }
}
