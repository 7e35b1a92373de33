//! `stytch-m2m auth0 import`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use stytch_m2m::auth0::{ImportOptions, ImportReport, ImportState, Journal, import};

use super::conflicts::{self, Choice};
use super::records;
use super::source::Source;
use super::{journal_path, read_plan};
use crate::failure::{Failure, Side};
use crate::output::{Output, plain, pretty};
use crate::private_file::{Reserved, is_same};
use crate::progress::{NOTED, Progress, ResumeHint};
use crate::settings::Settings;

/// Carry out a plan: create its clients at Stytch, with the same ids and secrets
///
/// Run it again after any interruption, kill -9 included: it continues. Secrets are read from Auth0
/// again, and stored nowhere.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m auth0 import plan.yaml --dry-run
  stytch-m2m auth0 import plan.yaml --report report.json
  # Decide about each client that Stytch has with other fields
  stytch-m2m auth0 import plan.yaml --on-conflict ask

Ends with 20 if something is left to do: refused clients, conflicts, access that Auth0 removed after
the plan, failures, clients that were created after the plan.")]
pub(crate) struct Options {
    /// The plan
    plan: PathBuf,
    /// Only compare, and create nothing
    #[arg(long)]
    dry_run: bool,
    /// What to do if Stytch has another client with a planned id; a client's `on_conflict` in the
    /// plan takes precedence
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_conflict: Choice,
    /// Number of clients at the same time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroUsize,
    /// The record of what was done, without secrets [default: PLAN.journal]
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
    /// Write the whole report to this file, as JSON
    #[arg(long, value_name = "PATH")]
    report: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let mut plan = read_plan(&options.plan)?;
    plan.check(&client)?;
    if options.on_conflict == Choice::Ask {
        conflicts::ask(&mut plan, output)?;
    }
    let path = journal_path(&options.plan, options.journal.as_deref());
    if let Some(report) = &options.report
        && [&options.plan, &path].iter().any(|other| is_same(report, other))
    {
        return Err(Failure::usage(
            "--report would overwrite the plan or its journal: name another file",
        ));
    }
    let journal = match options.dry_run {
        true => None,
        false => Some(Journal::open(&path, &plan)?),
    };
    let report_file = options.report.as_ref().map(|path| Reserved::new(path, true)).transpose()?;
    let export = options.source.read(settings, output).await?;
    let how = ImportOptions {
        concurrency: options.concurrency.get(),
        dry_run: options.dry_run,
        on_conflict: options.on_conflict.into(),
    };
    let what = if options.dry_run { "comparing" } else { "importing" };
    let mut hint = ResumeHint::new(*output, NOTED);
    let mut progress = Progress::of(output, what, plan.clients.len());
    let report =
        import(&client, &plan, &export, journal.as_ref(), &how, |_| progress.one_more()).await;
    drop(progress);
    let report = report.map_err(Side::Stytch.failed())?;
    hint.over();
    let whole = json(&report);
    if let Some(file) = report_file {
        file.write(&pretty(&whole))?;
    }
    output.result(|| whole, || text(&report))?;
    match report.is_complete() {
        true => Ok(()),
        false => Err(Failure::Unfinished("something is left to do: see the report".into())),
    }
}

fn json(report: &ImportReport) -> Value {
    let mut whole = json!(report);
    if let Some(whole) = whole.as_object_mut() {
        whole.insert("counts".into(), json!(report.counts()));
    }
    whole
}

fn text(report: &ImportReport) -> String {
    let mut parts = vec![records::counts(&report.counts())];
    let quiet = [ImportState::Imported, ImportState::Present, ImportState::Import];
    let telling = report.clients.iter().filter(|one| !quiet.contains(&one.state));
    parts.extend(records::table(telling));
    if !report.unplanned.is_empty() {
        let ids: Vec<_> = report.unplanned.iter().map(|id| format!("  {}", plain(id))).collect();
        parts.push(format!(
            "not in the plan, because they were created after it ({}); make a new plan to include \
             them:\n{}",
            ids.len(),
            ids.join("\n")
        ));
    }
    parts.join("\n\n")
}
