//! `stytch-m2m clients`

mod apply;
mod create;
mod delete;
mod export;
mod list;
mod update;

use clap::{Args, Subcommand};
use stytch_m2m::ClientStatus;

use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;
use crate::{view, word};
pub(crate) use list::{everything, find};

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create a client
    #[command(after_help = "\
Examples:
  # Its secret goes into a new file that only you can read
  stytch-m2m clients create --scope read:users --secret-file billing.secret

  # An id and a secret of your own
  stytch-m2m clients create --client-id billing --secret-from billing.secret --scope read:users

A lost answer is resolved by looking the client up: no secret is lost and no client made twice.")]
    Create(create::Options),
    /// Show one client
    #[command(after_help = "Example:\n  stytch-m2m clients get billing --output json")]
    Get(One),
    /// List clients
    #[command(after_help = "\
Examples:
  stytch-m2m clients list
  # Those that have at least one of the scopes
  stytch-m2m clients list --scope read:users --scope write:users
  # Those of one organization that may not fetch tokens, by id
  stytch-m2m clients list --organization organization-... --status inactive --query '[].client_id'")]
    List(list::Options),
    /// Change what is given and leave the rest
    #[command(after_help = "\
Examples:
  stytch-m2m clients update billing --name Billing --add-scope read:invoices
  # Replaces all scopes
  stytch-m2m clients update billing --scope read:invoices --scope write:invoices
  # Merges at the top level; null removes a key
  stytch-m2m clients update billing --metadata '{\"team\": \"money\", \"old\": null}'")]
    Update(update::Options),
    /// Let a client fetch tokens
    Activate(One),
    /// Keep a client from fetching tokens; those that it has stay valid until they expire
    Deactivate(One),
    /// Delete a client for good; its tokens stay valid until they expire
    #[command(after_help = "Example:\n  stytch-m2m clients delete billing --yes")]
    Delete(delete::Options),
    /// Make clients what a file says
    #[command(after_help = "\
Examples:
  stytch-m2m clients export --out clients.yaml
  # Edit it, look at the difference, apply it
  stytch-m2m clients apply clients.yaml --dry-run
  stytch-m2m clients apply clients.yaml --secrets-dir secrets
  # Each new client's secret goes to a program, on its standard input
  stytch-m2m clients apply clients.yaml \\
    --store-command 'vault kv put -mount=m2m \"$STYTCH_CLIENT_ID\" secret=-'

  # clients.yaml: what is not named in it stays as it is
  clients:
    - client_id: billing
      client_name: Billing
      status: active
      scopes: [read:invoices]
      trusted_metadata: { team: money }

It may be repeated: what is done already is left alone. With --dry-run it ends with 2 if there is a
difference, and with 0 if there is none; a file that is wrong ends with 1.")]
    Apply(apply::Options),
    /// Write all clients as a file for `clients apply`
    #[command(after_help = "\
Examples:
  stytch-m2m clients export --out clients.yaml
  stytch-m2m clients export --output json > clients.json")]
    Export(export::Options),
}

#[derive(Args, Debug)]
pub(crate) struct One {
    /// The client's id
    #[arg(allow_hyphen_values = true, value_parser = word::client_id)]
    client_id: String,
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    match command {
        Command::Create(options) => create::run(options, settings, output).await,
        Command::Get(One { client_id }) => {
            let found = settings.client()?.clients().get(&client_id).await?.m2m_client;
            output.result(|| view::client_json(&found), || view::client_text(&found))
        }
        Command::List(options) => list::run(options, settings, output).await,
        Command::Update(options) => update::run(options, settings, output).await,
        Command::Activate(One { client_id }) => {
            update::set_status(settings, &client_id, ClientStatus::Active, output).await
        }
        Command::Deactivate(One { client_id }) => {
            update::set_status(settings, &client_id, ClientStatus::Inactive, output).await
        }
        Command::Delete(options) => delete::run(options, settings, output).await,
        Command::Apply(options) => apply::run(options, settings, output).await,
        Command::Export(options) => export::run(options, settings, output).await,
    }
}
