//! Doing one thing in each of several languages, and reporting how it went.

use std::env;
use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::language::{Language, Package};
use crate::workspace::Workspace;

/// How it went in one language.
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
    language: Language,
    outcome: Outcome,
    time: Duration,
}

/// Does `work`, called `name`, in each language. One that fails does not stop the others.
pub(crate) fn for_each(
    workspace: &Workspace,
    name: &str,
    languages: &[Language],
    work: impl Fn(&dyn Package) -> Result<()>,
) -> ExitCode {
    let ci = is_ci(env::var("CI").ok().as_deref());
    let mut rows = Vec::new();
    for &language in languages {
        println!("\n== {name}: {language} ==");
        let start = Instant::now();
        let outcome = one(workspace, language, ci, &work);
        rows.push(Row { language, outcome, time: start.elapsed() });
    }
    print!("\n{}", table(&rows));
    match rows.iter().any(|row| row.outcome == Outcome::Failed) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

fn one(
    workspace: &Workspace,
    language: Language,
    ci: bool,
    work: impl Fn(&dyn Package) -> Result<()>,
) -> Outcome {
    let package = language.package();
    if let Some(missing) = package.missing(workspace) {
        let outcome = without_toolchain(ci);
        println!("{outcome} {language}: {missing}");
        return outcome;
    }
    match work(package) {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            println!("failed {language}: {error:#}");
            Outcome::Failed
        }
    }
}

/// A person may lack a toolchain; where CI lacks one, nobody would notice a skip.
fn without_toolchain(ci: bool) -> Outcome {
    if ci { Outcome::Failed } else { Outcome::Skipped }
}

fn is_ci(variable: Option<&str>) -> bool {
    !matches!(variable, None | Some("" | "false" | "0"))
}

fn table(rows: &[Row]) -> String {
    let mut table = format!("{:<10}{:<9}{:>8}\n", "language", "result", "seconds");
    for Row { language, outcome, time } in rows {
        let seconds = time.as_secs_f64();
        table += &format!("{language:<10}{outcome:<9}{seconds:>8.1}\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_toolchain_fails_only_in_ci() {
        for ci in ["true", "1", "yes"] {
            assert_eq!(without_toolchain(is_ci(Some(ci))), Outcome::Failed);
        }
        for person in [None, Some(""), Some("false"), Some("0")] {
            assert_eq!(without_toolchain(is_ci(person)), Outcome::Skipped);
        }
    }

    #[test]
    fn the_table_has_a_row_for_each_language() {
        let row = |language, outcome, seconds| Row {
            language,
            outcome,
            time: Duration::from_secs_f64(seconds),
        };
        let rows = [
            row(Language::Rust, Outcome::Passed, 12.34),
            row(Language::Kotlin, Outcome::Failed, 0.0),
        ];
        let expected = "\
            language  result    seconds\n\
            rust      passed       12.3\n\
            kotlin    failed        0.0\n";
        assert_eq!(table(&rows), expected);
    }
}
