//! The guide as pages for a browser, which need nothing from any other host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{llms, outward, pages, read, snippets};
use crate::tool;
use crate::workspace::Workspace;

/// Builds it, and returns where it is.
pub(super) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("guide");
    let (sources, site) = (folder.join("docs"), folder.join("site"));
    for stale in [&sources, &site] {
        if stale.exists() {
            fs::remove_dir_all(stale)?;
        }
    }
    fs::create_dir_all(&sources)?;
    fs::copy(workspace.path("mkdocs.yml"), folder.join("mkdocs.yml"))?;
    fs::copy(workspace.path("docs/guide.css"), sources.join("guide.css"))?;
    for page in pages(workspace)? {
        let name = page.file_name().context("a page without a name")?;
        let text = snippets::tabbed(&outward(&read(&page)?))
            .with_context(|| format!("in {}", page.display()))?;
        fs::write(sources.join(name), text)?;
    }

    let build = tool::python(workspace)?.step("zensical").args(["build", "--strict", "--clean"]);
    build.dir(&folder).run()?;
    llms::write(workspace, &site)?;
    let checked = needs_no_other_host(&site)?;
    ensure!(checked >= pages(workspace)?.len(), "only {checked} pages were built");
    Ok(site)
}

/// Checks that no page of the site loads anything from elsewhere, and returns how many there are.
fn needs_no_other_host(folder: &Path) -> Result<usize> {
    let mut pages = 0;
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages += needs_no_other_host(&path)?;
        } else if path.extension() == Some("html".as_ref()) {
            let text = read(&path)?;
            let loads = loads_from_elsewhere(&text);
            ensure!(loads.is_none(), "{} loads {}", path.display(), loads.unwrap_or_default());
            pages += 1;
        }
    }
    Ok(pages)
}

/// The first script, style, font or image of a page that is on another host.
fn loads_from_elsewhere(page: &str) -> Option<&str> {
    let tags = page.split('<').filter(|tag| {
        let link = tag.starts_with("link ") && !tag.contains("rel=\"canonical\"");
        link || ["script ", "img ", "iframe "].iter().any(|kind| tag.starts_with(kind))
    });
    let sources = tags.flat_map(|tag| tag.split([' ', '>'])).filter_map(|attribute| {
        attribute.strip_prefix("src=").or_else(|| attribute.strip_prefix("href="))
    });
    let trimmed = sources.map(|source| source.trim_matches(['"', '\'']));
    trimmed.into_iter().find(|source| source.starts_with("http") || source.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_loads_from_elsewhere_is_found() {
        let own = r#"<link href="a.css" rel="stylesheet"><a href="https://stytch.com">S</a>"#;
        assert_eq!(loads_from_elsewhere(own), None);
        let canonical = r#"<link rel="canonical" href="https://docs.example/">"#;
        assert_eq!(loads_from_elsewhere(canonical), None);
        let font = r#"<link rel="stylesheet" href="https://fonts.example/x">"#;
        assert_eq!(loads_from_elsewhere(font), Some("https://fonts.example/x"));
        assert_eq!(loads_from_elsewhere("<script src=//x.example/y>"), Some("//x.example/y"));
    }
}
