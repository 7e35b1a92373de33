//! `stytch-m2m secrets`

use std::path::{Path, PathBuf};
use std::process::Stdio;

use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;
use stytch_m2m::{ErrorKind, Secret, Secrets};
use tokio::io::AsyncWriteExt as _;

use crate::failure::Failure;
use crate::output::Output;
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;

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
  # Proves the next secret by fetching a token with it; if that fails, the rotation is cancelled
  stytch-m2m secrets rotate finish billing --secret-from billing.next
  # Without proof
  stytch-m2m secrets rotate finish billing --unproven")]
    Finish(Finish),
    /// Cancel: the current secret stays the only one
    Cancel(Cancel),
    /// All at once: start, store the next secret, prove it, finish
    #[command(after_help = "\
Examples:
  stytch-m2m secrets rotate run billing --secret-file billing.next
  # Hand the secret to a program, on its standard input
  stytch-m2m secrets rotate run billing --store-command 'vault kv put -mount=m2m billing secret=-'

If the secret cannot be stored, or does not work, the rotation is cancelled: the current one stays.")]
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
    /// A file with the next secret, or - for standard input [default: STYTCH_CLIENT_SECRET, or a
    /// prompt]
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
    /// Run this in a shell, with the next secret on its standard input; it must end with 0
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
        Rotate::Finish(options) if options.unproven => secrets.rotate(&options.client_id).await?,
        Rotate::Finish(options) => {
            let next = secret::require(
                options.secret_from.as_deref(),
                "--secret-from",
                "STYTCH_CLIENT_SECRET",
                "The next secret",
            )?;
            secrets.rotate_finish(&options.client_id, &next).await?
        }
        Rotate::Cancel(Cancel { client_id }) => secrets.rotate_cancel(&client_id).await?,
        Rotate::Run(options) => return run_all(options, &secrets, output).await,
    };
    let now = now.m2m_client;
    output.result(|| view::client_json(&now), || view::client_text(&now))
}

async fn start(options: Start, secrets: &Secrets, output: &mut Output) -> Result<(), Failure> {
    let mut file = options.secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let started = match options.recover {
        true => secrets.recover_rotation(&options.client_id).await?,
        false => secrets.rotate_start(&options.client_id).await?,
    };
    let started = started.m2m_client;
    if let Some(file) = &mut file {
        file.write(&started.next_client_secret)?;
    }
    let mut shown = view::client_json(&started.client);
    if let (true, Some(shown)) = (options.show_secret, shown.as_object_mut()) {
        shown.insert("next_client_secret".into(), json!(started.next_client_secret.expose()));
    }
    if let Some(file) = file {
        output.note(&format!("the next secret is in {}", file.path().display()));
        file.keep();
    }
    let text = view::fields_text(&shown);
    output.result(|| shown, || text)
}

async fn run_all(options: Run, secrets: &Secrets, output: &mut Output) -> Result<(), Failure> {
    let mut file = options.secret_file.as_deref().map(SecretFile::reserve).transpose()?;
    let outcome = secrets
        .rotate_with(&options.client_id, async |next: Secret| match (&mut file, &options) {
            (Some(file), _) => file.write(&next),
            (None, Run { store_command: Some(command), .. }) => hand_over(command, &next).await,
            (None, _) => Ok(()),
        })
        .await;
    let may_be_current = match &outcome {
        Ok(_) => true,
        Err(Failure::Api(error)) => error.kind() == ErrorKind::OutcomeUnknown,
        Err(_) => false,
    };
    if let Some(file) = file.filter(|_| may_be_current) {
        output.note(&format!("the secret is in {}", file.path().display()));
        file.keep();
    }
    let now = outcome?.m2m_client;
    output.result(|| view::client_json(&now), || view::client_text(&now))
}

/// Hands the secret to a command of the user's, on its standard input.
async fn hand_over(command: &str, secret: &Secret) -> Result<(), Failure> {
    let failed = |source| Failure::io("the store command failed", source);
    let mut child = tokio::process::Command::new(Path::new("sh"))
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(secret.expose().as_bytes()).await.map_err(failed)?;
    }
    let status = child.wait().await.map_err(failed)?;
    match status.success() {
        true => Ok(()),
        false => Err(failed(std::io::Error::other(status.to_string()))),
    }
}
