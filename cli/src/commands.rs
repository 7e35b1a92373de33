//! The subcommands.

pub(crate) mod auth0;
pub(crate) mod clients;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod generate;
pub(crate) mod jwks;
pub(crate) mod profiles;
pub(crate) mod secrets;
pub(crate) mod template;
pub(crate) mod token;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::output::Output;

pub(crate) async fn run(arguments: Arguments, output: &mut Output) -> Result<(), Failure> {
    let settings = &arguments.settings;
    match arguments.command {
        Command::Clients(command) => clients::run(command, settings, output).await,
        Command::Secrets(command) => secrets::run(command, settings, output).await,
        Command::Token(command) => token::run(command, settings, output).await,
        Command::Template(command) => template::run(command, settings, output).await,
        Command::Jwks(command) => jwks::run(command, settings, output).await,
        Command::Auth0(command) => auth0::run(command, settings, output).await,
        Command::Emulate(options) => emulate::run(options, settings, output).await,
        Command::Doctor(options) => doctor::run(options, settings, output).await,
        Command::Profiles(command) => profiles::run(command, output),
        Command::Completions(options) => {
            generate::completions(&options, Arguments::command(), output)
        }
        Command::Man(options) => generate::man(&options, Arguments::command(), output),
    }
}
