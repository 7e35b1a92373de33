//! `docs/benchmarks.md`: a section a language, each with the machine that it was measured on.

use std::env::consts::ARCH;
use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, Result};
use clap::ValueEnum as _;

use crate::language::Language;
use crate::workspace::Workspace;

const PAGE: &str = "docs/benchmarks.md";
const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench`. Medians of interleaved rounds, the key set in memory, every token checked fully; `raw` is
the bare RS256 signature check by AWS-LC, its key parsed before, in the same rounds. What counts is the ratio to it: the
times are one machine's. What each work is, and how it is measured, is in [benches](../benches/README.md).
";

/// The page, in parts.
pub(super) struct Page {
    path: PathBuf,
    sections: Vec<(Language, String)>,
}

impl Page {
    /// The page as it is, if there is one.
    pub(super) fn open(workspace: &Workspace) -> Result<Self> {
        let path = workspace.path(PAGE);
        let text = fs::read_to_string(&path).unwrap_or_default();
        Ok(Self { path, sections: sections(&text) })
    }

    /// With this section of a language, in place of the one that was there.
    pub(super) fn with(mut self, language: Language, section: &str) -> Self {
        self.sections.retain(|(of, _)| *of != language);
        self.sections.push((language, format!("{}\n\n{section}", machine())));
        self.sections.sort_by_key(|(of, _)| *of);
        self
    }

    /// Writes it.
    pub(super) fn write(self) -> Result<()> {
        let mut text = HEAD.to_owned();
        for (language, section) in &self.sections {
            text += &format!("\n## {language}\n\n{}\n", section.trim());
        }
        fs::write(&self.path, text).with_context(|| format!("cannot write {PAGE}"))
    }
}

fn sections(text: &str) -> Vec<(Language, String)> {
    let parts = text.split("\n## ").skip(1);
    let named = parts.filter_map(|part| {
        let (name, section) = part.split_once('\n')?;
        Some((Language::from_str(name.trim(), true).ok()?, section.trim().to_owned()))
    });
    named.collect()
}

/// The processor, as far as the system says.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name.unwrap_or(ARCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_takes_the_place_of_its_own_section_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.md");
        let page = |text: &str| Page { path: path.clone(), sections: sections(text) };
        page("").with(Language::Node, "one").with(Language::Rust, "two").write().unwrap();
        page(&fs::read_to_string(&path).unwrap()).with(Language::Node, "three").write().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let found: Vec<_> = sections(&text).into_iter().map(|(language, _)| language).collect();
        assert_eq!(found, [Language::Rust, Language::Node]);
        assert!(text.contains("two") && text.contains("three") && !text.contains("one\n"));
    }
}
