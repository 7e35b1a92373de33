//! `cargo xtask`: the one entry point to this repository, for people and for CI.
//!
//! One file a command (`demo.rs`, `lint.rs`, `test.rs`), one file a language (`language/*.rs`).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is its purpose")]

mod apt;
mod bench;
mod build;
mod cache;
mod ci;
mod compile;
mod console;
mod demo;
mod dist;
mod docs;
mod instructions;
mod judges;
mod language;
mod lint;
mod outcome;
mod process;
mod redis;
mod server;
mod stamp;
mod step;
mod tally;
mod test;
mod tool;
mod vectors;
mod venv;
mod version;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::error::{ContextKind, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

use crate::language::Language;
use crate::version::Version;
use crate::workspace::Workspace;

/// Builds, tests and shows stytch-m2m in every language.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Show all that the programs say, which otherwise goes to target/xtask/<command>.log
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Tell the product's story against a local server, or the one that the STYTCH_ variables name
    Demo(Selection),
    /// Run the tests against a local server
    Test(Selection),
    /// Measure each language beside its peers, and write docs/benchmarks.md
    Bench {
        /// Measure instead how soon keys and tokens are back after an outage, beside the official client
        #[arg(long)]
        recovery: bool,
        #[command(flatten)]
        selection: Selection,
    },
    /// Count the instructions of the core's warm path, and fail if they grew
    Instructions {
        /// Record what was counted instead
        #[arg(long)]
        record: bool,
    },
    /// Check formatting, lints, types, dependencies, spelling and links
    Lint(lint::Options),
    /// Build a language's package from this checkout, and say how to install it
    Build(Selection),
    /// Build the packages of a release, and install each into an empty environment
    Dist {
        /// The kinds; all of them if none is named
        #[arg(value_name = "PACKAGE")]
        kinds: Vec<dist::Kind>,
    },
    /// Build the guide and the crates' reference, offline
    Docs {
        /// Build nothing; put the programs into the pages that show them
        #[arg(long)]
        fill: bool,
    },
    /// Write the test vectors that every language runs
    Vectors {
        /// Write nothing; fail where the files are not what would be written
        #[arg(long)]
        check: bool,
    },
    /// Give every package this version, or say which one they have
    Version {
        /// The new version, as in 1.2.3
        version: Option<Version>,
    },
}

#[derive(clap::Args)]
struct Selection {
    /// The languages; all of them if none is named
    #[arg(value_name = "LANGUAGE")]
    languages: Vec<Language>,
}

impl Selection {
    fn languages(mut self) -> Vec<Language> {
        if self.languages.is_empty() {
            return Language::value_variants().to_vec();
        }
        self.languages.sort();
        self.languages.dedup();
        self.languages
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    run(arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(Arguments { command, verbose }: Arguments) -> Result<ExitCode> {
    process::end_with_this().context("cannot watch for interrupts")?;
    let workspace = Workspace::find(command.name(), verbose)?;
    let done = |()| ExitCode::SUCCESS;
    match command {
        Command::Demo(selection) => Ok(demo::run(&workspace, &selection.languages())),
        Command::Test(selection) => test::run(&workspace, &selection.languages()),
        Command::Bench { recovery: true, .. } => bench::recovery(&workspace),
        Command::Bench { selection, .. } => bench::run(&workspace, &selection.languages()),
        Command::Instructions { record } => instructions::run(&workspace, record).map(done),
        Command::Lint(options) => Ok(lint::run(&workspace, options)),
        Command::Build(selection) => build::run(&workspace, &selection.languages()),
        Command::Dist { kinds } => dist::run(&workspace, kinds),
        Command::Docs { fill } => docs::run(&workspace, fill).map(done),
        Command::Vectors { check } => vectors::run(&workspace, check).map(done),
        Command::Version { version } => version::run(&workspace, version.as_ref()).map(done),
    }
}

impl Command {
    /// As its log is called.
    fn name(&self) -> &'static str {
        match self {
            Self::Demo(_) => "demo",
            Self::Test(_) => "test",
            Self::Bench { .. } => "bench",
            Self::Instructions { .. } => "instructions",
            Self::Lint(_) => "lint",
            Self::Build(_) => "build",
            Self::Dist { .. } => "dist",
            Self::Docs { .. } => "docs",
            Self::Vectors { .. } => "vectors",
            Self::Version { .. } => "version",
        }
    }
}

/// Says what was wrong with the arguments; in one line where a name is unknown.
fn refuse(error: &clap::Error) -> ExitCode {
    match unknown_name(error) {
        Some(line) => eprintln!("error: {line}"),
        // Help goes to standard output, and is no error. A closed pipe is no reason to complain.
        None => drop(error.print()),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn unknown_name(error: &clap::Error) -> Option<String> {
    let (what, kind, choices) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            ("command", ContextKind::InvalidSubcommand, command_names())
        }
        ErrorKind::InvalidValue => {
            let argument = error.get(ContextKind::InvalidArg)?.to_string();
            let named = |kind: &&str| argument.contains(&kind.to_uppercase());
            let what = ["check", "package"].into_iter().find(named).unwrap_or("language");
            (what, ContextKind::InvalidValue, error.get(ContextKind::ValidValue)?.to_string())
        }
        _ => return None,
    };
    let name = error.get(kind)?;
    Some(format!("unknown {what} '{name}': choose from {choices}"))
}

fn command_names() -> String {
    let command = Arguments::command();
    let names: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(arguments: &[&str]) -> Option<String> {
        let all = ["xtask"].iter().chain(arguments);
        Arguments::try_parse_from(all).err().as_ref().and_then(unknown_name)
    }

    fn selected(arguments: &[&str]) -> Vec<Language> {
        let all = ["xtask", "test"].iter().chain(arguments);
        match Arguments::try_parse_from(all).unwrap().command {
            Command::Test(selection) => selection.languages(),
            _ => panic!("not the test command"),
        }
    }

    #[test]
    fn no_language_means_all_in_the_house_order() {
        use Language::{Kotlin, Node, Python, Rust, Swift};
        assert_eq!(selected(&[]), [Rust, Python, Node, Kotlin, Swift]);
        assert_eq!(selected(&["swift", "rust", "swift"]), [Rust, Swift]);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_choices() {
        assert_eq!(
            refusal(&["test", "cobol"]).unwrap(),
            "unknown language 'cobol': choose from rust, python, node, kotlin, swift"
        );
        assert_eq!(
            refusal(&["tset"]).unwrap(),
            "unknown command 'tset': choose from demo, test, bench, instructions, lint, build, dist, docs, \
             vectors, version"
        );
        let checks = refusal(&["lint", "rsut"]).unwrap();
        assert!(checks.starts_with("unknown check 'rsut': choose from format, "), "{checks}");
        let error = Arguments::try_parse_from(["xtask", "tset"]).err().unwrap();
        assert_eq!(error.exit_code(), 2);
    }
}
