//! `cargo xtask version`: one version, everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;

/// A version that every registry takes: three numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(String);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = |part: &str| part.parse::<u32>().is_ok_and(|n| n.to_string() == part);
        let parts: Vec<_> = text.split('.').collect();
        match parts.len() == 3 && parts.iter().all(|part| is_number(part)) {
            true => Ok(Self(text.to_owned())),
            false => Err("a version is three numbers, as in 1.2.3".to_owned()),
        }
    }
}

/// Where a file says the version: behind the last of these marks, each looked for behind the one
/// before it.
struct Place {
    file: &'static str,
    marks: &'static [&'static str],
    /// Wherever the last mark is, not only at the first.
    every: bool,
}

const fn once(file: &'static str, marks: &'static [&'static str]) -> Place {
    Place { file, marks, every: false }
}

const fn every(file: &'static str, marks: &'static [&'static str]) -> Place {
    Place { file, marks, every: true }
}

/// Python's package has Cargo's version, Swift's has its tag's, and Node's platform packages are
/// made from Node's own.
const PLACES: &[Place] = &[
    once("Cargo.toml", &["[workspace.package]", "version = \""]),
    once("Cargo.toml", &["\nstytch-m2m = {", "version = \"="]),
    once("Cargo.toml", &["\nstytch-m2m-emulator = {", "version = \""]),
    once("bindings/node/package.json", &["\"version\": \""]),
    once("bindings/node/package-lock.json", &["\"version\": \""]),
    once("bindings/node/package-lock.json", &["\"packages\": {", "\"version\": \""]),
    once("bindings/node/emulator/package.json", &["\"version\": \""]),
    every("bindings/node/native/index.js", &["bindingPackageVersion !== '"]),
    every("bindings/node/native/index.js", &["version mismatch, expected "]),
    once("examples/node/package-lock.json", &["\"../../bindings/node\": {", "\"version\": \""]),
    once("benches/node/package-lock.json", &["\"../../bindings/node\": {", "\"version\": \""]),
    once("bindings/kotlin/pom.xml", &["<artifactId>stytch-m2m</artifactId>", "<version>"]),
    once(
        "bindings/kotlin/emulator/pom.xml",
        &["<artifactId>stytch-m2m-emulator</artifactId>", "<version>"],
    ),
    once("examples/kotlin/pom.xml", &["<artifactId>stytch-m2m-examples</artifactId>", "<version>"]),
    once("examples/kotlin/servers/pom.xml", &["m-servers</artifactId>", "<version>"]),
    once("examples/kotlin/servers/pom.xml", &["<artifactId>stytch-m2m</artifactId>", "<version>"]),
    once("benches/kotlin/pom.xml", &["m-benches</artifactId>", "<version>"]),
    once("benches/kotlin/pom.xml", &["<artifactId>stytch-m2m</artifactId>", "<version>"]),
    once("examples/kotlin/spring-boot-3/pom.xml", &["m-spring-boot-3</artifactId>", "<version>"]),
    once(
        "examples/kotlin/spring-boot-3/pom.xml",
        &["<artifactId>stytch-m2m</artifactId>", "<version>"],
    ),
];

const LOCK: &str = "Cargo.lock";

/// Gives every package `version`; without one, prints the version on which they all agree.
pub(crate) fn run(workspace: &Workspace, version: Option<&Version>) -> Result<()> {
    let Some(Version(version)) = version else {
        println!("{}", current(workspace)?);
        return Ok(());
    };
    let mut files = read(workspace)?;
    for (file, text) in &mut files {
        for range in places(file, text)?.into_iter().rev() {
            text.replace_range(range, version);
        }
        fs::write(workspace.path(file), text).with_context(|| format!("cannot write {file}"))?;
    }
    Ok(())
}

/// The version of all packages, on which they must agree.
pub(crate) fn current(workspace: &Workspace) -> Result<String> {
    agreed(&read(workspace)?)
}

fn read(workspace: &Workspace) -> Result<BTreeMap<&'static str, String>> {
    let files = PLACES.iter().map(|place| place.file).chain([LOCK]);
    let read = |file| {
        let text = fs::read_to_string(workspace.path(file));
        Ok((file, text.with_context(|| format!("cannot read {file}"))?))
    };
    files.map(read).collect()
}

fn agreed(files: &BTreeMap<&'static str, String>) -> Result<String> {
    let mut found: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, text) in files {
        for range in places(file, text)? {
            found.insert(text.get(range).unwrap_or_default(), file);
        }
    }
    let all: Vec<_> = found.iter().map(|(version, file)| format!("{version} in {file}")).collect();
    ensure!(found.len() == 1, "the packages have several versions: {}", all.join(", "));
    Ok(found.into_keys().collect())
}

/// Where in `text`, which is that of `file`, the version is: from front to back.
fn places(file: &str, text: &str) -> Result<Vec<Range<usize>>> {
    let mut all = Vec::new();
    for place in PLACES.iter().filter(|place| place.file == file) {
        let found = place.find(text);
        ensure!(!found.is_empty(), "{file} does not say the version behind {:?}", place.marks);
        all.extend(found);
    }
    if file == LOCK {
        all.extend(own_packages(text));
    }
    all.sort_by_key(|range| range.start);
    all.dedup();
    match all.windows(2).find(|pair| matches!(pair, [a, b] if a.end > b.start)) {
        Some(_) => bail!("{file} says the version in places that overlap"),
        None => Ok(all),
    }
}

impl Place {
    fn find(&self, text: &str) -> Vec<Range<usize>> {
        let Some((last, first)) = self.marks.split_last() else { return Vec::new() };
        let start = first.iter().try_fold(0, |from, mark| after(text, from, mark));
        let next = |from: &usize| after(text, *from, last);
        let starts = std::iter::successors(start.and_then(|from| next(&from)), next);
        let limit = if self.every { usize::MAX } else { 1 };
        starts.take(limit).map(|start| version_at(text, start)).collect()
    }
}

/// The versions of the workspace's own packages in a Cargo.lock: those that come from nowhere.
fn own_packages(text: &str) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut found = Vec::new();
    while let Some(start) = after(text, from, "[[package]]") {
        let end = after(text, start, "[[package]]").unwrap_or(text.len());
        let package = text.get(start..end).unwrap_or_default();
        if !package.contains("\nsource = ") {
            found.extend(after(text, start, "\nversion = \"").map(|at| version_at(text, at)));
        }
        from = start;
    }
    found
}

/// Behind the next `mark` from `from` on.
fn after(text: &str, from: usize, mark: &str) -> Option<usize> {
    Some(from + text.get(from..)?.find(mark)? + mark.len())
}

fn version_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    start..start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers() {
        assert_eq!("10.0.3".parse(), Ok(Version("10.0.3".to_owned())));
        for wrong in ["1.2", "1.2.3.4", "v1.2.3", "1.2.3-rc.1", "1..3", "01.2.3", "+1.2.3", ""] {
            assert!(Version::from_str(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn others_packages_keep_their_versions_in_the_lock() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\n\
            version = \"2.0.0\"\nsource = \"registry\"\n\n[[package]]\nname = \"c\"\n\
            version = \"3.0.0\"\ndependencies = []\n";
        let found: Vec<_> = own_packages(lock).into_iter().map(|at| &lock[at]).collect();
        assert_eq!(found, ["1.0.0", "3.0.0"]);
    }
}
