//! What is too large to make again in each checkout, kept outside of it.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail};

/// The cache's folder named for `kind` and for the recipe of what is in it; `make` fills it, once.
///
/// Only a complete folder ever has that name, and of several processes one makes it.
pub(crate) fn folder(
    kind: &str,
    recipe: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    folder_in(&location(env::var_os)?, kind, recipe, make)
}

/// Whether that folder is there already.
pub(crate) fn has(kind: &str, recipe: &str) -> bool {
    location(env::var_os).is_ok_and(|cache| cache.join(name(kind, recipe)).is_dir())
}

fn name(kind: &str, recipe: &str) -> String {
    format!("{kind}-{:016x}", hash(recipe))
}

fn folder_in(
    cache: &Path,
    kind: &str,
    recipe: &str,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let name = name(kind, recipe);
    let folder = cache.join(&name);
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(cache).with_context(|| format!("cannot create {}", cache.display()))?;
    let _lock = lock(&cache.join(format!("{name}.lock")))?;
    if folder.is_dir() {
        return Ok(folder);
    }
    let partial = format!("{name}.partial-");
    remove_interrupted(cache, &partial);
    let partial = cache.join(format!("{partial}{}", process::id()));
    make(&partial)?;
    fs::rename(&partial, &folder).with_context(|| format!("cannot name {}", folder.display()))?;
    Ok(folder)
}

fn location(variable: impl Fn(&'static str) -> Option<OsString>) -> Result<PathBuf> {
    let dir = |name| variable(name).map(PathBuf::from).filter(|dir| dir.is_absolute());
    let location = dir("STYTCH_M2M_CACHE")
        .or_else(|| Some(dir("XDG_CACHE_HOME")?.join("stytch-m2m")))
        .or_else(|| Some(dir("HOME")?.join(".cache/stytch-m2m")));
    location.context("no place for a cache: set STYTCH_M2M_CACHE to an absolute path")
}

/// Held until it is dropped, or the process ends.
fn lock(path: &Path) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => println!("waiting for the process that makes it"),
        Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", path.display()),
    }
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

/// Frees the space of interrupted attempts. What still writes to one must not stop this attempt,
/// which has a name of its own.
fn remove_interrupted(cache: &Path, prefix: &str) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(prefix) {
            continue;
        }
        let path = entry.path();
        if let Err(error) = fs::remove_dir_all(&path) {
            println!("cannot remove {}, going on: {error}", path.display());
        }
    }
}

/// FNV-1a: the standard library's hashes may change with the compiler.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn the_location_is_the_first_that_is_set() {
        let chosen = |set: &[(&str, &str)]| {
            let find = |name| set.iter().find(|(key, _)| *key == name).map(|(_, dir)| dir.into());
            location(find).ok().map(|dir| dir.display().to_string())
        };
        let home = ("HOME", "/home/ada");
        let xdg = ("XDG_CACHE_HOME", "/xdg");
        let own = ("STYTCH_M2M_CACHE", "/own");
        assert_eq!(chosen(&[home, xdg, own]).unwrap(), "/own");
        assert_eq!(chosen(&[home, xdg]).unwrap(), "/xdg/stytch-m2m");
        assert_eq!(chosen(&[home, ("XDG_CACHE_HOME", "")]).unwrap(), "/home/ada/.cache/stytch-m2m");
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn an_interrupted_folder_is_not_taken_for_a_complete_one() {
        let cache = tempfile::tempdir().unwrap();
        let fail = |dir: &Path| {
            fs::create_dir(dir)?;
            bail!("interrupted")
        };
        folder_in(cache.path(), "root", "one", fail).unwrap_err();

        let made = folder_in(cache.path(), "root", "one", |dir| Ok(fs::create_dir(dir)?)).unwrap();
        let again = folder_in(cache.path(), "root", "one", |_| bail!("made twice")).unwrap();
        assert_eq!(made, again);
        let other = folder_in(cache.path(), "root", "two", |dir| Ok(fs::create_dir(dir)?)).unwrap();
        assert_ne!(made, other);

        let mut names: Vec<_> = fs::read_dir(cache.path()).unwrap().flatten().collect();
        names.retain(|entry| entry.file_name().to_string_lossy().contains("partial"));
        assert!(names.is_empty(), "{names:?}");
    }

    #[test]
    fn several_at_once_make_it_once() {
        let cache = tempfile::tempdir().unwrap();
        let made = AtomicUsize::new(0);
        let make = |dir: &Path| {
            made.fetch_add(1, Ordering::SeqCst);
            Ok(fs::create_dir(dir)?)
        };
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| folder_in(cache.path(), "root", "one", make).unwrap());
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }
}
