//! Where secrets come from and go to. Never from or to an argument, which every user of the machine
//! can read in the process list.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use stytch_m2m::Secret;
use zeroize::Zeroizing;

use crate::environment;
use crate::failure::Failure;
use crate::waiting::Waiting;

/// Longer than any token.
const LONGEST: u64 = 64 << 10;

/// The secret in the file at `path`, or on standard input for `-`, without a final newline. What is
/// typed is not shown.
pub(crate) fn read(path: &Path) -> Result<Secret, Failure> {
    if path == Path::new("-") && io::stdin().is_terminal() {
        return ask("Secret");
    }
    let failed = |source| Failure::io(format!("cannot read {}", path.display()), source);
    let mut text = String::new();
    if path == Path::new("-") {
        let _waiting = Waiting::start();
        io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    } else {
        let file = File::open(path).map_err(failed)?;
        file.take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    }
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(Failure::usage(format!("there is no secret in {}", path.display())));
    }
    Ok(secret.into())
}

/// The secret from `path`, else from the environment variable, else from who sits at the terminal.
pub(crate) fn find(
    path: Option<&Path>,
    variable: &str,
    prompt: &str,
) -> Result<Option<Secret>, Failure> {
    match (path, environment::variable(variable)) {
        (Some(path), _) => read(path).map(Some),
        (None, Some(value)) => Ok(Some(value.into())),
        _ if io::stdin().is_terminal() => ask(prompt).map(Some),
        _ => Ok(None),
    }
}

pub(crate) fn ask(prompt: &str) -> Result<Secret, Failure> {
    let _waiting = Waiting::start();
    #[cfg(unix)]
    let _echo_off = echo::EchoOff::start();
    rpassword::prompt_password(format!("{prompt}: ")).map(Secret::new).map_err(
        |source| match source.kind() {
            io::ErrorKind::Interrupted => Failure::Interrupted,
            _ => Failure::io("cannot ask for the secret", source),
        },
    )
}

/// rpassword shows its prompt before it turns the echo off, and what is pasted in between shows.
#[cfg(unix)]
mod echo {
    use std::io;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// Turns the echo and the signals of the terminal off until it is dropped.
    pub(super) struct EchoOff(Termios);

    impl EchoOff {
        pub(super) fn start() -> Option<Self> {
            let before = tcgetattr(io::stdin()).ok()?;
            let mut off = before.clone();
            // rpassword knows what to do with a Ctrl-C that it reads.
            off.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
            tcsetattr(io::stdin(), OptionalActions::Now, &off).ok()?;
            Some(Self(before))
        }
    }

    impl Drop for EchoOff {
        fn drop(&mut self) {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }
}

/// The same, where there is no going on without it.
pub(crate) fn require(
    path: Option<&Path>,
    option: &str,
    variable: &str,
    prompt: &str,
) -> Result<Secret, Failure> {
    find(path, variable, prompt)?.ok_or_else(|| {
        Failure::usage(format!(
            "{} is missing: set {variable}, or give a file with {option}",
            prompt.to_lowercase()
        ))
    })
}

/// A new secret, in the form of those that Stytch makes.
pub(crate) fn generate() -> Result<Secret, Failure> {
    let mut bytes = Zeroizing::new([0; 33]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| {
        Failure::io("cannot make a secret", io::Error::other("this machine has no randomness"))
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(*bytes)))
}

/// A new file for a secret that nobody could read again: made before the secret is asked for, so
/// that a full disk or a taken name costs no secret. Removed again as long as nothing was written;
/// from then on it may be the only copy, and stays.
pub(crate) struct SecretFile {
    path: PathBuf,
    file: File,
    written: bool,
}

impl SecretFile {
    pub(crate) fn reserve(path: &Path) -> Result<Self, Failure> {
        let failed = |source: io::Error| {
            let path = path.display();
            match source.kind() {
                io::ErrorKind::AlreadyExists => Failure::Local(format!(
                    "will not overwrite {path}: move it, or name another file"
                )),
                _ => Failure::io(format!("cannot create {path}"), source),
            }
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(failed)?;
        let mut reserved = Self { path: path.to_owned(), file, written: false };
        // Takes up the room now.
        reserved.file.write_all(&[b'\n'; 256]).map_err(failed)?;
        reserved.file.sync_all().map_err(failed)?;
        Ok(reserved)
    }

    /// Writes the secret. The file stays, even if this fails.
    pub(crate) fn write(&mut self, secret: &Secret) -> Result<(), Failure> {
        self.written = true;
        let line = format!("{}\n", secret.expose());
        let mut write = || {
            self.file.rewind()?;
            self.file.write_all(line.as_bytes())?;
            self.file.set_len(line.len() as u64)?;
            self.file.sync_all()
        };
        write().map_err(|source| {
            Failure::io(format!("cannot write to {}", self.path.display()), source)
        })
    }

    /// Removes the file, whose secret is known to be worth nothing.
    pub(crate) fn discard(mut self) {
        self.written = false;
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        if !self.written {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
