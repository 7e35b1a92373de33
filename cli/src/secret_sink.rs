//! Where the secrets of many clients go: a folder, a file each, or a program, called for each.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use stytch_m2m::Secret;

use crate::failure::Failure;
use crate::secret::{self, SecretFile};
use crate::store_command::pipe_secret_to;

#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SecretSink {
    /// Write each new secret to a file of its own in this folder, which only you can read
    #[arg(long, value_name = "DIR", conflicts_with = "store_command")]
    pub(crate) secrets_dir: Option<PathBuf>,
    /// Run this shell command for each new secret, with the secret on standard input and the
    /// client's id in STYTCH_CLIENT_ID; it must read the secret and exit with 0
    #[arg(long, value_name = "COMMAND")]
    pub(crate) store_command: Option<String>,
}

/// The place of one client's secret.
pub(crate) enum Place {
    File(SecretFile),
    Command { command: String, client_id: String },
}

impl SecretSink {
    /// Whether there is one, which takes an option.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.secrets_dir.is_none() && self.store_command.is_none() {
            return Err(Failure::usage(
                "new clients get new secrets: say where to put them, with --secrets-dir or \
                 --store-command",
            ));
        }
        Ok(())
    }

    /// Makes room for a client's secret, before there is one.
    pub(crate) fn reserve(&self, client_id: &str) -> Result<Place, Failure> {
        self.check()?;
        if let Some(command) = &self.store_command {
            let (command, client_id) = (command.clone(), client_id.to_owned());
            return Ok(Place::Command { command, client_id });
        }
        let dir = self.secrets_dir.as_deref().unwrap_or(Path::new("."));
        make(dir)
            .map_err(|source| Failure::io(format!("cannot create {}", dir.display()), source))?;
        Ok(Place::File(SecretFile::reserve(&self.path(client_id))?))
    }

    /// The secret that an earlier run left in the client's file. A file that was reserved, and has no
    /// secret yet, is removed.
    pub(crate) fn left(&self, client_id: &str) -> Result<Option<Secret>, Failure> {
        let path = self.path(client_id);
        if self.secrets_dir.is_none() || !path.exists() {
            return Ok(None);
        }
        if is_open_to_others(&path) {
            return Err(Failure::usage(format!(
                "other users can read {}: move it, or make it readable only for you (chmod 600)",
                path.display()
            )));
        }
        match secret::read(&path) {
            Ok(secret) => Ok(Some(secret)),
            Err(Failure::Usage(_)) => {
                fs::remove_file(&path).map_err(|source| {
                    Failure::io(format!("cannot replace {}", path.display()), source)
                })?;
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// Removes what an earlier run left in the client's file.
    pub(crate) fn clear(&self, client_id: &str) -> Result<(), Failure> {
        let path = self.path(client_id);
        if self.secrets_dir.is_none() {
            return Ok(());
        }
        match fs::remove_file(&path) {
            Err(source) if path.exists() => {
                Err(Failure::io(format!("cannot replace {}", path.display()), source))
            }
            _ => Ok(()),
        }
    }

    /// The client's file, whose name is the id, with what a file's name cannot hold as %XX.
    pub(crate) fn path(&self, client_id: &str) -> PathBuf {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let encoded: String = client_id
            .bytes()
            .map(|byte| match plain(byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            })
            .collect();
        let dir = self.secrets_dir.as_deref().unwrap_or(Path::new("."));
        dir.join(format!("{encoded}.secret"))
    }
}

/// Whether the file was not made by this command: it makes them for their owner alone.
fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

impl Place {
    pub(crate) async fn store(&mut self, secret: &Secret) -> Result<(), Failure> {
        match self {
            Self::File(file) => file.write(secret),
            Self::Command { command, client_id } => {
                pipe_secret_to(command, client_id, secret).await
            }
        }
    }

    /// Forgets a secret that is worth nothing.
    pub(crate) fn discard(self) {
        if let Self::File(file) = self {
            file.discard();
        }
    }
}
