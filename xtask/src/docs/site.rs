//! The guide as pages for a browser, which need nothing from any other host.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{llms, outward, pages, read, snippets};
use crate::tool;
use crate::workspace::Workspace;

/// Where it will be, and references within it.
const REFERENCE: &str = "https://stytch-m2m.github.io/stytch-m2m/reference/";

/// Builds it with these references in it, and returns where it is.
pub(super) fn build(workspace: &Workspace, references: &[(String, PathBuf)]) -> Result<PathBuf> {
    let folder = workspace.target("guide");
    let (sources, site) = (folder.join("docs"), folder.join("site"));
    for stale in [&sources, &site] {
        if stale.exists() {
            fs::remove_dir_all(stale)?;
        }
    }
    fs::create_dir_all(&sources)?;
    let settings = read(&workspace.path("mkdocs.yml"))?;
    let python = format!("paths: [{}/", workspace.root().display());
    fs::write(folder.join("mkdocs.yml"), settings.replace("paths: [", &python))?;
    fs::copy(workspace.path("docs/guide.css"), sources.join("guide.css"))?;
    for page in pages(workspace)? {
        let name = page.file_name().context("a page without a name")?;
        let text = snippets::tabbed(&outward(&read(&page)?))
            .with_context(|| format!("in {}", page.display()))?;
        fs::write(sources.join(name), text.replace(REFERENCE, "reference/"))?;
    }

    let build = tool::python(workspace)?.step("zensical").args(["build", "--strict", "--clean"]);
    build.dir(&folder).run()?;
    llms::write(workspace, &site)?;
    for (language, reference) in references {
        copy(reference, &site.join("reference").join(language))?;
    }
    let checked = needs_no_other_host(&site)?;
    ensure!(checked >= pages(workspace)?.len(), "only {checked} pages were built");
    Ok(site)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(from, to)?;
        }
    }
    Ok(())
}

/// Checks that nothing is loaded from elsewhere, and returns how many pages there are.
fn needs_no_other_host(folder: &Path) -> Result<usize> {
    let mut pages = 0;
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages += needs_no_other_host(&path)?;
        } else if let Some(loads) = loads(&path) {
            let text = read(&path)?;
            let loads = loads(&text);
            ensure!(loads.is_none(), "{} loads {}", path.display(), loads.unwrap_or_default());
            pages += usize::from(path.extension() == Some("html".as_ref()));
        }
    }
    Ok(pages)
}

/// What finds that out about a file of this kind.
fn loads(path: &Path) -> Option<fn(&str) -> Option<&str>> {
    match path.extension()?.to_str()? {
        "html" => Some(loads_from_elsewhere),
        "css" => Some(styled_from_elsewhere),
        _ => None,
    }
}

/// The first font, image or style of a style sheet that is on another host.
fn styled_from_elsewhere(style: &str) -> Option<&str> {
    let after = style.split("url(").skip(1).chain(style.split("@import ").skip(1));
    let targets = after.filter_map(|rest| rest.split([')', ';']).next());
    let mut trimmed = targets.map(|target| target.trim_matches(['"', '\'', ' ']));
    trimmed.find(|target| target.starts_with("http") || target.starts_with("//"))
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
        let svg = r#"a { background: url("data:image/svg+xml;utf8,http") } @import "b.css";"#;
        assert_eq!(styled_from_elsewhere(svg), None);
        let font = "@font-face { src: url(https://fonts.example/x) }";
        assert_eq!(styled_from_elsewhere(font), Some("https://fonts.example/x"));
        assert_eq!(styled_from_elsewhere("@import '//x.example/y';"), Some("//x.example/y"));
    }
}
