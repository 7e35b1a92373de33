//! How many cases passed, as the runners themselves say when they close.

use std::fmt;

use anyhow::{Result, anyhow, bail};

use crate::step::Step;

/// What is counted: a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// All that the language's test runner runs
    Tests,
    /// `tests/vectors`
    Vectors,
    /// `tests/scenarios`
    Scenarios,
    /// What proves `tests/surface.json`
    Surface,
    /// The programs in `examples`
    Examples,
}

use Suite::{Examples, Scenarios, Surface, Tests, Vectors};

const SUITES: [Suite; 5] = [Tests, Vectors, Scenarios, Surface, Examples];

/// The cases of one language that passed: a row of the table.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counted: Vec<(Suite, usize)>,
}

impl Tally {
    /// Runs tests of a suite, and counts them and the shared cases in them.
    pub(crate) fn run(&mut self, suite: Suite, step: Step) -> Result<()> {
        let plain = step.env("NO_COLOR", "1").env("CARGO_TERM_COLOR", "never");
        let mut failed = Vec::new();
        let result = plain.lines(|line| {
            failed.extend(is_failed(line).then(|| line.trim().to_owned()));
            self.count(suite, line) || is_closing(line)
        });
        failed.dedup();
        failed.truncate(20);
        result
            .map_err(|error| anyhow!("{}", [vec![error.to_string()], failed].concat().join("\n  ")))
    }

    /// Counts what `line` says, if it says a number of cases.
    fn count(&mut self, suite: Suite, line: &str) -> bool {
        let counted = passed(suite, line).or_else(|| printed(line));
        self.counted.extend(counted);
        counted.is_some()
    }

    /// Runs an example, and counts it.
    pub(crate) fn example(&mut self, program: Step) -> Result<()> {
        program.run()?;
        self.counted.push((Examples, 1));
        Ok(())
    }

    /// Fails where a suite was not run: nobody would notice.
    pub(crate) fn check(&self) -> Result<()> {
        match SUITES.into_iter().find(|suite| self.of(*suite) == 0) {
            Some(suite) => bail!("no case of `{suite}` was counted"),
            None => Ok(()),
        }
    }

    fn of(&self, suite: Suite) -> usize {
        self.counted.iter().filter(|counted| counted.0 == suite).map(|counted| counted.1).sum()
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Tests => "tests",
            Vectors => "vectors",
            Scenarios => "scenarios",
            Surface => "surface",
            Examples => "examples",
        })
    }
}

/// A row for each language, a column for each suite.
pub(crate) fn table<T: fmt::Display>(rows: &[(T, Tally)]) -> String {
    let head = SUITES.map(|suite| format!("{suite:>11}")).concat();
    let mut table = format!("{:<10}{head}\n", "language");
    for (language, tally) in rows {
        let counts = SUITES.map(|suite| format!("{:>11}", tally.of(suite))).concat();
        table += &format!("{language:<10}{counts}\n");
    }
    table
}

/// Whether a runner sums up what it ran with this line, or says what it skipped and why.
fn is_closing(line: &str) -> bool {
    const STARTS: [&str; 8] = [
        "test result: ",
        "SKIPPED ",
        "skipped: ",
        "# skipped ",
        "# fail ",
        "ℹ fail ",
        "ℹ skipped ",
        "✘ Test run with ",
    ];
    let pytest =
        line.contains(" in ") && [" failed", " error"].iter().any(|what| line.contains(what));
    STARTS.iter().any(|start| line.starts_with(start))
        || pytest && line.starts_with(|c: char| c.is_ascii_digit() || c == '=')
}

/// Whether a runner names with this line a test that failed.
fn is_failed(line: &str) -> bool {
    const STARTS: [&str; 6] = ["FAILED ", "ERROR tests", "not ok ", "✖ ", "✘ Test ", "[ERROR]   "];
    STARTS.iter().any(|start| line.trim_start().starts_with(start))
        || line.starts_with("test ") && line.ends_with(" FAILED")
}

/// What a runner's closing line says; `suite` is what it ran.
fn passed(suite: Suite, line: &str) -> Option<(Suite, usize)> {
    if let Some((_, of)) = line.split_once("Tests run: ") {
        return surefire(suite, of);
    }
    let count = if line.starts_with("test result: ") {
        before(line, " passed;") // libtest
    } else if line.contains(" passed") && line.contains(" in ") && line.ends_with(['s', ')', '=']) {
        before(line, " passed") // pytest
    } else if line.starts_with("# pass ") || line.starts_with("ℹ pass ") {
        after(line, " pass ") // node:test
    } else if line.contains(" passed after ") {
        after(line, "Test run with ") // swift-testing
    } else {
        None
    };
    Some((suite, count?))
}

/// Surefire has a line for each class and one for all of a module, with those that did not pass.
fn surefire(suite: Suite, line: &str) -> Option<(Suite, usize)> {
    let suite = match line.split_once(" Time elapsed: ") {
        None => suite,
        Some((_, class)) if class.ends_with(".SurfaceTest") => Surface,
        Some(_) => return None,
    };
    let others = ["Failures: ", "Errors: ", "Skipped: "].map(|what| after(line, what));
    let others = others.into_iter().sum::<Option<usize>>()?;
    Some((suite, number(line)?.checked_sub(others)?))
}

