//! `cargo xtask docs`: the guide, and in it each language's reference.

mod llms;
mod providers;
mod site;
mod snippets;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum as _;

use crate::language::Language;
use crate::workspace::Workspace;

/// What is outside of `docs/` is read there.
pub(crate) const REPOSITORY: &str = "https://github.com/stytch-m2m/stytch-m2m/blob/main/";

/// What the repository and each package say of themselves.
const READMES: [&str; 8] = [
    "README.md",
    "core/README.md",
    "cli/README.md",
    "emulator/README.md",
    "bindings/python/README.md",
    "bindings/node/README.md",
    "bindings/kotlin/README.md",
    "bindings/swift/README.md",
];

/// Builds them into the build output; with `fill` it only puts the programs into the pages.
pub(crate) fn run(workspace: &Workspace, fill: bool) -> Result<()> {
    if fill {
        return fill_pages(workspace);
    }
    let mut references = Vec::new();
    for language in Language::value_variants() {
        let reference = language.package().reference(workspace)?;
        references.extend(reference.map(|folder| (language.to_string(), folder)));
    }
    let site = site::build(workspace, &references)?;
    println!("the guide is in {}", site.display());
    Ok(())
}

fn fill_pages(workspace: &Workspace) -> Result<()> {
    let mut pages = pages(workspace)?;
    pages.extend(READMES.map(|readme| workspace.path(readme)));
    for page in pages {
        let text = read(&page)?;
        let filled = snippets::filled(workspace.root(), &text)
            .and_then(|text| providers::filled(workspace.root(), &text))
            .with_context(|| format!("in {}", page.display()))?;
        if filled != text {
            fs::write(&page, filled).with_context(|| format!("cannot write {}", page.display()))?;
            println!("filled {}", page.display());
        }
    }
    Ok(())
}

/// The guide's pages.
fn pages(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(workspace.path("docs")).context("cannot read docs")?;
    let mut pages: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    pages.retain(|path| path.extension() == Some("md".as_ref()));
    pages.sort();
    Ok(pages)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A page whose links out of `docs/` lead to the repository.
fn outward(page: &str) -> String {
    page.replace("](../", &format!("]({REPOSITORY}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packages_readme_has_no_links_that_its_registry_would_break() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for readme in READMES.into_iter().skip(1) {
            let text = read(&root.join(readme)).unwrap();
            let targets = text.split("](").skip(1);
            let mut relative = targets.filter(|target| !target.starts_with(['#', 'h']));
            assert_eq!(relative.next(), None, "in {readme}");
        }
    }

    #[test]
    fn links_out_of_the_guide_lead_to_the_repository() {
        let shown = outward("[a](../core/src/lib.rs) [b](errors.md)");
        assert_eq!(shown, format!("[a]({REPOSITORY}core/src/lib.rs) [b](errors.md)"));
    }
}
