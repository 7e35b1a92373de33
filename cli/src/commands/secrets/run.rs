//! `stytch-m2m secrets rotate run`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgGroup, Args};
use stytch_m2m::{Client, ClientResponse, ClientStatus, M2MClient};

use super::inactive::check_is_active;
use super::journal::Journal;
use super::leaving::{Leaving, Stage};
use super::many;
use crate::commands::clients::{everything, find};
use crate::failure::{Failure, without_recovery};
use crate::output::{Output, plain};
use crate::parsed;
use crate::secret::SecretFile;
use crate::secret_sink::SecretSink;
use crate::store_command::pipe_secret_to;
use crate::{view, word};

#[derive(Args, Debug)]
#[command(
    group(ArgGroup::new("whose").required(true).args(["client_id", "all", "from"])),
    group(ArgGroup::new("store").required(true)
        .args(["secret_file", "secrets_dir", "store_command"])),
)]
pub(crate) struct Options {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: Option<String>,
    /// All active clients
    #[arg(long)]
    all: bool,
    /// The clients in this file, one id per line; lines that begin with # are comments; - is
    /// standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Write the next secret to this new file, which only you can read
    #[arg(long, value_name = "PATH", conflicts_with_all = ["all", "from"])]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    sink: SecretSink,
    /// For many clients: the record of what was done, without secrets [default: FILE.journal, or
    /// rotation.journal]; removed when all is done
    #[arg(long, value_name = "PATH", conflicts_with = "client_id")]
    journal: Option<PathBuf>,
    /// For many clients: seconds to wait between two clients
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, conflicts_with = "client_id",
        value_parser = seconds)]
    pause: f64,
}

pub(super) async fn run(
    options: Options,
    client: &Client,
    output: &mut Output,
) -> Result<(), Failure> {
    if let Some(client_id) = &options.client_id {
        if options.sink.secrets_dir.is_some() {
            return Err(Failure::usage(
                "give --secret-file for one client; --secrets-dir is for many",
            ));
        }
        let (file, command) =
            (options.secret_file.as_deref(), options.sink.store_command.as_deref());
        let now = one(client_id, file, command, client, *output).await?.m2m_client;
        return output.result(|| view::client_json(&now), || view::client_text(&now));
    }
    let ids = match &options.from {
        Some(path) => listed(path)?,
        None => {
            let is_active = |one: &M2MClient| one.status == ClientStatus::Active;
            let found = find(client, everything(), usize::MAX, is_active).await?;
            found.into_iter().map(|one| one.client_id).collect()
        }
    };
    let journal = Journal::open(&journal_path(&options))?;
    let pause = Duration::from_secs_f64(options.pause);
    many::run(ids, client, &options.sink, journal, pause, output).await
}

fn journal_path(options: &Options) -> PathBuf {
    match (&options.journal, &options.from) {
        (Some(path), _) => path.clone(),
        (None, Some(from)) if from != Path::new("-") => {
            let mut path = from.as_os_str().to_owned();
            path.push(".journal");
            path.into()
        }
        (None, _) => "rotation.journal".into(),
    }
}

/// The ids in a file, each once.
fn listed(path: &Path) -> Result<Vec<String>, Failure> {
    let text = parsed::read(path)?;
    let mut ids: Vec<String> = Vec::new();
    let is_id = |line: &&str| !line.is_empty() && !line.starts_with('#');
    for line in text.lines().map(str::trim).filter(is_id) {
        if !ids.iter().any(|id| id == line) {
            ids.push(line.to_owned());
        }
    }
    match ids.is_empty() {
        true => Err(Failure::usage(format!("there is no id in {}", path.display()))),
        false => Ok(ids),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=3600.0).contains(seconds));
    seconds.ok_or_else(|| "give a number of seconds from 0 to 3600".to_owned())
}

/// The command that rotates one client's secret.
fn typed(client_id: &str, secret_file: Option<&Path>, store_command: Option<&str>) -> String {
    let (option, value) = match (secret_file, store_command) {
        (Some(file), _) => ("--secret-file", file.display().to_string()),
        (None, command) => ("--store-command", command.unwrap_or_default().to_owned()),
    };
    word::call("secrets rotate run", client_id, &format!("{option} {}", word::quoted(&value)))
}

async fn one(
    client_id: &str,
    secret_file: Option<&Path>,
    store_command: Option<&str>,
    client: &Client,
    output: Output,
) -> Result<ClientResponse, Failure> {
    let mut file = secret_file.map(SecretFile::reserve).transpose()?;
    let secrets = client.secrets();
    let mut leaving = Leaving::new(client_id, Stage::Looking, output);
    leaving.begun_by(typed(client_id, secret_file, store_command));
    let found = client.clients().get(client_id).await.map_err(|error| leaving.failed(error))?;
    check_is_active(&found.m2m_client).inspect_err(|_| leaving.reached(Stage::Over))?;
    leaving.reached(Stage::Starting);
    let started = secrets.rotate_start(client_id).await;
    let next = started.map_err(|error| leaving.failed(error))?.m2m_client.next_client_secret;
    leaving.reached(Stage::UnderWay);
    let stored = match (&mut file, store_command) {
        (Some(file), _) => file.write(&next).inspect(|()| leaving.written(file.path())),
        (None, Some(command)) => pipe_secret_to(command, client_id, &next).await,
        (None, None) => Ok(()),
    };
    if let Err(failure) = stored {
        match secrets.rotate_cancel(client_id).await {
            // Confirmed, and not because the rotation has ended.
            Ok(now) if !next.expose().ends_with(&now.m2m_client.client_secret_last_four) => {
                leaving.reached(Stage::Cancelled);
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
    let ended = secrets.rotate_finish(client_id, &next).await;
    let ended = ended.map_err(|error| leaving.failed(error))?;
    leaving.reached(Stage::Over);
    Ok(ended)
}
