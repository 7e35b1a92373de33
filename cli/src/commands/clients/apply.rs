//! `stytch-m2m clients apply`

mod difference;
pub(super) mod file;

use std::path::PathBuf;

use clap::Args;
use stytch_m2m::{Client, ClientStatus, ErrorKind, UpdateRequest};

use super::list::{everything, find};
use crate::failure::{Failure, advise};
use crate::output::{Output, plain};
use crate::progress::Progress;
use crate::secret;
use crate::secret_sink::SecretSink;
use crate::settings::Settings;
use difference::{Change, Difference, Kind};
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
    /// Do not ask before clients are deleted
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    sink: SecretSink,
}

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
    let mut progress = Progress::of(output, "applying", difference.changes.len());
    for change in &difference.changes {
        outcomes.push(carry_out(change, &client, &options.sink).await.or_else(of_one_client)?);
        progress.one_more();
    }
    drop(progress);
    let failed = outcomes.iter().flatten().count();
    for (change, problem) in difference.changes.iter().zip(&outcomes) {
        if let Some(problem) = problem {
            output.warning(&plain(&format!("{}: {problem}", change.client_id)));
        }
    }
    output.result(|| difference.to_json(Some(&outcomes)), || difference.text())?;
    match failed {
        0 => Ok(()),
        n => Err(Failure::Unfinished(format!("changes that were refused: {n}"))),
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
    output.confirm(&plain(&format!("Not in the file: {ids}. Delete them for good?")), "--yes")
}

/// What concerns one client alone is its problem; all else ends the whole.
fn of_one_client(failure: Failure) -> Result<Option<String>, Failure> {
    let own = [
        ErrorKind::InvalidConfig,
        ErrorKind::InvalidRequest,
        ErrorKind::Conflict,
        ErrorKind::NotFound,
    ];
    match &failure {
        Failure::Api(error) if own.contains(&error.kind()) => Ok(Some(failure.message())),
        _ => Err(failure),
    }
}

async fn carry_out(
    change: &Change,
    client: &Client,
    sink: &SecretSink,
) -> Result<Option<String>, Failure> {
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
    Ok(None)
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
