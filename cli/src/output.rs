//! What the command prints: text for people, JSON for programs.

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::OnceLock;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use comfy_table::{Table, presets};
use serde_json::{Value, json};

use stytch_m2m::text::{is_deceptive, visible};

use crate::failure::Failure;
use crate::waiting::Waiting;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences
    #[default]
    Text,
    /// One JSON document on standard output; failures as JSON on standard error
    Json,
}

/// When text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    Always,
    Never,
}

/// Standard output and standard error.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    format: Format,
}

/// Characters of a name in a table.
const LONGEST_CELL: usize = 60;

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default();

impl Output {
    pub(crate) fn new(format: Format, color: Color) -> Self {
        let choice = match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { format }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether somebody is looking at standard error, where progress goes.
    pub(crate) fn is_watched(&self) -> bool {
        !self.is_json() && io::stderr().is_terminal()
    }

    /// The result, in the form that was asked for.
    pub(crate) fn result(
        &mut self,
        json: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.line(&pretty(&json())),
            Format::Text => self.line(text().trim_end_matches('\n')),
        }
    }

    /// The result with the only copy of a secret in it: to be heard, or a failure that says `advice`.
    pub(crate) fn only_copy(
        &mut self,
        shown: &Value,
        text: &str,
        advice: &str,
    ) -> Result<(), Failure> {
        let lost = |source: io::Error| {
            let text = format!("{source}; the secret in it is lost. {advice}");
            Failure::io("cannot write the result", io::Error::other(text))
        };
        self.result(|| shown.clone(), || text.to_owned()).map_err(|failure| match failure {
            Failure::Unheard => lost(ErrorKind::BrokenPipe.into()),
            Failure::Io { source, .. } => lost(source),
            other => other,
        })
    }

    /// A line of the result.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), Failure> {
        let mut stdout = anstream::stdout().lock();
        writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(|source| {
            match source.kind() {
                ErrorKind::BrokenPipe => Failure::Unheard,
                _ => Failure::io("cannot write the result", source),
            }
        })
    }

    /// A remark beside the result, for people: programs get documents alone.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_json() {
            say(text);
        }
    }

    /// A remark that should not be missed.
    pub(crate) fn warning(&self, text: &str) {
        match self.format {
            Format::Json => say(&pretty(&json!({ "warning": text }))),
            Format::Text => say(&format!("{YELLOW}warning:{YELLOW:#} {text}")),
        }
    }

    /// How to go on with what is left half done. Programs find it in the failure.
    pub(crate) fn advise(&self, text: &str) {
        match self.format {
            Format::Json => drop(LEFT.set(text.to_owned())),
            Format::Text => say(text),
        }
    }

    /// Asks whoever sits at the terminal; where nobody does, `option` must have answered already.
    pub(crate) fn confirm(&self, question: &str, option: &str) -> Result<bool, Failure> {
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(format!("{question} Nobody can be asked: give {option}")));
        }
        let failed = |source| Failure::io("cannot ask", source);
        let _waiting = Waiting::start();
        let mut stderr = anstream::stderr();
        write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).map_err(failed)?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(failed)?;
        Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        match self.format {
            Format::Json => say(&pretty(&failure.to_json())),
            Format::Text => {
                say(&format!("{RED}error:{RED:#} {}", plain_lines(&failure.message())));
            }
        }
    }
}

/// What was left half done when the command ended.
static LEFT: OnceLock<String> = OnceLock::new();

/// How to go on with it.
pub(crate) fn left() -> Option<&'static str> {
    LEFT.get().map(String::as_str)
}

fn say(text: &str) {
    // Nobody may be listening, which is no reason to stop.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// A word for a check's outcome, coloured where there are colours.
pub(crate) fn mark(good: Option<bool>) -> String {
    match good {
        Some(true) => format!("{GREEN}ok{GREEN:#}     "),
        Some(false) => format!("{RED}failed{RED:#} "),
        None => format!("{YELLOW}skipped{YELLOW:#}"),
    }
}

/// JSON that says exactly what `value` does, with escapes for what a terminal or a reader could be
/// deceived by.
pub(crate) fn pretty(value: &Value) -> String {
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_deceptive(c) {
            // Only within strings, and so exact.
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            shown.extend(units.into_iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A table with these headings.
pub(crate) fn table<'a>(headings: impl IntoIterator<Item = &'a str>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings);
    table
}

/// What others wrote (servers, files, tenants), as one line that is nothing but text: no line break,
/// and nothing that a terminal would take for a command or that changes how its neighbours read.
pub(crate) fn plain(text: &str) -> String {
    visible(text)
}

/// The same for text whose line breaks are ours.
pub(crate) fn plain_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// A name for a table: on a line of its own the cell's end would look like a row.
pub(crate) fn cell(text: &str) -> String {
    let words = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let shown = visible(&words);
    match shown.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}
