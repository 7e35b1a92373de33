//! `stytch-m2m clients apply`

mod difference;
pub(super) mod file;

use std::path::PathBuf;

use clap::Args;
use stytch_m2m::{Client, ClientStatus, ErrorKind, UpdateRequest};

use super::list::{everything, find};
use crate::failure::{Failure, advise};
use crate::output::{Output, plain};
use crate::progress::{Progress, ResumeHint};
use crate::secret;
use crate::secret_sink::SecretSink;
use crate::settings::Settings;
use difference::{Change, Difference, Kind, Outcome};
use file::{Declared, File};

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The file, in YAML or JSON; - is standard input
    file: PathBuf,
    /// Show the difference, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete the clients that the file does not name
    #[arg(long)]
    prune: bool,
    /// Do not ask for confirmation before clients are deleted
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    sink: SecretSink,
}

/// How to go on with what is left.
const AGAIN: &str = "run the same command again: it leaves alone what is done";

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let file = File::read(&options.file)?;
    let client = settings.client()?;
    let existing = find(&client, everything(), usize::MAX, |_| true).await?;
    let difference = Difference::new(&file, &existing, options.prune);
    if options.dry_run {
        output.result(|| difference.to_json(None), || difference.text())?;
        return match difference.changes.is_empty() {
            true => Ok(()),
            false => Err(Failure::Difference),
        };
    }
    if difference.of_kind("create") > 0 {
        options.sink.check()?;
    }
    if !may_delete(&options, &difference, output)? {
        return Err(Failure::Interrupted);
    }
    let mut outcomes = Vec::with_capacity(difference.changes.len());
    let mut hint = ResumeHint::new(*output, AGAIN);
    let mut progress = Progress::of(output, "applying", difference.changes.len());
    let mut stopped = None;
    for change in &difference.changes {
        match carry_out(change, &client, &options.sink).await {
            Ok(()) => outcomes.push(Outcome::Done),
            Err(failure) => {
                outcomes.push(Outcome::Failed(failure.message()));
                if !is_of_one_client(&failure) {
                    stopped = Some((change, failure));
                    break;
                }
            }
        }
        progress.one_more();
    }
    drop(progress);
    hint.over();
    outcomes.resize(difference.changes.len(), Outcome::NotReached);
    let failed = outcomes.iter().filter(|one| matches!(one, Outcome::Failed(_))).count();
    output.result(
        || difference.to_json(Some(&outcomes)),
        || match failed {
            0 => difference.text(),
            _ => difference.outcomes_text(&outcomes),
        },
    )?;
    match (stopped, failed) {
        (Some((change, failure)), _) => Err(stopped_at(&change.client_id, failure)),
        (None, 0) => Ok(()),
        (None, n) => Err(Failure::Unfinished(format!("changes that failed: {n}"))),
    }
}

/// What ends the whole in the middle. The API's failures keep their exit codes.
fn stopped_at(client_id: &str, failure: Failure) -> Failure {
    let at = plain(client_id);
    match failure {
        failure @ Failure::Api(_) => failure.of(&format!("stopped at {at}")),
        other => {
            let what = format!("stopped at {at}: {}", other.message());
            Failure::Unfinished(what).and(&format!("Fix this, and then {AGAIN}"))
        }
    }
}

fn may_delete(
    options: &Options,
    difference: &Difference,
    output: &Output,
) -> Result<bool, Failure> {
    let doomed = difference.changes.iter().filter(|one| matches!(one.kind, Kind::Delete));
    let ids: Vec<_> = doomed.map(|one| one.client_id.as_str()).collect();
    if options.yes || ids.is_empty() {
        return Ok(true);
    }
    let ids = ids.join(", ");
    output.confirm(&plain(&format!("Not in the file: {ids}. Delete them permanently?")), "--yes")
}

/// Whether the failure concerns one client alone: all else ends the whole.
fn is_of_one_client(failure: &Failure) -> bool {
    let own = [
        ErrorKind::InvalidConfig,
        ErrorKind::InvalidRequest,
        ErrorKind::Conflict,
        ErrorKind::NotFound,
    ];
    matches!(failure, Failure::Api(error) if own.contains(&error.kind()))
}

async fn carry_out(change: &Change, client: &Client, sink: &SecretSink) -> Result<(), Failure> {
    match &change.kind {
        Kind::Create(declared) => create(declared, client, sink).await?,
        Kind::Update(request) => {
            client.clients().update(&change.client_id, request.clone()).await?;
        }
        Kind::Delete => match client.clients().delete(&change.client_id).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            deleted => drop(deleted?),
        },
    }
    Ok(())
}

/// The secret is stored before the client is made: whatever ends this in between, it is not lost, and
/// the next run takes the one that a file has.
async fn create(declared: &Declared, client: &Client, sink: &SecretSink) -> Result<(), Failure> {
    let client_id = &declared.client_id;
    let (secret, place) = match sink.left(client_id)? {
        Some(secret) => (secret, None),
        None => {
            let mut place = sink.reserve(client_id)?;
            let secret = secret::generate()?;
            place.store(&secret).await?;
            (secret, Some(place))
        }
    };
    let mut request = declared.request();
    request.client_secret = Some(secret);
    if let Err(error) = client.clients().create(request).await {
        // Elsewhere the client may be there, and the file have its only secret.
        let was_refused = [ErrorKind::InvalidRequest, ErrorKind::PermissionDenied];
        if let Some(place) = place.filter(|_| was_refused.contains(&error.kind())) {
            place.discard();
        }
        return Err(match error.kind() {
            ErrorKind::OutcomeUnknown => {
                advise(error, "Run the same command again: it finds out, and goes on")
            }
            _ => error.into(),
        });
    }
    if let Some(status) = declared.status.map(ClientStatus::from)
        && status != ClientStatus::Active
    {
        let request = UpdateRequest { status: Some(status), ..Default::default() };
        client.clients().update(client_id, request).await?;
    }
    Ok(())
}
