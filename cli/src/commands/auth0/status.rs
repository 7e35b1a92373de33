//! `stytch-m2m auth0 status`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use stytch_m2m::auth0::{Journal, JournalState, Plan, PlanState};

use super::{journal_path, read_plan};
use crate::failure::Failure;
use crate::output::Output;
use crate::table::Table;

/// Tell how far a migration has come, by its plan and its journal
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  stytch-m2m auth0 status plan.yaml")]
pub(crate) struct Options {
    /// The plan
    plan: PathBuf,
    /// What was done [default: the plan's name and .journal]
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
}

/// Clients in each state, `waiting` and `verified` among them.
type Counts = BTreeMap<&'static str, usize>;

pub(super) fn run(options: &Options, output: &mut Output) -> Result<(), Failure> {
    let plan = read_plan(&options.plan)?;
    let path = journal_path(&options.plan, options.journal.as_deref());
    let journal = path.exists().then(|| Journal::look(&path, &plan)).transpose()?;
    let counts = count(&plan, journal.as_ref());
    let next = next_step(&counts, &options.plan.display().to_string(), plan.wait_seconds);
    output.result(
        || json!({ "clients": plan.clients.len(), "counts": counts, "next": next }),
        || {
            let mut table = Table::new(["STATE", "CLIENTS"]);
            for (state, count) in &counts {
                table.add_row([(*state).to_owned(), count.to_string()]);
            }
            format!("{}\n\nnext: {next}", table.text())
        },
    )
}

fn count(plan: &Plan, journal: Option<&Journal>) -> Counts {
    let mut counts = Counts::new();
    for planned in &plan.clients {
        let state = match (planned.state, journal.and_then(|journal| journal.state(planned))) {
            (PlanState::Skip, _) => "skipped",
            (_, Some(JournalState::Imported)) => "imported",
            (PlanState::Present, None) | (_, Some(JournalState::Present)) => "present",
            (PlanState::Conflict, None) | (_, Some(JournalState::Conflict)) => "conflict",
            (_, Some(JournalState::Failed)) => "failed",
            (_, Some(JournalState::Begun)) => "begun",
            (PlanState::Import, None) => "waiting",
        };
        *counts.entry(state).or_default() += 1;
        if journal.is_some_and(|journal| journal.is_verified(planned)) {
            *counts.entry("verified").or_default() += 1;
        }
    }
    counts
}

fn next_step(counts: &Counts, plan: &str, wait_seconds: u64) -> String {
    let of = |state| counts.get(state).copied().unwrap_or_default();
    let there = of("imported") + of("present");
    if of("waiting") + of("begun") + of("failed") > 0 {
        format!("stytch-m2m auth0 import {plan}")
    } else if of("verified") < there {
        format!("stytch-m2m auth0 verify {plan}")
    } else {
        format!(
            "move the callers, wait {wait_seconds} s after the last for Auth0's tokens to expire, \
             then remove Auth0's issuer"
        )
    }
}
