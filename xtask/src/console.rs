//! What a person sees: a line for each step, with its time. What the programs say goes to a log.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::ci::is_ci;

/// How many of the last lines are shown of a step that failed: in CI the log is out of reach.
const END: (usize, usize) = (40, 1000);

/// Cheap to clone: all clones are the same.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    verbose: bool,
    bars: MultiProgress,
    log: Option<(PathBuf, Mutex<File>)>,
    /// What is said beside others' lines, until it is shown.
    held: Option<Held>,
}

struct Held {
    name: String,
    lines: Mutex<Vec<String>>,
}

impl Console {
    /// Writes the log anew. With `verbose`, everything is shown too.
    pub(crate) fn new(log: &Path, verbose: bool) -> Result<Self> {
        Self::with(log, verbose, MultiProgress::new(), None)
    }

    /// One for work beside other work, with a log of its own. What it is told is shown with `show`.
    pub(crate) fn beside(&self, name: &str) -> Result<Self> {
        let (log, _) = self.0.log.as_ref().context("a console without a log")?;
        let stem = log.file_stem().unwrap_or_default().to_string_lossy();
        let held = Held { name: name.to_owned(), lines: Mutex::default() };
        let log = log.with_file_name(format!("{stem}-{name}.log"));
        Self::with(&log, self.0.verbose, self.0.bars.clone(), Some(held))
    }

    fn with(log: &Path, verbose: bool, bars: MultiProgress, held: Option<Held>) -> Result<Self> {
        let folder = log.parent().context("a log without a folder")?;
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let log = Some((log.to_owned(), Mutex::new(file)));
        Ok(Self(Arc::new(Inner { verbose, bars, log, held })))
    }

    /// One without a log, which shows everything.
    #[cfg(test)]
    pub(crate) fn verbose() -> Self {
        Self(Arc::new(Inner { verbose: true, bars: MultiProgress::new(), log: None, held: None }))
    }

    /// Shows a line, beside the steps that run.
    pub(crate) fn say(&self, line: &str) {
        match &self.0.held {
            Some(held) => held.lines().push(line.to_owned()),
            None => self.print(line),
        }
    }

    /// Shows what was held back, as a whole.
    pub(crate) fn show(&self) {
        if let Some(held) = &self.0.held {
            self.print(&std::mem::take(&mut *held.lines()).join("\n"));
        }
    }

    /// Whether all that programs say is shown.
    pub(crate) fn is_verbose(&self) -> bool {
        self.0.verbose
    }

    fn print(&self, lines: &str) {
        // Nobody may be reading it.
        self.0.bars.suspend(|| drop(writeln!(io::stdout().lock(), "{lines}")));
    }

    /// Begins a step: `does` says what, `command` how.
    pub(crate) fn begin(&self, does: &str, command: &str) -> Progress {
        self.log(&format!("\n$ {command}"));
        if self.0.verbose {
            self.say(&format!("$ {command}"));
        }
        let bar = self.0.bars.add(ProgressBar::new_spinner());
        let style =
            ProgressStyle::with_template("  {spinner} {prefix} ({elapsed}) {wide_msg:.dim}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(match &self.0.held {
            Some(held) => format!("{}: {does}", held.name),
            None => does.to_owned(),
        });
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress {
            console: self.clone(),
            does: does.to_owned(),
            start: Instant::now(),
            bar,
            end: VecDeque::new(),
        }
    }

    fn log(&self, line: &str) {
        if let Some((_, log)) = &self.0.log {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            // A full disk is the programs' own trouble: they say it better.
            let _ = writeln!(log, "{line}");
        }
    }
}

impl Held {
    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A step that runs.
pub(crate) struct Progress {
    console: Console,
    does: String,
    start: Instant,
    bar: ProgressBar,
    end: VecDeque<String>,
}

impl Progress {
    /// Takes a line of the program's output; with `show`, it is shown whatever the console is like.
    pub(crate) fn line(&mut self, line: &str, show: bool) {
        self.console.log(line);
        if show || self.console.0.verbose {
            self.console.say(line);
        }
        // What is shown need not be shown again.
        if !show {
            if !line.trim().is_empty() {
                self.bar.set_message(line.trim().to_owned());
            }
            self.end.push_back(line.to_owned());
        }
        if self.end.len() > if is_ci() { END.1 } else { END.0 } {
            self.end.pop_front();
        }
    }

    /// Ends it, with a line that says how long it took; of a failure, the last lines are shown.
    pub(crate) fn finish(self, succeeded: bool) {
        self.bar.finish_and_clear();
        self.console.0.bars.remove(&self.bar);
        self.console.say(&finished(&self.does, self.start.elapsed(), succeeded));
        if succeeded || self.console.0.verbose {
            return;
        }
        for line in &self.end {
            self.console.say(&format!("  | {line}"));
        }
        if let Some((path, _)) = &self.console.0.log {
            self.console.say(&format!("  all of it: {}", path.display()));
        }
    }

    /// Ends it without a line.
    pub(crate) fn vanish(self) {
        self.bar.finish_and_clear();
        self.console.0.bars.remove(&self.bar);
    }
}

/// A step's line.
fn finished(does: &str, time: Duration, succeeded: bool) -> String {
    let failed = if succeeded { "" } else { " FAILED" };
    format!("  {does:<70} {:>6.1} s{failed}", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_a_line_with_its_time() {
        let line = finished("compiles", Duration::from_millis(12_340), true);
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["compiles", "12.3", "s"]);
        assert!(finished("compiles", Duration::ZERO, false).ends_with("0.0 s FAILED"));
    }

    #[test]
    fn what_is_said_beside_others_is_held_back_and_logged_apart() {
        let folder = tempfile::tempdir().unwrap();
        let console = Console::new(&folder.path().join("test.log"), false).unwrap();
        let beside = console.beside("rust").unwrap();
        let mut progress = beside.begin("counts", "seq 2");
        (1..=2).for_each(|n| progress.line(&n.to_string(), n == 2));
        progress.finish(true);
        let held = beside.0.held.as_ref().unwrap();
        assert_eq!(held.lines().len(), 2, "what was to be seen, and the step");
        beside.show();
        assert!(held.lines().is_empty());
        let log = |name| fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(log("test-rust.log"), "\n$ seq 2\n1\n2\n");
        assert_eq!(log("test.log"), "");
    }

    #[test]
    fn the_log_has_each_command_and_all_that_it_said() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("xtask/test.log");
        let console = Console::new(&log, false).unwrap();
        let mut progress = console.begin("counts", "seq 60");
        (1..=60).for_each(|n| progress.line(&n.to_string(), n % 2 == 0));
        // What was shown as it came is not shown again.
        assert_eq!(progress.end.len(), 30);
        progress.finish(true);
        let text = fs::read_to_string(log).unwrap();
        assert_eq!(text.lines().count(), 62);
        assert!(text.starts_with("\n$ seq 60\n1\n2\n"), "{text}");
    }
}
