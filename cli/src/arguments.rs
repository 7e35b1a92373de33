//! The command line: one subcommand a module of [`commands`](crate::commands).

use clap::{Parser, Subcommand};

use crate::commands::{
    auth0, clients, doctor, emulate, generate, jwks, profiles, secrets, template, token,
};
use crate::environment::ENVIRONMENT;
use crate::failure::EXIT_CODES;
use crate::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  # With Stytch: the command asks for the project's secret if the environment does not have it
  export STYTCH_PROJECT_ID=project-test-...
  read -rs STYTCH_SECRET && export STYTCH_SECRET
  stytch-m2m doctor
  stytch-m2m clients list

  # With an emulator, without a network or an account
  stytch-m2m emulate --seed seed.yaml

Secrets are read from the environment, from a file or from a prompt, never from an argument, and
printed only with --show-secret. Give an id that begins with a hyphen last, after --:
stytch-m2m clients get -- -kQ3x

";

/// Machine-to-machine authentication on Stytch: clients, secrets, tokens, and the move from Auth0.
/// Unofficial: not made or endorsed by Stytch
#[derive(Parser, Debug)]
#[command(name = "stytch-m2m", version, after_help = concat_help(), max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create, read, change and delete M2M clients
    #[command(subcommand)]
    Clients(clients::Command),
    /// Rotate clients' secrets
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Fetch, verify and inspect access tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Show, check and set the template of the project's M2M tokens
    #[command(subcommand)]
    Template(template::Command),
    /// Show the project's public keys
    #[command(subcommand)]
    Jwks(jwks::Command),
    /// List the profiles: named settings of several projects
    #[command(subcommand)]
    Profiles(profiles::Command),
    /// Move M2M clients from Auth0, with their ids and secrets
    #[command(subcommand)]
    Auth0(auth0::Command),
    /// Serve Stytch's M2M API on loopback, for tests
    Emulate(emulate::Options),
    /// Check settings, proxy, reachability, clock, keys, a token's round trip and organization, and
    /// Auth0
    Doctor(doctor::Options),
    /// Write a completion script for a shell to standard output
    Completions(generate::Completions),
    /// Write a man page for each command into a folder
    Man(generate::Man),
}

fn concat_help() -> String {
    format!("{EXAMPLES}Environment:{ENVIRONMENT}\n{EXIT_CODES}")
}
