//! A file with a secret.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Maximum size in bytes.
const LONGEST: u64 = 64 << 10;

/// What shows that a file has changed, without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// Device and inode, which change when another file takes the path.
    #[cfg(unix)]
    place: (u64, u64),
}

impl Stamp {
    fn new(metadata: &Metadata) -> Self {
        Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            #[cfg(unix)]
            place: {
                use std::os::unix::fs::MetadataExt as _;
                (metadata.dev(), metadata.ino())
            },
        }
    }

    /// The current stamp of the file at `path`, if there is one.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().as_ref().map(Self::new)
    }
}

/// Reads the secret in the file, without line breaks at its end.
pub(crate) fn read(path: &Path) -> io::Result<(Secret, Stamp)> {
    let refused = |what: &str| Err(io::Error::other(what.to_owned()));
    // Opening a pipe would wait for its writer.
    if !fs::metadata(path)?.is_file() {
        return refused("it is not a regular file");
    }
    let file = File::open(path)?;
    // Before the content, so that a later change shows.
    let metadata = file.metadata()?;
    if is_writable_by_all(&metadata) {
        return refused("every user can write it: remove that permission (chmod o-w)");
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize + 1));
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        return refused("it is longer than 64 KiB");
    }
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return refused("it is empty");
    }
    Ok((Secret::from(secret), Stamp::new(&metadata)))
}

#[cfg(unix)]
fn is_writable_by_all(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_writable_by_all(_: &Metadata) -> bool {
    false
}
