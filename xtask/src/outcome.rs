//! Doing the same for each of several things (languages, checks), and reporting how it went.

use std::num::NonZero;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use anyhow::{Result, anyhow};

use crate::ci::is_ci;
use crate::console::Console;
use crate::workspace::Workspace;

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
    /// Why it failed.
    failure: Option<String>,
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
    let rows: Vec<_> =
        things.iter().map(|&thing| one(console, name, thing, &missing, &mut work)).collect();
    report(console, kind, &rows)
}

/// How much this machine can do at once.
pub(crate) fn at_once() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get)
}

/// The same for as many at once as this machine has processors: what each says is shown as a whole
/// when it has ended.
pub(crate) fn for_each_at_once<T: Copy + Ord + Send + Sync + fmt::Display>(
    workspace: &Workspace,
    name: &str,
    kind: &str,
    things: &[T],
    missing: impl Fn(T) -> Option<String> + Sync,
    work: impl Fn(&Workspace, T) -> Result<()> + Sync,
) -> ExitCode {
    let at_once = at_once().min(things.len());
    let console = workspace.console();
    console.say(&format!("\n{at_once} at once: each is shown when it has ended"));
    let (left, rows) = (Mutex::new(things.iter().copied()), Mutex::new(Vec::new()));
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let some = || {
        while let Some(thing) = next() {
            let row = match workspace.beside(&thing.to_string()) {
                Ok(beside) => {
                    let mut work = |thing| work(&beside, thing);
                    let row = one(beside.console(), name, thing, &missing, &mut work);
                    beside.console().show();
                    row
                }
                Err(error) => {
                    one(console, name, thing, &missing, &mut |_| Err(anyhow!("{error:#}")))
                }
            };
            rows.lock().unwrap_or_else(PoisonError::into_inner).push((thing, row));
        }
    };
    thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(some))));
    let mut rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    rows.sort_by_key(|(thing, _)| *thing);
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    report(console, kind, &rows)
}

fn one<T: Copy + fmt::Display>(
    console: &Console,
    name: &str,
    thing: T,
    missing: &impl Fn(T) -> Option<String>,
    work: &mut impl FnMut(T) -> Result<()>,
) -> Row {
    console.say(&format!("\n== {name}: {thing} =="));
    let start = Instant::now();
    let (outcome, why) = match missing(thing) {
        Some(missing) => (without_toolchain(is_ci()), Some(missing)),
        None => match work(thing) {
            Ok(()) => (Outcome::Passed, None),
            Err(error) => (Outcome::Failed, Some(format!("{error:#}"))),
        },
    };
    if let Some(why) = &why {
        console.say(&format!("{outcome} {thing}: {why}"));
    }
    let failure = why.filter(|_| outcome == Outcome::Failed);
    Row { thing: thing.to_string(), outcome, time: start.elapsed(), failure }
}

/// Says once more why some failed: whoever reads the end only knows then where to look.
fn report(console: &Console, kind: &str, rows: &[Row]) -> ExitCode {
    for Row { thing, failure, .. } in rows {
        if let Some(failure) = failure {
            console.say(&format!("\nfailed {thing}: {failure}"));
        }
    }
    console.say(&format!("\n{}", table(kind, rows).trim_end()));
    match rows.iter().any(|row| row.outcome == Outcome::Failed) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
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
    for Row { thing, outcome, time, .. } in rows {
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
    fn of_several_at_once_one_that_fails_does_not_stop_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::of_test(folder.path());
        let missing = |n: u32| (n == 3).then(|| "three".to_owned());
        let done = Mutex::new(Vec::new());
        let work = |beside: &Workspace, n: u32| {
            beside.console().say(&n.to_string());
            done.lock().unwrap().push(n);
            if n == 0 { Err(anyhow!("nothing")) } else { Ok(()) }
        };
        let things: Vec<_> = (0..20).collect();
        let code = for_each_at_once(&workspace, "try", "number", &things, missing, work);
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, (0..20).filter(|n| *n != 3).collect::<Vec<_>>());
    }

    #[test]
    fn the_table_has_a_row_for_each_thing() {
        let row = |thing: &str, outcome, seconds| Row {
            thing: thing.to_owned(),
            outcome,
            time: Duration::from_secs_f64(seconds),
            failure: None,
        };
        let rows = [row("rust", Outcome::Passed, 12.34), row("kotlin", Outcome::Failed, 0.0)];
        let expected = "\
            language  result    seconds\n\
            rust      passed       12.3\n\
            kotlin    failed        0.0\n";
        assert_eq!(table("language", &rows), expected);
    }
}
