//! How far long work has come: a bar on a terminal, a line now and then elsewhere, nothing for
//! programs. All of it on standard error.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

const TICK: Duration = Duration::from_millis(120);

/// Shorter waits are not worth a word.
const LEAST_WAIT: f64 = 1.0;

/// The work that is shown, for waits that the library tells of.
static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

struct Shown {
    what: &'static str,
    bar: ProgressBar,
    output: Option<Output>,
    /// When the last wait that was told of ends: all requests wait together.
    until: Option<Instant>,
}

/// Says that the work waits for so long, because a server asks for it or is away.
pub(crate) fn waits(seconds: f64) {
    if seconds < LEAST_WAIT {
        return;
    }
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(Shown { what, bar, output, until }) = shown.as_mut() {
        if until.is_some_and(|until| until > Instant::now()) {
            return;
        }
        *until = Duration::try_from_secs_f64(seconds).ok().map(|wait| Instant::now() + wait);
        let side = if what.contains("Auth0") { "Auth0" } else { "Stytch" };
        let text = format!("{what}: waits {} s for {side}", seconds.ceil());
        bar.set_message(text.clone());
        if let Some(output) = output {
            output.note(&text);
        }
    }
}

/// One piece of work.
pub(crate) struct Progress {
    what: &'static str,
    bar: ProgressBar,
    lines: Option<Lines>,
}

struct Lines {
    output: Output,
    total: u64,
    tenths: u64,
}

impl Progress {
    /// Work whose size is known.
    pub(crate) fn of(output: &Output, what: &'static str, total: usize) -> Self {
        let template = "{msg} {wide_bar} {pos}/{len} {eta}";
        let mut progress = Self::new(output, what, template, total as u64);
        progress.bar.set_message(what);
        // Of no work at all nothing is said.
        if let Some(lines) = &mut progress.lines {
            lines.total = lines.total.max(1);
        }
        progress
    }

    /// Work whose size is not known.
    pub(crate) fn open_ended(output: &Output, what: &'static str) -> Self {
        Self::new(output, what, "{spinner} {msg}", 0)
    }

    fn new(output: &Output, what: &'static str, template: &str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if output.is_watched() {
            let style = ProgressStyle::with_template(template);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
        let shown = Shown {
            what,
            bar: bar.clone(),
            output: output.is_logged().then_some(*output),
            until: None,
        };
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        let lines = output.is_logged().then_some(Lines { output: *output, total, tenths: 0 });
        Self { what, bar, lines }
    }

    /// One more is done. Elsewhere than on a terminal, each tenth is worth a line.
    pub(crate) fn one_more(&mut self) {
        self.bar.inc(1);
        self.bar.set_message(self.what);
        let Some(lines) = &mut self.lines else { return };
        let done = self.bar.position();
        let tenths = done * 10 / lines.total.max(1);
        if tenths > lines.tenths {
            lines.tenths = tenths;
            lines.output.note(&format!("{}: {done} of {}", self.what, lines.total));
        }
    }

    /// Says what the work waits for. It is worth a line elsewhere, too.
    pub(crate) fn waits(&mut self, for_what: &str) {
        self.bar.set_message(format!("{}: {for_what}", self.what));
        if let Some(lines) = &self.lines {
            lines.output.note(&format!("{}: {for_what}", self.what));
        }
    }

    /// Goes on after a wait.
    pub(crate) fn goes_on(&mut self) {
        self.bar.set_message(self.what);
    }

    /// How far it is, where the end is not known.
    pub(crate) fn say(&mut self, how_far: &str) {
        self.bar.set_message(format!("{}: {how_far}", self.what));
    }
}

/// What is said of work that a journal has noted.
pub(crate) const NOTED: &str = "what was done is noted; run the same command again to go on";

/// Says how to go on where work ends early: by an error, or by Ctrl-C, which drops it.
pub(crate) struct ResumeHint {
    output: Output,
    hint: &'static str,
    is_over: bool,
}

impl ResumeHint {
    pub(crate) fn new(output: Output, hint: &'static str) -> Self {
        Self { output, hint, is_over: false }
    }

    pub(crate) fn over(&mut self) {
        self.is_over = true;
    }
}

impl Drop for ResumeHint {
    fn drop(&mut self) {
        if !self.is_over {
            self.output.note(self.hint);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Of work without a known end, the last word is worth a line.
        let last = self.bar.message();
        if let Some(lines) =
            self.lines.as_ref().filter(|lines| lines.total == 0 && !last.is_empty())
        {
            lines.output.note(&last);
        }
        self.bar.finish_and_clear();
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
