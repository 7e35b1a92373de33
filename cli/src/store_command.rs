//! Handing a secret to a program of the user's.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;

use stytch_m2m::Secret;

use crate::failure::Failure;

/// Runs the command and writes the secret to its standard input.
pub(crate) async fn pipe_secret_to(
    command: &str,
    client_id: &str,
    secret: &Secret,
) -> Result<(), Failure> {
    let failed = |source| Failure::io("the store command failed", source);
    // This end of the pipe stays open, so that what the command left in it can be seen.
    let (mut left, mut pipe) = io::pipe().map_err(failed)?;
    let mut child = tokio::process::Command::new(Path::new("sh"))
        .args(["-c", command])
        .env("STYTCH_CLIENT_ID", client_id)
        .stdin(left.try_clone().map_err(failed)?)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    pipe.write_all(secret.expose().as_bytes()).map_err(failed)?;
    drop(pipe);
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(failed(io::Error::other(status.to_string())));
    }
    let mut unread = Vec::new();
    left.read_to_end(&mut unread).map_err(failed)?;
    match unread.is_empty() {
        true => Ok(()),
        false => Err(failed(io::Error::other("it did not read the secret"))),
    }
}
