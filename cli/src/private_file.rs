//! Files that their owner alone may read, and that appear whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Whether `path` may be written.
fn check(path: &Path, overwrite: bool) -> Result<(), Failure> {
    let shown = path.display();
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => Err(Failure::usage(format!(
            "{shown} is a symbolic link, which is not followed: name the file itself"
        ))),
        Ok(there) if !there.is_file() => Err(Failure::usage(format!("{shown} is not a file"))),
        Ok(_) if !overwrite => {
            Err(Failure::usage(format!("{shown} exists already: move it, or give --force")))
        }
        _ => Ok(()),
    }
}

/// Whether both paths lead to the same file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || fs::canonicalize(one).is_ok_and(|one| fs::canonicalize(other).is_ok_and(|o| o == one))
}

/// A file that is written at the end of the work, and opened before it: what cannot be written costs
/// no work.
pub(crate) struct Reserved {
    path: PathBuf,
    overwrite: bool,
    file: File,
    partial: Partial,
}

impl Reserved {
    pub(crate) fn new(path: &Path, overwrite: bool) -> Result<Self, Failure> {
        check(path, overwrite)?;
        let mut name = OsString::from(path);
        name.push(".partial");
        let partial = Partial(name.into());
        // Another run's leftover, or a link that somebody put there: removing follows no link.
        let _ = fs::remove_file(&partial.0);
        let mut options = OpenOptions::new();
        // Anew, so that nobody else can hold it open, and through no link.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&partial.0).map_err(|source| failed(path, source))?;
        Ok(Self { path: path.to_owned(), overwrite, file, partial })
    }

    /// Puts `text` there: in place of what is there, or not at all where something is.
    pub(crate) fn write(mut self, text: &str) -> Result<(), Failure> {
        check(&self.path, self.overwrite)?;
        let text = format!("{}\n", text.trim_end());
        let mut put = || {
            self.file.write_all(text.as_bytes())?;
            self.file.sync_all()?;
            match self.overwrite {
                // Replaces a link, if one was put there meanwhile, and not what it points to.
                true => fs::rename(&self.partial.0, &self.path),
                false => publish(&self.partial.0, &self.path),
            }
        };
        put().map_err(|source| failed(&self.path, source))
    }
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::io(format!("cannot write {}", path.display()), source)
}

/// Under a name that nothing has.
fn publish(partial: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(partial, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => fs::rename(partial, path),
        outcome => outcome,
    }
}

/// Goes away whatever happens.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
