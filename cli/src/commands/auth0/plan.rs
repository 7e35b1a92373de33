//! `stytch-m2m auth0 plan`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use stytch_m2m::auth0::{ImportState, Plan, PlanState, ScopeHazards, ScopeMapping};

use super::source::Source;
use crate::failure::{Failure, Side};
use crate::output::{Output, plain, pretty};
use crate::parsed;
use crate::private_file::Reserved;
use crate::settings::Settings;
use crate::table::Table;
use crate::yaml;

/// Read a tenant and write a plan: what an import would do with each client
///
/// Read and edit the plan; it contains no secret. Nothing is changed at Auth0 or Stytch.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  export AUTH0_DOMAIN=acme.eu.auth0.com AUTH0_CLIENT_ID=...
  # The command asks for the secrets, unless the environment or files have them
  stytch-m2m auth0 plan --out plan.yaml

  # If scopes would have another meaning at Stytch, it ends with 6 and proposes new names
  stytch-m2m auth0 plan --out plan.yaml > scopes.yaml
  # Edit them, and plan again
  stytch-m2m auth0 plan --out plan.yaml --scope-mapping scopes.yaml

  # scopes.yaml: by audience, then by Auth0's name; * is for all others
  https://billing.example.com/: { read: read:invoices, '*': 'billing.*' }")]
pub(crate) struct Options {
    /// Path of the plan: JSON if the name ends with .json, else YAML
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// A YAML or JSON file with the scopes' names at Stytch
    #[arg(long, value_name = "PATH")]
    scope_mapping: Option<PathBuf>,
    /// Overwrite an existing plan
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    source: Source,
}

pub(super) async fn run(
    options: Options,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    let client = settings.client()?;
    let mapping = options.scope_mapping.as_deref().map(read_mapping).transpose()?;
    let mapping = mapping.unwrap_or_default();
    let out = Reserved::new(&options.out, options.force)?;
    let export = options.source.read(settings, output).await?;
    let mut plan = match Plan::draft(&export, client.project_id(), &mapping) {
        Ok(plan) => plan,
        Err(hazards) => return Err(propose(&mapping, &hazards, output)?),
    };
    plan.compare(&client, &export).await.map_err(Side::Stytch.failed())?;
    out.write(&written(&options.out, &plan))?;
    for note in &plan.notes {
        output.warning(&plain(note));
    }
    if plan.clients.iter().any(|one| !one.organizations.is_empty()) {
        output.note("to let tokens name organizations: stytch-m2m template set --organization");
    }
    output.note(&format!(
        "the plan is in {}: read it, edit it, and import it",
        options.out.display()
    ));
    output.result(
        || json!({ "plan": options.out, "counts": plan.counts(), "reasons": plan.reasons() }),
        || summary(&plan),
    )
}

fn read_mapping(path: &Path) -> Result<ScopeMapping, Failure> {
    parsed::parse(path, &parsed::read(path)?)
}

/// Prints a mapping to start from, and says why it takes one.
fn propose(
    mapping: &ScopeMapping,
    hazards: &ScopeHazards,
    output: &mut Output,
) -> Result<Failure, Failure> {
    let proposal = mapping.proposal(hazards);
    output.result(|| json!(proposal), || yaml::text(&proposal))?;
    Ok(Failure::Conflict(format!("{hazards}\na mapping to start from is on standard output")))
}

fn written(path: &Path, plan: &Plan) -> String {
    match path.extension().is_some_and(|extension| extension == "json") {
        true => pretty(plan),
        false => yaml::text(plan),
    }
}

fn summary(plan: &Plan) -> String {
    let mut table = Table::new(["STATE", "CLIENTS", ""]);
    for (state, count) in plan.counts() {
        let meaning = match state {
            PlanState::Import => "to be created at Stytch",
            PlanState::Present => "at Stytch already, and equal",
            PlanState::Skip => "not imported, for the reasons below",
            PlanState::Conflict => "another client at Stytch has the id: import --on-conflict",
            PlanState::Orphan => "active at Stytch, but deleted or without access at Auth0",
        };
        let name = ImportState::from(state).name().to_owned();
        table.add_row([name, count.to_string(), meaning.to_owned()]);
    }
    let mut parts = vec![table.text()];
    if !plan.reasons().is_empty() {
        let mut table = Table::new(["REASON", "CLIENTS"]);
        for (reason, count) in plan.reasons() {
            table.add_row([reason.code().to_owned(), count.to_string()]);
        }
        parts.push(table.text());
    }
    let orphans = plan.clients.iter().filter(|one| one.state == PlanState::Orphan);
    let orphans: Vec<_> = orphans.map(|one| plain(&one.client_id)).collect();
    if !orphans.is_empty() {
        parts.push(format!(
            "deactivate or delete these at Stytch, because Auth0 gives them no access any \
             more:\n  {}",
            orphans.join("\n  ")
        ));
    }
    parts.join("\n\n")
}
