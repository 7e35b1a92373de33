//! How far long work has come: a bar on a terminal, a line now and then elsewhere, nothing for
//! programs. All of it on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

const TICK: Duration = Duration::from_millis(120);

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
        let progress = Self::new(output, what, template, total as u64);
        progress.bar.set_message(what);
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
        let lines = (!output.is_watched() && !output.is_json()).then_some(Lines {
            output: *output,
            total,
            tenths: 0,
        });
        Self { what, bar, lines }
    }

    /// One more is done. Elsewhere than on a terminal, each tenth is worth a line.
    pub(crate) fn one_more(&mut self) {
        self.bar.inc(1);
        let Some(lines) = &mut self.lines else { return };
        let done = self.bar.position();
        let tenths = done * 10 / lines.total.max(1);
        if tenths > lines.tenths {
            lines.tenths = tenths;
            lines.output.note(&format!("{}: {done} of {}", self.what, lines.total));
        }
    }

    /// How far it is, where the end is not known.
    pub(crate) fn say(&mut self, how_far: &str) {
        self.bar.set_message(format!("{}: {how_far}", self.what));
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
    }
}
