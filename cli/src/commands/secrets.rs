//! `stytch-m2m secrets`

mod inactive;
mod journal;
mod leaving;
mod many;
mod run;

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;
use stytch_m2m::{ClientResponse, Secrets};

use crate::failure::Failure;
use crate::output::Output;
use crate::secret::{self, SecretFile};
use crate::settings::Settings;
use crate::view;
use crate::word;
use leaving::{Leaving, Stage};

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Rotate a client's secret: both secrets work until the rotation ends
    #[command(subcommand)]
    Rotate(Rotate),
}

#[derive(Subcommand, Debug)]
pub(crate) enum Rotate {
    /// Start a rotation: creates the next secret, which works beside the current one
    #[command(after_help = "\
Example:
  stytch-m2m secrets rotate start billing --secret-file billing.next
  # Give billing.next to the service, then
  stytch-m2m secrets rotate finish billing --secret-from billing.next")]
    Start(Start),
    /// Finish a rotation: the next secret becomes the only one
    #[command(after_help = "\
Examples:
  # Tests the next secret by fetching a token; if that fails, nothing changes
  stytch-m2m secrets rotate finish billing --secret-from billing.next
  # Without a test, whichever secret is the next one
  stytch-m2m secrets rotate finish billing --unproven

It can be repeated: if the rotation has already ended with this secret, it succeeds. It refuses the
current secret.")]
    Finish(Finish),
    /// Cancel a rotation: the current secret stays the only one
    Cancel(Cancel),
    /// Do a whole rotation: start, store the next secret, test it, finish; for one client or many
    #[command(after_help = "\
Examples:
  stytch-m2m secrets rotate run billing --secret-file billing.next
  # A program gets the secret on standard input
  stytch-m2m secrets rotate run billing --store-command 'vault kv put -mount=m2m billing secret=-'

  # For all active clients, or for those in a file, one id per line
  stytch-m2m secrets rotate run --all \\
    --store-command 'vault kv put -mount=m2m \"$STYTCH_CLIENT_ID\" secret=-'
  stytch-m2m secrets rotate run --from ids.txt --secrets-dir next --pause 2

For many clients, a journal records what was done: after any interruption, run the same command
again, and it continues. It ends with 20 if a client was not rotated; the report says why.

An inactive client is refused: it fetches no token, so its next secret cannot be tested. If the
secret cannot be stored, the rotation is cancelled, and the current secret works. After any later
failure both secrets work, and the file is kept; the message says how to continue.")]
    Run(run::Options),
}

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("secret").required(true).multiple(true)
    .args(["secret_file", "show_secret"])))]
pub(crate) struct Start {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
    /// Write the next secret to this new file, which only you can read
    #[arg(long, value_name = "PATH")]
    secret_file: Option<PathBuf>,
    /// Print the next secret
    #[arg(long)]
    show_secret: bool,
    /// Cancel a rotation in progress and start again, for example if its next secret was lost
    #[arg(long)]
    recover: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Finish {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
    /// A file with the next secret, or - for standard input [default: STYTCH_NEXT_CLIENT_SECRET,
    /// or a prompt]
    #[arg(long, value_name = "PATH")]
    secret_from: Option<PathBuf>,
    /// Do not test the next secret
    #[arg(long, conflicts_with = "secret_from")]
    unproven: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Cancel {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
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
        Rotate::Run(options) => return run::run(options, &client, output).await,
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
    let heard =
        output.only_copy(started.next_client_secret.expose(), &shown, &text, &leaving.advice());
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
