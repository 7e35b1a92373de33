//! Debian's packages: where this machine gets them from, and installing one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::step::is_installed;
use crate::workspace::Workspace;

const DEBIAN_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A Debian archive, as this machine's own sources name it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Archive {
    /// Its address.
    pub(crate) uri: String,
    /// The keys that sign it.
    pub(crate) keyring: PathBuf,
}

/// The archive that this machine's Debian comes from; `None` if it is no Debian.
pub(crate) fn archive() -> Option<Archive> {
    let release = fs::read_to_string("/etc/os-release").ok()?;
    let field = |name| release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    if field("ID")? != "debian" {
        return None;
    }
    let codename = field("VERSION_CODENAME")?.trim_matches('"');
    source_files().iter().find_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        match path.extension()?.to_str()? {
            "sources" => archive_in_stanzas(&text, codename),
            "list" => archive_in_lines(&text, codename),
            _ => None,
        }
    })
}

/// Installs `package`, which brings the program of the same name, unless that is there already:
/// about `size` to download.
pub(crate) fn ensure(workspace: &Workspace, package: &str, size: &str) -> Result<()> {
    // It refuses to run twice at once, and another one may be after the same package.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    if is_installed(package) {
        return Ok(());
    }
    let apt = || workspace.step("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
    // One broken source among several must not matter: installing tells whether it does.
    let update = apt().arg("update").named("apt-get update").run();
    update.unwrap_or_else(|error| workspace.console().say(&format!("{error:#}; going on")));
    let install = apt().args(["install", "--yes", "--no-install-recommends", package]);
    let install = install.named(format!("apt-get install {package}"));
    install.downloads(size, Path::new("this system")).run()
}

/// Whether `ensure` could get the program `package`.
pub(crate) fn can_have(package: &str) -> bool {
    is_installed(package) || is_installed("apt-get")
}

fn source_files() -> Vec<PathBuf> {
    let apt = Path::new("/etc/apt");
    let parts = fs::read_dir(apt.join("sources.list.d")).into_iter().flatten().flatten();
    let mut files: Vec<_> = parts.map(|entry| entry.path()).collect();
    files.sort();
    files.insert(0, apt.join("sources.list"));
    files
}

/// Reads the format of `*.sources` files: stanzas of fields.
fn archive_in_stanzas(text: &str, codename: &str) -> Option<Archive> {
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    lines.split(|line| line.trim().is_empty()).find_map(|stanza| {
        let field = |name: &str| {
            stanza.iter().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then_some(value.trim())
            })
        };
        let has = |name, word| field(name).is_some_and(|value| words(value).any(|w| w == word));
        if !has("Types", "deb") || !has("Suites", codename) || !has("Components", "main") {
            return None;
        }
        if has("Enabled", "no") {
            return None;
        }
        archive_of(words(field("URIs")?).next()?, field("Signed-By"))
    })
}

/// Reads the format of `*.list` files: `deb [options] uri suite component...`.
fn archive_in_lines(text: &str, codename: &str) -> Option<Archive> {
    text.lines().find_map(|line| {
        let line = line.split('#').next()?.trim().strip_prefix("deb ")?.trim();
        let (options, rest) = match line.strip_prefix('[') {
            Some(line) => line.split_once(']')?,
            None => ("", line),
        };
        let mut rest = words(rest);
        let uri = rest.next()?;
        if rest.next()? != codename || !rest.any(|component| component == "main") {
            return None;
        }
        archive_of(uri, words(options).find_map(|option| option.strip_prefix("signed-by=")))
    })
}

fn archive_of(uri: &str, signed_by: Option<&str>) -> Option<Archive> {
    // A mirror list or a local folder may not hold another release.
    let is_web = uri.starts_with("http://") || uri.starts_with("https://");
    // Keys can also be written into the sources themselves.
    let keyring = signed_by.filter(|path| path.starts_with('/')).unwrap_or(DEBIAN_KEYRING);
    is_web.then(|| Archive { uri: uri.to_owned(), keyring: keyring.into() })
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANZAS: &str = "\
Types: deb
# A snapshot
URIs: http://archive.example/security
Suites: bookworm-security
Components: main
Signed-By: /keys/security.gpg

Types: deb deb-src
URIs: http://archive.example/debian http://other.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/debian.gpg
";

    fn archive(uri: &str, keyring: &str) -> Option<Archive> {
        Some(Archive { uri: uri.to_owned(), keyring: keyring.into() })
    }

    #[test]
    fn stanzas_name_the_archive_of_the_release_itself() {
        let expected = archive("http://archive.example/debian", "/keys/debian.gpg");
        assert_eq!(archive_in_stanzas(STANZAS, "bookworm"), expected);
        assert_eq!(archive_in_stanzas(STANZAS, "trixie"), None);
        let disabled = STANZAS.replace("Types:", "Enabled: no\nTypes:");
        assert_eq!(archive_in_stanzas(&disabled, "bookworm"), None);
        let inline = STANZAS.replace("Signed-By: /keys/debian.gpg", "Signed-By:\n -----BEGIN");
        let expected = archive("http://archive.example/debian", DEBIAN_KEYRING);
        assert_eq!(archive_in_stanzas(&inline, "bookworm"), expected);
    }

    #[test]
    fn lines_name_the_archive_of_the_release_itself() {
        let plain = "# all\ndeb https://tools.example/apt tools-bookworm main\n\
            deb-src http://archive.example/debian bookworm main\n\
            deb http://archive.example/debian bookworm main contrib # ours\n";
        let expected = archive("http://archive.example/debian", DEBIAN_KEYRING);
        assert_eq!(archive_in_lines(plain, "bookworm"), expected);

        let signed = "deb [arch=amd64 signed-by=/keys/d.gpg] https://d.example/debian trixie main";
        assert_eq!(
            archive_in_lines(signed, "trixie"),
            archive("https://d.example/debian", "/keys/d.gpg")
        );
        assert_eq!(archive_in_lines("deb file:/media/cdrom trixie main", "trixie"), None);
    }
}
