//! The `stytch-m2m` command.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod environment;
mod failure;
mod located;
mod output;
mod parsed;
mod private_file;
mod profile;
mod progress;
mod query;
mod secret;
mod secret_sink;
mod settings;
mod signal;
mod store_command;
mod table;
mod terminal;
mod usage;
mod view;
mod waiting;
mod waits;
mod word;
mod yaml;

use std::process::ExitCode;

use clap::{Command, CommandFactory as _, FromArgMatches as _};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::{Arguments, Command as Subcommand};
use crate::failure::Failure;
use crate::output::Output;
use crate::signal::terminated;
use crate::waiting::Waiting;
use crate::waits::Waits;

fn main() -> ExitCode {
    let command = as_shown(without_empty_variables(Arguments::command()));
    let is_apply = usage::calls(&command, &["clients", "apply"]);
    let arguments = match read_arguments(command, is_apply) {
        Ok(arguments) => arguments,
        Err(wrong) => return wrong,
    };
    let settings = &arguments.settings;
    let output = Output::new(settings.output, settings.color);
    let mut output = output.with(settings.query.as_deref(), settings.quiet);
    log(settings.verbose);
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::io("cannot start", source))
        .and_then(|runtime| runtime.block_on(until_interrupted(arguments, &mut output)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code(is_apply))
        }
    }
}

/// The arguments, with the profile's settings among them.
fn read_arguments(command: Command, is_apply: bool) -> Result<Arguments, ExitCode> {
    let mut arguments = parse_arguments(command.clone(), is_apply)?;
    let Some(name) = arguments.settings.profile.clone() else { return Ok(arguments) };
    // Which must be listed even if this one is not there.
    if matches!(arguments.command, Subcommand::Profiles(_)) {
        return Ok(arguments);
    }
    let profile = profile::find(&name).map_err(|failure| {
        Output::new(arguments.settings.output, arguments.settings.color).failure(&failure);
        ExitCode::from(failure.exit_code(is_apply))
    })?;
    arguments = parse_arguments(profile.applied_to(command), is_apply)?;
    arguments.settings.chosen = Some(profile);
    Ok(arguments)
}

fn parse_arguments(command: Command, is_apply: bool) -> Result<Arguments, ExitCode> {
    let matches = command.clone().try_get_matches();
    matches.and_then(|matches| Arguments::from_arg_matches(&matches)).map_err(|error| {
        let typed = without_environment(command).try_get_matches().err();
        usage::tell(&usage::of_what_was_typed(error, typed), is_apply)
    })
}

fn without_environment(command: Command) -> Command {
    let command = command.mut_args(|argument| argument.env(None::<&'static str>));
    command.mut_subcommands(without_environment)
}

/// Help names variables of the environment, but not their values.
fn as_shown(command: Command) -> Command {
    command.mut_args(|argument| argument.hide_env_values(true)).mut_subcommands(as_shown)
}

/// An environment variable that is empty counts as not set.
fn without_empty_variables(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        match value.is_some_and(|value| value.is_empty()) {
            true => argument.env(None::<&'static str>),
            false => argument,
        }
    });
    command.mut_subcommands(without_empty_variables)
}

/// The library's view of each request, where it is asked for, and its waits for progress. Other
/// libraries are not heard: what they say of a connection is theirs to keep free of secrets.
fn log(verbose: bool) {
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let ours = Targets::new().with_target("stytch_m2m", Level::DEBUG);
    let lines = verbose.then(|| lines.with_filter(ours));
    let waits = Waits.with_filter(Targets::new().with_target(waits::TARGET, Level::DEBUG));
    tracing_subscriber::registry().with(lines).with(waits).init();
}

async fn until_interrupted(arguments: Arguments, output: &mut Output) -> Result<(), Failure> {
    // The emulator ends in its own way at SIGTERM.
    let serves = matches!(arguments.command, Subcommand::Emulate(_));
    tokio::spawn(end_a_wait(*output));
    tokio::select! {
        // First, so that the signal is listened for before a command can wait for a person.
        biased;
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        () = terminated(), if !serves => Err(Failure::Interrupted),
        outcome = commands::run(arguments, output) => outcome,
    }
}

/// Ends the command at a signal that comes while it waits for a person or for standard input: nothing
/// has been begun then, and it cannot hear of it.
async fn end_a_wait(output: Output) {
    loop {
        tokio::select! {
            heard = tokio::signal::ctrl_c() => if heard.is_err() { return },
            () = terminated() => {}
        }
        if Waiting::is_under_way() {
            output.failure(&Failure::Interrupted);
            std::process::exit(Failure::Interrupted.exit_code(false).into());
        }
    }
}
