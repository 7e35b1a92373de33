//! `stytch-m2m auth0 verify`

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use stytch_m2m::auth0::{Journal, VerifyReport, verify};

use super::source::Source;
use super::{journal_path, read_plan};
use crate::failure::{Failure, Side};
use crate::output::{Output, plain};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::table::Table;

/// Check an import: fetch a token from Stytch with each imported secret, and verify it
///
/// The token's signature, iss, aud and times must be valid, its sub must be the client, and its
/// scope must be the plan's. Stytch bills each token.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  stytch-m2m auth0 verify plan.yaml
  # Only these clients
  stytch-m2m auth0 verify plan.yaml --only billing --only invoices

Ends with 20 if a token was wrong.")]
pub(crate) struct Options {
    /// The plan
    plan: PathBuf,
    /// Only this client; can be repeated
    #[arg(long, value_name = "CLIENT_ID", allow_hyphen_values = true)]
    only: Vec<String>,
    /// Number of clients at the same time
    #[arg(long, value_name = "N", default_value = "8")]
    concurrency: NonZeroUsize,
    /// The record of what was done, without secrets [default: PLAN.journal]
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
    let client = settings.public_client()?;
    let mut plan = read_plan(&options.plan)?;
    plan.check(&client)?;
    if let Some(unknown) =
        options.only.iter().find(|id| !plan.clients.iter().any(|one| one.client_id == **id))
    {
        return Err(Failure::usage(format!("the plan has no client {}", plain(unknown))));
    }
    let is_named = |id: &String| options.only.contains(id);
    if let Some(skipped) =
        plan.clients.iter().find(|one| is_named(&one.client_id) && !one.is_wanted())
    {
        return Err(Failure::usage(format!(
            "the plan does not import {}, so there is nothing to verify",
            plain(&skipped.client_id)
        )));
    }
    if !options.only.is_empty() {
        plan.clients.retain(|one| options.only.contains(&one.client_id));
    }
    let path = journal_path(&options.plan, options.journal.as_deref());
    let journal = Journal::open(&path, &plan)?;
    let export = options.source.read(settings, output).await?;
    let wanted = plan.clients.iter().filter(|one| one.is_wanted()).count();
    let mut progress = Progress::of(output, "verifying", wanted);
    let concurrency = options.concurrency.get();
    let report = verify(&client, &plan, &export, Some(&journal), concurrency, |_| {
        progress.one_more();
    })
    .await
    .map_err(Side::Stytch.failed())?;
    drop(progress);
    let failed = report.failed().count();
    let verified = report.clients.len() - failed;
    output.result(
        || json!({ "verified": verified, "failed": failed, "clients": report.clients }),
        || text(&report, verified),
    )?;
    match failed {
        0 => Ok(()),
        n => Err(Failure::Unfinished(format!("wrong tokens: {n}"))),
    }
}

fn text(report: &VerifyReport, verified: usize) -> String {
    let mut parts = vec![format!("verified: {verified} of {}", report.clients.len())];
    if verified < report.clients.len() {
        let mut table = Table::new(["CLIENT ID", "PROBLEM"]);
        for record in report.failed() {
            let problem = record.problem.as_deref().unwrap_or_default();
            table.add_row([plain(&record.client_id), plain(problem)]);
        }
        parts.push(table.text());
    }
    parts.join("\n\n")
}
