//! Links from one file of the checkout to another: the file must be there, and the heading in it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::docs::REPOSITORY;
use crate::workspace::Workspace;

/// How what leaves the repository, as a package's README does, links to folders that stay in it.
const FOLDERS: &str = "https://github.com/stytch-m2m/stytch-m2m/tree/main/";

/// Checks every Markdown file that git knows.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"];
    let files = workspace.step("git").args(list).output()?;
    let (mut checked, mut broken) = (0, 0);
    for file in files.lines().map(Path::new) {
        let text = read(workspace.root(), file)?;
        for link in links(&text) {
            checked += 1;
            if let Err(why) = follow(workspace.root(), file, &text, link) {
                println!("{}: ({link}) {why:#}", file.display());
                broken += 1;
            }
        }
    }
    ensure!(broken == 0, "{broken} of {checked} links lead nowhere");
    println!("{checked} links between files");
    Ok(())
}

fn read(root: &Path, file: &Path) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {}", file.display()))
}

/// The targets of a page's links, without those to other hosts.
fn links(text: &str) -> Vec<&str> {
    let prose = outside_code(text);
    let inline = prose.iter().flat_map(|line| line.split("](").skip(1));
    let inline = inline.filter_map(|rest| rest.split([')', ' ']).next());
    let defined = prose.iter().filter_map(|line| {
        let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
        (!label.contains(']')).then(|| target.trim())
    });
    let leads_out = |target: &&str| {
        let own = [REPOSITORY, FOLDERS].iter().any(|start| target.starts_with(start));
        !own && (target.contains("://") || target.starts_with("mailto:"))
    };
    inline.chain(defined).filter(|target| !leads_out(target)).collect()
}

/// The lines of a page that are not within a block of code.
fn outside_code(text: &str) -> Vec<&str> {
    let mut within = false;
    let keep = |line: &&str| {
        let fence = line.trim_start().starts_with("```");
        within ^= fence;
        !within && !fence
    };
    text.lines().filter(keep).collect()
}

fn follow(root: &Path, file: &Path, text: &str, link: &str) -> Result<()> {
    if let Some(path) = link.strip_prefix(REPOSITORY).or_else(|| link.strip_prefix(FOLDERS)) {
        return follow(root, Path::new(""), text, path);
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return find(text, heading);
    }
    let target = normal(&file.parent().unwrap_or(Path::new("")).join(path))?;
    ensure!(root.join(&target).exists(), "there is no {}", target.display());
    match heading.is_empty() || target.extension() != Some("md".as_ref()) {
        true => Ok(()),
        false => find(&read(root, &target)?, heading),
    }
}

fn find(text: &str, heading: &str) -> Result<()> {
    ensure!(headings(text).contains(heading), "there is no heading #{heading}");
    Ok(())
}

/// The anchors of a page's headings, as GitHub and the guide make them.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = outside_code(text).into_iter();
    let titles = lines.filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    titles.map(anchor).collect()
}

fn anchor(title: &str) -> String {
    let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// `path` without `..`, which may not lead out of the checkout: packages would ship it broken.
fn normal(path: &Path) -> Result<PathBuf> {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => ensure!(normal.pop(), "it leads out of the checkout"),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# One `page`, and more

[there](other.md#two), [home](../README.md \"title\") and [out](https://example.com/a).

```sh
# no heading, and [no](link.md)
```

[ref]: #one-page-and-more
";

    #[test]
    fn links_are_found_in_prose() {
        assert_eq!(links(PAGE), ["other.md#two", "../README.md", "#one-page-and-more"]);
    }

    #[test]
    fn an_address_in_the_repository_is_a_link_between_files() {
        let page = format!("[a]({REPOSITORY}docs/other.md), [b]({FOLDERS}docs)");
        assert_eq!(links(&page).len(), 2);
        let root = tempfile::tempdir().unwrap();
        let broken = format!("{REPOSITORY}other.md");
        let error = follow(root.path(), Path::new("core/README.md"), &page, &broken).unwrap_err();
        assert_eq!(error.to_string(), "there is no other.md");
    }

    #[test]
    fn a_link_needs_its_file_and_its_heading() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("docs")).unwrap();
        fs::write(root.path().join("docs/other.md"), "## Two\n").unwrap();
        let follow = |link: &str| {
            let followed = follow(root.path(), Path::new("docs/page.md"), PAGE, link);
            followed.map_err(|error| error.to_string())
        };
        assert_eq!(follow("other.md#two"), Ok(()));
        assert_eq!(follow("#one-page-and-more"), Ok(()));
        assert_eq!(
            follow("#no-heading-and-nolinkmd").unwrap_err(),
            "there is no heading #no-heading-and-nolinkmd"
        );
        assert_eq!(follow("other.md#three").unwrap_err(), "there is no heading #three");
        assert_eq!(follow("../README.md").unwrap_err(), "there is no README.md");
        assert_eq!(follow("../../x").unwrap_err(), "it leads out of the checkout");
    }
}
