//! `stytch-m2m auth0 undo`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use stytch_m2m::auth0::{ImportState, Journal, UndoOptions, UndoReport, undo};

use super::source::Source;
use super::{journal_path, read_plan, records};
use crate::failure::{Failure, Side};
use crate::output::{Output, plain};
use crate::progress::{NOTED, Progress, ResumeHint};
use crate::settings::Settings;

/// Undo an import: delete the clients that it created and that were not changed since
///
/// Clients that existed before stay, and so do those with another name, secret, status or other
/// scopes now. What is at Stytch decides: clients that the journal does not have are listed. Tokens
/// that were issued stay valid until they expire.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m auth0 undo plan.yaml --dry-run
  stytch-m2m auth0 undo plan.yaml --yes

Ends with 20 if clients of an import are left at Stytch: changed since, taken from Auth0 by
--on-conflict, not in the journal, gone at Auth0, or not deleted. The report says why.")]
pub(crate) struct Options {
    /// The plan
    plan: PathBuf,
    /// Only compare, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long, short)]
    yes: bool,
    /// Number of clients at the same time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroUsize,
    /// The record of the import [default: PLAN.journal]
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let plan = read_plan(&options.plan)?;
    plan.check(&client)?;
    let path = journal_path(&options.plan, options.journal.as_deref());
    if options.journal.is_some() && !path.exists() {
        return Err(Failure::usage(format!("there is no journal {}", path.display())));
    }
    // Without one nothing is deleted, but what an import left at Stytch is listed.
    let journal = path.exists().then(|| Journal::open(&path, &plan)).transpose()?;
    if journal.is_none() {
        output.warning(&format!(
            "there is no journal {}, which records what the import created: nothing is deleted",
            path.display()
        ));
    }
    let question = plain(&format!(
        "Delete the clients that the import of {} created and that were not changed since?",
        options.plan.display()
    ));
    let may_delete = journal.is_some() && !options.dry_run;
    if may_delete && !options.yes && !output.confirm(&question, "--yes")? {
        return Err(Failure::Interrupted);
    }
    let export = options.source.read(settings, output).await?;
    let how = UndoOptions { concurrency: options.concurrency.get(), dry_run: options.dry_run };
    let mut hint = ResumeHint::new(*output, NOTED);
    let what = if may_delete { "deleting" } else { "comparing" };
    let mut progress = Progress::open_ended(output, what);
    let mut seen = 0;
    let report = undo(&client, &plan, &export, journal.as_ref(), &how, |_| {
        seen += 1;
        progress.say(&format!("clients: {seen}"));
    })
    .await;
    drop(progress);
    let report = report.map_err(Side::Stytch.failed())?;
    hint.over();
    let open = report.clients.iter().filter(|one| one.state != ImportState::Undone).count();
    output.result(
        || {
            json!({
                "dry_run": report.dry_run,
                "counts": report.counts(),
                "clients": report.clients,
            })
        },
        || text(&report),
    )?;
    match open {
        0 => Ok(()),
        n => Err(Failure::Unfinished(format!("clients that are still at Stytch: {n}"))),
    }
}

fn text(report: &UndoReport) -> String {
    if report.clients.is_empty() {
        return "nothing of an import is at Stytch".to_owned();
    }
    let kept = report.clients.iter().filter(|one| one.state != ImportState::Undone);
    let mut parts = vec![records::counts(&report.counts())];
    if report.dry_run {
        parts.insert(0, "what would become of each client:".to_owned());
    }
    parts.extend(records::table(kept));
    parts.join("\n\n")
}
