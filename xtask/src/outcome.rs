//! Doing the same for each of several things (languages, checks), and reporting how it went.

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::ci::is_ci;
use crate::console::Console;

/// How it went for one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        })
    }
}

struct Row {
    thing: String,
    outcome: Outcome,
    time: Duration,
}

/// Does `work`, called `name`, for each of the things, which are of a `kind`. One that fails does
/// not stop the others; one for which this machine is `missing` something is skipped.
pub(crate) fn for_each<T: Copy + fmt::Display>(
    console: &Console,
    name: &str,
    kind: &str,
    things: &[T],
    missing: impl Fn(T) -> Option<String>,
    mut work: impl FnMut(T) -> Result<()>,
) -> ExitCode {
    let ci = is_ci();
    let mut rows = Vec::new();
    for &thing in things {
        console.say(&format!("\n== {name}: {thing} =="));
        let start = Instant::now();
        let outcome = match missing(thing) {
            Some(missing) => {
                let outcome = without_toolchain(ci);
                console.say(&format!("{outcome} {thing}: {missing}"));
                outcome
            }
            None => outcome_of(console, thing, work(thing)),
        };
        rows.push(Row { thing: thing.to_string(), outcome, time: start.elapsed() });
    }
    console.say(&format!("\n{}", table(kind, &rows).trim_end()));
    match rows.iter().any(|row| row.outcome == Outcome::Failed) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn outcome_of(console: &Console, thing: impl fmt::Display, result: Result<()>) -> Outcome {
    match result {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            console.say(&format!("failed {thing}: {error:#}"));
            Outcome::Failed
        }
    }
}

/// A person may lack a toolchain; where CI lacks one, nobody would notice a skip.
fn without_toolchain(ci: bool) -> Outcome {
    if ci { Outcome::Failed } else { Outcome::Skipped }
}

fn table(kind: &str, rows: &[Row]) -> String {
    let names = rows.iter().map(|row| row.thing.len());
    let width = names.chain([kind.len()]).max().unwrap_or(0) + 2;
    let mut table = format!("{kind:<width$}{:<9}{:>8}\n", "result", "seconds");
    for Row { thing, outcome, time } in rows {
        let seconds = time.as_secs_f64();
        table += &format!("{thing:<width$}{outcome:<9}{seconds:>8.1}\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_toolchain_fails_only_in_ci() {
        assert_eq!(without_toolchain(true), Outcome::Failed);
        assert_eq!(without_toolchain(false), Outcome::Skipped);
    }

    #[test]
    fn the_table_has_a_row_for_each_thing() {
        let row = |thing: &str, outcome, seconds| Row {
            thing: thing.to_owned(),
            outcome,
            time: Duration::from_secs_f64(seconds),
        };
        let rows = [row("rust", Outcome::Passed, 12.34), row("kotlin", Outcome::Failed, 0.0)];
        let expected = "\
            language  result    seconds\n\
            rust      passed       12.3\n\
            kotlin    failed        0.0\n";
        assert_eq!(table("language", &rows), expected);
    }
}
