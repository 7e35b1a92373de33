//! What the command prints: text for people, JSON for programs.

use std::io::{self, ErrorKind, IsTerminal as _, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

use stytch_m2m::internals::{is_deceptive, visible};

use crate::failure::{self, Failure};
use crate::waiting::Waiting;
use crate::{query, yaml};

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text that fits the terminal
    #[default]
    #[value(alias = "text")]
    Table,
    /// One JSON document on standard output; errors as JSON on standard error
    Json,
    /// The same in YAML
    Yaml,
    /// JSON, with each element of a list on a line of its own
    Jsonl,
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
    query: Option<&'static str>,
    is_quiet: bool,
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
        Self { format, query: None, is_quiet: false }
    }

    /// With what `--query` and `--quiet` say.
    pub(crate) fn with(self, query: Option<&str>, is_quiet: bool) -> Self {
        // One for the whole run, so that the rest can be copied.
        let query = query.map(|query| &*Box::leak(query.to_owned().into_boxed_str()));
        Self { query, is_quiet, ..self }
    }

    /// Whether a program reads the result.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.format != Format::Table
    }

    fn is_silent(&self) -> bool {
        self.is_quiet || self.is_for_programs()
    }

    /// Whether somebody is looking at standard error, where progress goes.
    pub(crate) fn is_watched(&self) -> bool {
        !self.is_silent() && io::stderr().is_terminal()
    }

    /// Whether progress is worth a line.
    pub(crate) fn is_logged(&self) -> bool {
        !self.is_silent() && !self.is_watched()
    }

    /// The result, in the form that was asked for.
    pub(crate) fn result(
        &mut self,
        json: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if let Some(query) = self.query {
            let found = query::select(query, &json())?;
            return self.document(&found);
        }
        match self.format {
            Format::Table => self.line(text().trim_end_matches('\n')),
            _ => self.document(&json()),
        }
    }

    /// A value in the form that was asked for; without one, as a shell takes it best.
    fn document(&mut self, value: &Value) -> Result<(), Failure> {
        let elements = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        match self.format {
            Format::Json => self.line(&pretty(value)),
            Format::Yaml => self.line(yaml::text(value).trim_end_matches('\n')),
            Format::Jsonl => elements.iter().try_for_each(|one| self.line(&compact(one))),
            Format::Table => elements.iter().try_for_each(|one| match one {
                Value::String(text) => self.line(&plain(text)),
                other => self.line(&pretty(other)),
            }),
        }
    }

    /// The result with the only copy of `secret` in it: to be heard, or a failure that says `advice`.
    pub(crate) fn only_copy(
        &mut self,
        secret: &str,
        shown: &Value,
        text: &str,
        advice: &str,
    ) -> Result<(), Failure> {
        let lost = |source: io::Error| {
            let text = format!("{source}; the secret in it is lost. {advice}");
            Failure::io("cannot write the result", io::Error::other(text))
        };
        let heard = self.result(|| shown.clone(), || text.to_owned());
        heard.map_err(|failure| match failure {
            Failure::Unheard => lost(ErrorKind::BrokenPipe.into()),
            Failure::Io { source, .. } => lost(source),
            other => other,
        })?;
        let selected = self.query.map(|query| query::select(query, shown)).transpose()?;
        match selected.is_some_and(|found| !holds(&found, secret)) {
            true => Err(lost(io::Error::other("--query did not select the secret"))),
            false => Ok(()),
        }
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
        if !self.is_silent() {
            say(text);
        }
    }

    /// A remark that should not be missed.
    pub(crate) fn warning(&self, text: &str) {
        match self.format {
            Format::Table => say(&format!("{YELLOW}warning:{YELLOW:#} {text}")),
            _ => self.tell(&json!({ "warning": text })),
        }
    }

    /// How to go on with what is left half done. Programs find it in the failure.
    pub(crate) fn advise(&self, text: &str) {
        match self.format {
            Format::Table => say(text),
            _ => failure::leave(text),
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

    /// Asks for one of these answers, each with the letter that stands for it; returns the letter.
    pub(crate) fn choose<'a>(
        &self,
        question: &str,
        answers: &[(&'a str, &str)],
        option: &str,
    ) -> Result<&'a str, Failure> {
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(format!("{question} Nobody can be asked: give {option}")));
        }
        let failed = |source| Failure::io("cannot ask", source);
        let _waiting = Waiting::start();
        let letters: Vec<_> = answers.iter().map(|(letter, _)| *letter).collect();
        loop {
            let mut stderr = anstream::stderr();
            write!(stderr, "{question} [{}] ", letters.join("/"))
                .and_then(|()| stderr.flush())
                .map_err(failed)?;
            let mut answer = String::new();
            if io::stdin().read_line(&mut answer).map_err(failed)? == 0 {
                return Err(Failure::Interrupted);
            }
            let answer = answer.trim().to_lowercase();
            let found = answers.iter().find(|(letter, word)| *letter == answer || *word == answer);
            if let Some((letter, _)) = found {
                return Ok(letter);
            }
        }
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        if failure.is_silent() {
            return;
        }
        match self.format {
            Format::Table => {
                say(&format!("{RED}error:{RED:#} {}", plain_lines(&failure.message())));
            }
            _ => self.tell(&failure.to_json()),
        }
    }

    /// A document on standard error.
    fn tell(&self, value: &Value) {
        match self.format {
            Format::Yaml => say(yaml::text(value).trim_end_matches('\n')),
            Format::Jsonl => say(&compact(value)),
            Format::Json | Format::Table => say(&pretty(value)),
        }
    }
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
pub(crate) fn pretty(value: &impl Serialize) -> String {
    escaped(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// The same on one line.
fn compact(value: &Value) -> String {
    escaped(&value.to_string())
}

fn escaped(json: &str) -> String {
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

/// Whether `text` is one of the strings in `value`.
fn holds(value: &Value, text: &str) -> bool {
    match value {
        Value::String(one) => one == text,
        Value::Array(items) => items.iter().any(|one| holds(one, text)),
        Value::Object(members) => members.values().any(|one| holds(one, text)),
        _ => false,
    }
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
