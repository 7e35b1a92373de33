//! Wrong arguments, told in the form that was asked for.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::ValueEnum as _;

use crate::failure::Failure;
use crate::output::{Color, Format, Output};

/// Prints what clap says of the arguments: help and versions as they are, errors as JSON where the
/// arguments ask for it.
pub(crate) fn tell(error: &clap::Error) -> ExitCode {
    let format = format_of(std::env::args_os().skip(1));
    if !error.use_stderr() || format == Format::Table {
        // Where nobody reads it, there is nothing else to do.
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let said = error.render().to_string();
    let useful = said.lines().take_while(|line| !line.starts_with("Usage:"));
    let words: Vec<_> = useful.map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = words.join(" ");
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let failure = Failure::usage(text);
    Output::new(format, Color::Never).failure(&failure);
    ExitCode::from(failure.exit_code())
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
