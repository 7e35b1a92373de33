//! Wrong arguments, told in the form that was asked for; and help.

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write as _};
use std::process::ExitCode;

use clap::error::ContextKind;
use clap::{Command, ValueEnum as _};

use crate::failure::Failure;
use crate::output::{Color, Format, Output};

/// Prints what clap says of the arguments: help and versions as they are, errors as JSON where the
/// arguments ask for it.
pub(crate) fn tell(error: &clap::Error, is_apply: bool) -> ExitCode {
    let format = format_of(std::env::args_os().skip(1));
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Err(source) if source.kind() != ErrorKind::BrokenPipe => {
                let failure = Failure::io("cannot write the help", source);
                Output::new(Format::Table, Color::Auto).failure(&failure);
                ExitCode::from(failure.exit_code(is_apply))
            }
            _ => ExitCode::SUCCESS,
        };
    }
    if format == Format::Table {
        // Where nobody reads it, there is nothing else to do.
        let _ = error.print();
        return ExitCode::from(Failure::usage("").exit_code(is_apply));
    }
    let said = error.render().to_string();
    let useful = said.lines().take_while(|line| !line.starts_with("Usage:"));
    let words: Vec<_> = useful.map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = words.join(" ");
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let failure = Failure::usage(text);
    Output::new(format, Color::Never).failure(&failure);
    ExitCode::from(failure.exit_code(is_apply))
}

/// The error with a usage line of what was typed, without the options that the environment gives.
pub(crate) fn of_what_was_typed(mut error: clap::Error, typed: Option<clap::Error>) -> clap::Error {
    let usage = typed.and_then(|typed| typed.get(ContextKind::Usage).cloned());
    if let Some(usage) = usage {
        error.insert(ContextKind::Usage, usage);
    }
    error
}

/// Whether the arguments call this subcommand, even if the rest of them is wrong.
pub(crate) fn calls(root: &Command, path: &[&str]) -> bool {
    let (mut current, mut found) = (root, Vec::new());
    let mut arguments = std::env::args_os().skip(1).map(|one| one.to_string_lossy().into_owned());
    while let Some(argument) = arguments.next() {
        if argument.starts_with('-') {
            if [root, current].iter().any(|command| takes_next(command, &argument)) {
                arguments.next();
            }
            continue;
        }
        let Some(next) = current.find_subcommand(&argument) else { break };
        found.push(next.get_name());
        current = next;
    }
    found == path
}

/// Whether the option's value is the next argument: `--name=value` and `-nvalue` hold theirs.
fn takes_next(command: &Command, option: &str) -> bool {
    command.get_arguments().filter(|one| one.get_action().takes_values()).any(|one| {
        let long = one.get_long().is_some_and(|long| option == format!("--{long}"));
        long || one.get_short().is_some_and(|short| option == format!("-{short}"))
    })
}

/// The form that arguments ask for, even if the rest of them is wrong.
fn format_of(arguments: impl Iterator<Item = OsString>) -> Format {
    let mut arguments = arguments.map(|one| one.to_string_lossy().into_owned());
    let mut format = Format::default();
    while let Some(argument) = arguments.next() {
        let value = match argument.as_str() {
            "--" => break,
            "-o" | "--output" => arguments.next(),
            other => other
                .strip_prefix("--output=")
                .or_else(|| other.strip_prefix("-o"))
                .map(|value| value.trim_start_matches('=').to_owned()),
        };
        if let Some(value) = value {
            format = Format::from_str(&value, false).unwrap_or(format);
        }
    }
    format
}
