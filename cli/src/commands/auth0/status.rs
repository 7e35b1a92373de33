//! `stytch-m2m auth0 status`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use stytch_m2m::auth0::{Journal, StatusRecord, StatusReport, status};

use super::{journal_path, read_plan};
use crate::failure::Failure;
use crate::output::{Output, plain};
use crate::table::Table;

/// Show the progress of a migration, from its plan and its journal
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  stytch-m2m auth0 status plan.yaml")]
pub(crate) struct Options {
    /// The plan
    plan: PathBuf,
    /// The record of the import [default: PLAN.journal]
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
}

/// Clients in each state, and by what the last verification said.
type Counts = BTreeMap<&'static str, usize>;

pub(super) fn run(options: &Options, output: &mut Output) -> Result<(), Failure> {
    let plan = read_plan(&options.plan)?;
    let path = journal_path(&options.plan, options.journal.as_deref());
    let journal = path.exists().then(|| Journal::look(&path, &plan)).transpose()?;
    let report = status(&plan, journal.as_ref());
    let counts = count(&report);
    let next = next_step(&counts, &options.plan.display().to_string(), plan.wait_seconds);
    output.result(
        || {
            json!({ "clients": plan.clients.len(), "counts": counts, "next": next,
                    "open": open(&report) })
        },
        || text(&report, &counts, &next),
    )
}

fn count(report: &StatusReport) -> Counts {
    let states = report.counts().into_iter().map(|(state, count)| (state.name(), count));
    let wrong = report.failed_verification().count();
    let verified = [("verified", report.verified()), ("verify_failed", wrong)];
    states.chain(verified.into_iter().filter(|(_, count)| *count > 0)).collect()
}

/// Clients about which a person has something to do.
fn open(report: &StatusReport) -> Vec<&StatusRecord> {
    let is_open = |one: &&StatusRecord| one.state.is_open() || one.verified == Some(false);
    report.clients.iter().filter(is_open).collect()
}

fn text(report: &StatusReport, counts: &Counts, next: &str) -> String {
    let mut table = Table::new(["STATE", "CLIENTS"]);
    for (state, count) in counts {
        table.add_row([(*state).to_owned(), count.to_string()]);
    }
    let mut parts = vec![table.text()];
    let open = open(report);
    if !open.is_empty() {
        let mut table = Table::new(["CLIENT ID", "STATE", "WHY"]);
        for record in open {
            let why = [&record.reason, &record.field, &record.problem];
            let why: Vec<_> = why.into_iter().flatten().map(|text| plain(text)).collect();
            let state = record.state.name().to_owned();
            table.add_row([plain(&record.client_id), state, why.join(", ")]);
        }
        parts.push(table.text());
    }
    parts.push(format!("next: {next}"));
    parts.join("\n\n")
}

/// After an undo, which somebody wanted.
fn undone(there: usize, plan: &str) -> String {
    let again = format!("to import again: stytch-m2m auth0 import {plan}");
    match there {
        0 => format!("nothing, the import was undone; {again}"),
        n => format!(
            "the import was undone, except for clients: {n}; to see why: stytch-m2m auth0 undo \
             {plan} --dry-run; {again}"
        ),
    }
}

fn next_step(counts: &Counts, plan: &str, wait_seconds: u64) -> String {
    let of = |state| counts.get(state).copied().unwrap_or_default();
    let there = of("imported") + of("updated") + of("present");
    if of("undone") > 0 && of("begun") + of("failed") == 0 {
        undone(there, plan)
    } else if of("import") + of("begun") + of("failed") > 0 {
        format!("stytch-m2m auth0 import {plan}")
    } else if of("conflict") > 0 {
        format!("stytch-m2m auth0 import {plan} --on-conflict ask")
    } else if of("changed") + of("refused") + of("orphan") > 0 {
        format!("decide about the clients above, or plan again: stytch-m2m auth0 plan --out {plan}")
    } else if of("verified") < there {
        format!("stytch-m2m auth0 verify {plan}")
    } else {
        format!(
            "move the callers, wait {wait_seconds} s after the last for Auth0's tokens to expire, \
             then remove Auth0's issuer"
        )
    }
}
