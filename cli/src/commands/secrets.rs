//! `stytch-m2m secrets`

mod leaving;

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;
use stytch_m2m::{ClientResponse, Secret, Secrets};

use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;
use leaving::{Leaving, Stage, without_recovery};

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Rotate a client's secret in two phases: both secrets work until it ends
    #[command(subcommand)]
    Rotate(Rotate),
}

#[derive(Subcommand, Debug)]
pub(crate) enum Rotate {
    /// Start: makes the next secret, which works beside the current one
    #[command(after_help = "\
Example:
  stytch-m2m secrets rotate start billing --secret-file billing.next
  # hand billing.next to the service, then
  stytch-m2m secrets rotate finish billing --secret-from billing.next")]
    Start(Start),
    /// Finish: the next secret becomes the only one
    #[command(after_help = "\
Examples:
  # Proves the next secret by fetching a token with it; if that fails, nothing changes
  stytch-m2m secrets rotate finish billing --secret-from billing.next
  # Whichever secret is the next one, and without proof
  stytch-m2m secrets rotate finish billing --unproven

May be repeated: a rotation that has ended with this secret is a success. The current secret, given
by mistake, is refused.")]
    Finish(Finish),
    /// Cancel: the current secret stays the only one
    Cancel(Cancel),
    /// All at once: start, store the next secret, prove it, finish
    #[command(after_help = "\
Examples:
  stytch-m2m secrets rotate run billing --secret-file billing.next
  # Hand the secret to a program, on its standard input
  stytch-m2m secrets rotate run billing --store-command 'vault kv put -mount=m2m billing secret=-'

If the secret cannot be stored, the rotation is cancelled: the current one stays. Whatever fails
after that, both secrets go on working and the file stays; the message says how to go on.")]
    Run(Run),
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("secret").required(true).multiple(true)
    .args(["secret_file", "show_secret"])))]
pub(crate) struct Start {
    /// The client's id
    client_id: String,
    /// Write the next secret into this new file, readable by you alone
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Print the next secret
    #[arg(long)]
    show_secret: bool,
    /// Cancel what is under way and start anew, as when the next secret was lost
    #[arg(long)]
    recover: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Finish {
    /// The client's id
    client_id: String,
    /// A file with the next secret, or - for standard input [default: STYTCH_NEXT_CLIENT_SECRET,
    /// or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// Do not prove the next secret
    #[arg(long, conflicts_with = "secret_from")]
    unproven: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Cancel {
    /// The client's id
    client_id: String,
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("store").required(true).args(["secret_file", "store_command"])))]
pub(crate) struct Run {
    /// The client's id
    client_id: String,
    /// Write the next secret into this new file, readable by you alone
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Run this in a shell, with the next secret on its standard input; it must read that, and end
    /// with 0
    #[arg(long, value_name = "COMMAND")]
    store_command: Option<String>,
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let Command::Rotate(command) = command;
    let client = settings.client()?;
    let secrets = client.secrets();
    let now = match command {
        Rotate::Start(options) => return start(options, &secrets, output).await,
        Rotate::Finish(options) => finish(options, &secrets, *output).await?,
        Rotate::Cancel(options) => cancel(options, &secrets, *output).await?,
        Rotate::Run(options) => run_all(options, &secrets, *output).await?,
    };
    let now = now.m2m_client;
    output.result(|| view::client_json(&now), || view::client_text(&now))
}

async fn start(options: Start, secrets: &Secrets, output: &mut Output) -> Result<(), Failure> {
    let mut file = options.secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let mut leaving = Leaving::new(&options.client_id, Stage::Starting, *output);
    let started = match options.recover {
        true => secrets.recover_rotation(&options.client_id).await,
        false => secrets.rotate_start(&options.client_id).await,
    };
    let started = started.map_err(|error| leaving.failed(error))?.m2m_client;
    leaving.reached(Stage::UnderWay);
    if let Some(file) = &mut file {
        if let Err(failure) = file.write(&started.next_client_secret) {
            leaving.reached(Stage::Starting);
            return Err(failure);
        }
        leaving.written(file.path());
        output.note(&format!("the next secret is in {}", file.path().display()));
    }
    let mut shown = view::client_json(&started.client);
    if let (true, Some(shown)) = (options.show_secret, shown.as_object_mut()) {
        shown.insert("next_client_secret".into(), json!(started.next_client_secret.expose()));
    }
    let text = view::fields_text(&shown);
    if file.is_some() {
        leaving.reached(Stage::Over);
        return output.result(|| shown, || text);
    }
    // Nobody has the secret unless this is heard.
    leaving.reached(Stage::Starting);
    let heard = output.only_copy(&shown, &text, &leaving.advice());
    leaving.reached(Stage::Over);
    heard
}

