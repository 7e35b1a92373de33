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
  # The secret is written to a new file that only you can read
  stytch-m2m clients create --scope read:users --secret-file billing.secret

  # With your own id and secret
  stytch-m2m clients create --client-id billing --secret-from billing.secret --scope read:users

  # Of an organization, which tokens name if the template says so: see `template`
  stytch-m2m clients create --organization acme --secret-file acme.secret

If an answer is lost, the command looks the client up: no secret is lost, and no client is created
twice.")]
    Create(create::Options),
    /// Show one client
    #[command(after_help = "Example:\n  stytch-m2m clients get billing --output json")]
    Get(One),
    /// List clients
    #[command(after_help = "\
Examples:
  stytch-m2m clients list
  # Clients with at least one of these scopes
  stytch-m2m clients list --scope read:users --scope write:users
  # The ids of an organization's inactive clients
  stytch-m2m clients list --organization organization-... --status inactive --query '[].client_id'")]
    List(list::Options),
    /// Change a client: only the fields that you give
    #[command(after_help = "\
Examples:
  stytch-m2m clients update billing --name Billing --add-scope read:invoices
  # Replaces all scopes
  stytch-m2m clients update billing --scope read:invoices --scope write:invoices
  # Merges the top-level keys; null removes a key
  stytch-m2m clients update billing --metadata '{\"team\": \"money\", \"old\": null}'")]
    Update(update::Options),
    /// Activate a client, so that it can fetch tokens
    Activate(One),
    /// Deactivate a client: it cannot fetch tokens; issued tokens stay valid until they expire
    Deactivate(One),
    /// Delete a client permanently; issued tokens stay valid until they expire
    #[command(after_help = "Example:\n  stytch-m2m clients delete billing --yes")]
    Delete(delete::Options),
    /// Make the project's clients match a file
    #[command(after_help = "\
Examples:
  stytch-m2m clients export --out clients.yaml
  # Edit the file, look at the difference, apply it
  stytch-m2m clients apply clients.yaml --dry-run
  stytch-m2m clients apply clients.yaml --secrets-dir secrets
  # A program gets the secret of each new client on standard input
  stytch-m2m clients apply clients.yaml \\
    --store-command 'vault kv put -mount=m2m \"$STYTCH_CLIENT_ID\" secret=-'

  # clients.yaml: fields and clients that it does not name are left unchanged
  clients:
    - client_id: billing
      client_name: Billing
      status: active
      scopes: [read:invoices]
      trusted_metadata: { team: money }

It can be repeated: it changes only what differs. After a failure, the report says which changes
were done, failed or not reached.

Exit codes:
    0  done; with --dry-run: there is no difference
    1  a wrong file, wrong arguments or settings: nothing was done
    2  only with --dry-run: there is a difference
   20  a change failed, or a secret could not be stored
An error of the API that ends the command has its own code: see stytch-m2m --help.")]
    Apply(apply::Options),
    /// Write all clients to a file for `clients apply`
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