/// What the runners of the shared cases print, in every language: `vectors: 12 cases`.
fn printed(line: &str) -> Option<(Suite, usize)> {
    let line = line.trim_start_matches(['#', 'ℹ', ' ']);
    let (name, rest) = line.split_once(": ")?;
    let suite = [Vectors, Scenarios].into_iter().find(|suite| suite.to_string() == name)?;
    let (count, rest) = rest.split_once(' ')?;
    rest.starts_with("cases").then_some((suite, number(count)?))
}

/// The number that `text` begins with.
fn number(text: &str) -> Option<usize> {
    text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn after(line: &str, word: &str) -> Option<usize> {
    number(line.split_once(word)?.1)
}

fn before(line: &str, word: &str) -> Option<usize> {
    line.split_once(word)?.0.split(' ').next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Console;

    #[test]
    fn each_runners_closing_line_is_read() {
        let closing = [
            ("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out", 12),
            ("499 passed in 101.64s (0:01:41)", 499),
            ("2 failed, 497 passed, 1 skipped in 3.10s", 497),
            ("========== 1 passed in 0.02s ==========", 1),
            ("# pass 120", 120),
            ("ℹ pass 120", 120),
            ("[INFO] Tests run: 86, Failures: 0, Errors: 0, Skipped: 0", 86),
            ("[WARNING] Tests run: 86, Failures: 1, Errors: 2, Skipped: 3", 80),
            ("✔ Test run with 67 tests passed after 3.198 seconds.", 67),
            ("✔ Test run with 67 tests in 9 suites passed after 3.198 seconds.", 67),
        ];
        for (line, count) in closing {
            assert_eq!(passed(Tests, line), Some((Tests, count)), "{line}");
        }
    }

    #[test]
    fn other_lines_are_not_counted() {
        let others = [
            "running 12 tests",
            "test tests::one_passed ... ok",
            "# tests 120",
            "# fail 0",
            "✔ Test one() passed after 0.001 seconds.",
            "✔ Suite Vectors passed after 0.001 seconds.",
            "✘ Test run with 67 tests failed after 3.198 seconds with 1 issue.",
            "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.17 s -- in a.RotationTest",
            "",
        ];
        for line in others {
            assert_eq!(passed(Tests, line), None, "{line}");
        }
        let class = "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 1 s -- in a.SurfaceTest";
        assert_eq!(passed(Tests, class), Some((Surface, 4)));
    }

    #[test]
    fn shared_cases_say_how_many_they_are() {
        assert_eq!(printed("vectors: 642 cases"), Some((Vectors, 642)));
        assert_eq!(printed("# scenarios: 86 cases"), Some((Scenarios, 86)));
        assert_eq!(printed("scenarios: 86 cases (async)"), Some((Scenarios, 86)));
        assert_eq!(printed("vectors: many"), None);
        assert_eq!(printed("wycheproof: 20 cases"), None);
    }

    #[test]
    fn failures_and_skips_are_seen_too() {
        let seen = [
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            "3 failed in 1.20s",
            "=========== 1 error in 0.12s ===========",
            "SKIPPED [1] tests/test_typing.py:40: pyright needs node",
            "# fail 1",
            "# skipped 0",
            "✘ Test run with 67 tests failed after 3.198 seconds with 1 issue.",
        ];
        for line in seen {
            assert!(is_closing(line), "{line}");
        }
        for line in ["test tests::one ... ok", "FAILED tests/test_a.py::test_b", "Compiling a"] {
            assert!(!is_closing(line), "{line}");
        }
    }

    #[test]
    fn a_failure_names_the_tests_that_failed() {
        let named = [
            "FAILED tests/test_a.py::test_b - assert 1 == 2",
            "ERROR tests/test_a.py::test_b - RuntimeError",
            "test tests::one ... FAILED",
            "    not ok 3 - one",
            "✖ one (3.1ms)",
            "✘ Test one() failed after 0.1 seconds with 1 issue.",
            "[ERROR]   VerifyTest.one:12 expected: <1> but was: <2>",
        ];
        for line in named {
            assert!(is_failed(line), "{line}");
        }
        for line in ["test tests::one ... ok", "ok 3 - one", "✔ one", "[ERROR] Failures: ", ""] {
            assert!(!is_failed(line), "{line}");
        }
        let script = "echo 'FAILED tests/a.py::b'; exit 1";
        let folder = tempfile::tempdir().unwrap();
        let console = Console::new(&folder.path().join("test.log"), false).unwrap();
        let step = Step::new(console, folder.path(), "sh".as_ref());
        let error = Tally::default().run(Tests, step.args(["-c", script])).unwrap_err();
        let said = error.to_string();
        assert!(said.ends_with("failed (exit status: 1)\n  FAILED tests/a.py::b"), "{said}");
    }

    #[test]
    fn what_runs_print_is_added_up() {
        let mut tally = Tally::default();
        // Nothing is printed here: it would be counted by the run that this test is part of.
        for line in
            ["vectors: 20 cases", "3 passed in 1s", "scenarios: 8 cases", "scenarios: 8 cases"]
        {
            assert!(tally.count(Tests, line), "{line}");
        }
        assert!(tally.count(Tests, "4 passed in 1s"));
        assert!(!tally.count(Tests, "compiling"));
        let missing = tally.check().unwrap_err();
        assert_eq!(missing.to_string(), "no case of `surface` was counted");
        tally.count(Surface, "5 passed in 1s");
        tally.counted.push((Examples, 1));
        tally.check().unwrap();
        let expected = "\
            language        tests    vectors  scenarios    surface   examples\n\
            python              7         20         16          5          1\n\
            swift               0          0          0          0          0\n";
        assert_eq!(table(&[("python", tally), ("swift", Tally::default())]), expected);
    }
}