async fn finish(
    options: Finish,
    secrets: &Secrets,
    output: Output,
) -> Result<ClientResponse, Failure> {
    let Finish { client_id, secret_from, unproven } = options;
    let mut leaving = Leaving::new(&client_id, Stage::Over, output);
    if unproven {
        leaving.reached(Stage::Finishing);
        let ended = secrets.rotate(&client_id).await;
        let ended = ended.map_err(|error| leaving.failed(error))?;
        leaving.reached(Stage::Over);
        return Ok(ended);
    }
    // Never from STYTCH_CLIENT_SECRET, which holds the current one.
    let variable = "STYTCH_NEXT_CLIENT_SECRET";
    let next =
        secret::require(secret_from.as_deref(), "--secret-from", variable, "The next secret")?;
    leaving.reached(Stage::Finishing);
    if let Some(file) = secret_from.filter(|file| file != Path::new("-")) {
        leaving.written(&file);
    }
    let ended = secrets.rotate_finish(&client_id, &next).await;
    let ended = ended.map_err(|error| leaving.failed(error))?;
    leaving.reached(Stage::Over);
    Ok(ended)
}

async fn cancel(
    options: Cancel,
    secrets: &Secrets,
    output: Output,
) -> Result<ClientResponse, Failure> {
    let mut leaving = Leaving::new(&options.client_id, Stage::Cancelling, output);
    let cancelled = secrets.rotate_cancel(&options.client_id).await;
    let cancelled = cancelled.map_err(|error| leaving.failed(error))?;
    leaving.reached(Stage::Over);
    Ok(cancelled)
}

async fn run_all(
    options: Run,
    secrets: &Secrets,
    output: Output,
) -> Result<ClientResponse, Failure> {
    let Run { client_id, secret_file, store_command } = options;
    let mut file = secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let mut leaving = Leaving::new(&client_id, Stage::Starting, output);
    let started = secrets.rotate_start(&client_id).await;
    let next = started.map_err(|error| leaving.failed(error))?.m2m_client.next_client_secret;
    leaving.reached(Stage::UnderWay);
    let stored = match (&mut file, &store_command) {
        (Some(file), _) => file.write(&next).inspect(|()| leaving.written(file.path())),
        (None, Some(command)) => pipe_secret_to(command, &next).await,
        (None, None) => Ok(()),
    };
    if let Err(failure) = stored {
        match secrets.rotate_cancel(&client_id).await {
            // Confirmed, and not because the rotation has ended.
            Ok(now) if !next.expose().ends_with(&now.m2m_client.client_secret_last_four) => {
                leaving.reached(Stage::Over);
                if let Some(file) = file {
                    file.discard();
                }
            }
            Ok(_) => leaving.reached(Stage::Finishing),
            Err(error) => {
                // Which of the library's calls goes on is of no use here: what to type follows.
                let error = without_recovery(error);
                output.warning(&plain(&format!("the rotation could not be cancelled: {error}")));
            }
        }
        return Err(failure);
    }
    if let Some(file) = &file {
        output.note(&format!("the next secret is in {}", file.path().display()));
    }
    leaving.reached(Stage::Finishing);
    let ended = secrets.rotate_finish(&client_id, &next).await;
    let ended = ended.map_err(|error| leaving.failed(error))?;
    leaving.reached(Stage::Over);
    Ok(ended)
}

/// Runs the command and writes the secret to its standard input.
async fn pipe_secret_to(command: &str, secret: &Secret) -> Result<(), Failure> {
    let failed = |source| Failure::io("the store command failed", source);
    // This end of the pipe stays open, so that what the command left in it can be seen.
    let (mut left, mut pipe) = io::pipe().map_err(failed)?;
    let mut child = tokio::process::Command::new(Path::new("sh"))
        .args(["-c", command])
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
