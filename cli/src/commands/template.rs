//! `stytch-m2m template`

pub(crate) mod check;
mod difference;
mod set;
pub(crate) mod show;
pub(crate) mod workspace;

use clap::{Args, Subcommand};
use stytch_m2m::management::template::ORGANIZATION_CLAIM;

use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Show the template of the project's M2M tokens, and the custom audience
    #[command(after_help = "\
Examples:
  export STYTCH_PROJECT_SLUG=acme STYTCH_ENVIRONMENT_SLUG=production STYTCH_WORKSPACE_KEY_ID=...
  stytch-m2m template show
  stytch-m2m template show --out template.json")]
    Show(show::Options),
    /// Find out whether tokens name the client's organization, and who chooses it
    ///
    /// Fetches two tokens of a client: one as it is, and one with additional parameters. An
    /// organization that follows the parameters is the caller's word, which says nothing about the
    /// client. With a workspace key, the template is read as well, and decides. Stytch bills both
    /// tokens.
    #[command(after_help = "\
Examples:
  stytch-m2m template check --client-id billing --secret-from billing.secret
  # It must be this organization
  stytch-m2m template check --client-id billing --secret-from billing.secret --organization acme

Ends with 0 if the token names the organization and the project chooses it, and with 20 if it names
none, another one, or one that the caller can choose. `source` in the JSON output says who chooses:
project, caller, fixed (the same for every client), unknown, or absent (the token names none).")]
    Check(check::Options),
    /// Set the template of the project's M2M tokens
    ///
    /// Shows the difference, and asks before it changes anything. Tokens that were issued before keep
    /// their claims until they expire. The custom audience stays, unless you give another.
    #[command(after_help = "\
Examples:
  # Adds \"org_id\": {{ client.trusted_metadata.organization_id }} to the present template
  stytch-m2m template set --organization --dry-run
  stytch-m2m template set --organization
  stytch-m2m template set template.json --yes

A template in which a caller chooses the organization, as by {{ request.organization_id }}, is refused
with 6. With --dry-run it ends with 20 if there is a difference.")]
    Set(set::Options),
}

/// Which claim has the organization.
#[derive(Args, Debug)]
pub(crate) struct Claim {
    /// The claim with the client's organization
    #[arg(long, value_name = "NAME", default_value = ORGANIZATION_CLAIM)]
    pub(crate) claim: String,
}

pub(crate) async fn run(
    command: Command,
    settings: &Settings,
    output: &mut Output,
) -> Result<(), Failure> {
    match command {
        Command::Show(options) => show::run(options, settings, output).await,
        Command::Check(options) => check::run(options, settings, output).await,
        Command::Set(options) => set::run(options, settings, output).await,
    }
}
