//! The `stytch-m2m` command.
#![forbid(unsafe_code)]

mod arguments;
mod commands;
mod failure;
mod output;
mod progress;
mod secret;
mod settings;
mod view;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = Output::new(arguments.settings.output, arguments.settings.color);
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|source| Failure::io("cannot start", source))
        .and_then(|runtime| runtime.block_on(until_interrupted(arguments, &mut output)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn until_interrupted(arguments: Arguments, output: &mut Output) -> Result<(), Failure> {
    tokio::select! {
        // First, so that the signal is listened for before a command can wait for a person.
        biased;
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
        outcome = commands::run(arguments, output) => outcome,
    }
}
