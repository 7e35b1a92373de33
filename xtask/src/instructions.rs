//! `cargo xtask instructions`: what the core's warm path costs, without the noise of time.

use std::collections::BTreeMap;
use std::env::consts::{ARCH, OS};
use std::fs;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::console::Console;
use crate::workspace::Workspace;

const VALGRIND: &str = "valgrind";
const PROGRAM: &str = "stytch-m2m-warm-path";
/// What each call costs, as it was when somebody last looked.
const RECORD: &str = "benches/instructions/counts.json";
/// How many calls are made: fewer, and more; the difference is free of what comes before.
const CALLS: (u64, u64) = (20, 120);
/// The growth that fails.
const TOLERANCE: f64 = 1.05;

type Counts = BTreeMap<String, u64>;

/// Counts the instructions of each call of the record, and compares, or records them.
pub(crate) fn run(workspace: &Workspace, record: bool) -> Result<()> {
    if (OS, ARCH) != ("linux", "x86_64") || !apt::can_have(VALGRIND) {
        workspace.console().say("skipped: instructions are counted by valgrind, on x86-64 Linux");
        return Ok(());
    }
    apt::ensure(workspace, VALGRIND, "15 MB")?;
    let build = workspace.cargo().args(["build", "--release", "--package", PROGRAM]);
    build.named("compile the warm path as it ships").run()?;
    let path = workspace.path(RECORD);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {RECORD}"))?;
    let recorded: Counts = serde_json::from_str(&text)?;
    let counted: Counts = recorded
        .keys()
        .map(|call| Ok((call.clone(), count(workspace, call)?)))
        .collect::<Result<_>>()?;
    let grown = report(workspace.console(), &recorded, &counted);
    if record {
        return Ok(fs::write(path, serde_json::to_string_pretty(&counted)? + "\n")?);
    }
    match grown.as_slice() {
        [] => Ok(()),
        grown => bail!(
            "{} grew by more than 5 %: mend it, or `cargo xtask instructions --record` and say why",
            grown.join(", ")
        ),
    }
}

/// Shows the figures, and names the calls that cost too much more.
fn report(console: &Console, recorded: &Counts, counted: &Counts) -> Vec<String> {
    console.say(&format!("{:<30}{:>10}{:>10}", "instructions of", "recorded", "counted"));
    let mut grown = Vec::new();
    for (call, count) in counted {
        let before = recorded.get(call).copied().unwrap_or_default();
        console.say(&format!("{call:<30}{before:>10}{count:>10}"));
        if *count as f64 > before as f64 * TOLERANCE {
            grown.push(call.clone());
        }
    }
    grown
}

/// Instructions of one call, but for the signature check in it: that is AWS-LC's, and the
/// processor's.
fn count(workspace: &Workspace, call: &str) -> Result<u64> {
    let (few, many) = (collected(workspace, call, CALLS.0)?, collected(workspace, call, CALLS.1)?);
    Ok(many.saturating_sub(few) / (CALLS.1 - CALLS.0))
}

fn collected(workspace: &Workspace, call: &str, calls: u64) -> Result<u64> {
    let callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"];
    // Each of these functions turns counting on or off as it begins, and back as it ends.
    let within = ["--toggle-collect=*warm_path::counted*", "--toggle-collect=*parsed_verify_sig*"];
    let program = workspace.target("release").join(PROGRAM);
    let step = workspace.step(VALGRIND).args(callgrind).args(within).arg(program);
    let said = step.arg(call).arg(calls.to_string()).output()?;
    let count =
        said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.context("callgrind did not say what it counted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_beyond_the_tolerance_is_named() {
        let counts = |verify, token| {
            Counts::from([("verify".to_owned(), verify), ("token".to_owned(), token)])
        };
        let recorded = counts(1000, 100);
        let console = Console::verbose();
        assert!(report(&console, &recorded, &counts(1050, 50)).is_empty());
        assert_eq!(report(&console, &recorded, &counts(1051, 100)), ["verify"]);
    }
}
