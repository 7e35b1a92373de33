//! What the programs print, and the tables made of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::targets::{Bound, Target, targets};
use crate::language::Language;

const RAW: &str = "raw";
const TWO_THREADS: &str = ", 2 threads";

/// One line of a program.
#[derive(Debug, PartialEq)]
struct Figure {
    work: String,
    who: String,
    unit: String,
    value: f64,
}

/// All that one language's program printed.
#[derive(Default)]
pub(super) struct Results {
    figures: Vec<Figure>,
    versions: BTreeMap<String, String>,
}

impl Results {
    /// Takes a line, if it is one of the protocol of `benches/README.md`.
    pub(super) fn take(&mut self, line: &str) {
        // What starts a program may reset the terminal's colours first.
        let line = line.trim_start_matches("\x1b[0m");
        let Ok(Value::Object(mut line)) = serde_json::from_str(line) else { return };
        if let Some(Value::Object(versions)) = line.remove("versions") {
            let own = |(name, version): (String, Value)| Some((name, version.as_str()?.to_owned()));
            self.versions.extend(versions.into_iter().filter_map(own));
        }
        self.figures.extend(figure(line));
    }

    /// The language's part of the page.
    pub(super) fn section(&self, language: Language) -> String {
        let versions = self.versions.iter().map(|(name, version)| format!("{name} {version}"));
        let versions = versions.collect::<Vec<_>>().join(", ");
        format!("{versions}\n\n{}\n{}", self.table(), self.targets(language))
    }

    fn table(&self) -> String {
        let mut table = "| work | who | | x raw |\n|---|---|--:|--:|\n".to_owned();
        let mut last = "";
        for Figure { work, who, unit, value } in &self.figures {
            let shown = if work == last { "" } else { work };
            let ratio = match self.find(work, RAW, unit) {
                Some(raw) if who != RAW => format!("{:.2}", value / raw),
                _ => String::new(),
            };
            let value = rounded(*value);
            table += &format!("| {shown} | {who} | {value} {} | {ratio} |\n", short(unit));
            last = work;
        }
        table
    }

    fn targets(&self, language: Language) -> String {
        let mut table = "| target | is | |\n|---|--:|---|\n".to_owned();
        for target in targets(language) {
            let Some((is, met)) = self.judge(&target) else { continue };
            let met = if met { "met" } else { "**not met**" };
            let (work, bound, beside) = (target.work, target.bound, self.beside(&target));
            table += &format!("| {work}: {bound} | {}{beside} | {met} |\n", rounded(is));
        }
        table
    }

    /// What is measured, and whether that is within the bound.
    fn judge(&self, target: &Target) -> Option<(f64, bool)> {
        let ours = |unit| self.find(target.work, target.who, unit);
        let (is, met) = match target.bound {
            Bound::TimesRaw(bound) => {
                let ratio = ours("microseconds")? / self.find(target.work, RAW, "microseconds")?;
                (ratio, ratio <= bound)
            }
            Bound::AtMost(bound, unit) => {
                let value = ours(unit)?;
                (value, value <= bound)
            }
            Bound::FasterThan(bound, other) => {
                let ratio = self.find(target.work, other, "microseconds")? / ours("microseconds")?;
                (ratio, ratio >= bound)
            }
            Bound::TwoThreads(bound) => {
                let ratio = self.gain(target.work, target.who)?;
                (ratio, ratio >= bound)
            }
        };
        Some((is, met))
    }

    /// What the bare check gains by a second thread: on a busy machine, little.
    fn beside(&self, target: &Target) -> String {
        match (target.bound, self.gain(target.work, RAW)) {
            (Bound::TwoThreads(_), Some(raw)) => format!(" (raw: {})", rounded(raw)),
            _ => String::new(),
        }
    }

    /// How many times as fast it goes with two threads.
    fn gain(&self, work: &str, who: &str) -> Option<f64> {
        let alone = work.strip_suffix(TWO_THREADS)?;
        Some(self.find(alone, who, "microseconds")? / self.find(work, who, "microseconds")?)
    }

    fn find(&self, work: &str, who: &str, unit: &str) -> Option<f64> {
        let mut fitting = self.figures.iter().filter(|f| f.work == work && f.who == who);
        fitting.find(|figure| figure.unit == unit).map(|figure| figure.value)
    }
}

fn figure(mut line: Map<String, Value>) -> Option<Figure> {
    let mut text = |name| Some(line.remove(name)?.as_str()?.to_owned());
    let (work, who) = (text("work")?, text("who")?);
    let (unit, value) = line.into_iter().next()?;
    Some(Figure { work, who, unit, value: value.as_f64()? })
}

/// Three digits that tell, and no more.
fn rounded(value: f64) -> String {
    match value.abs() {
        small if small < 1.0 => format!("{value:.3}"),
        small if small < 10.0 => format!("{value:.2}"),
        large if large < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn short(unit: &str) -> &str {
    match unit {
        "microseconds" => "µs",
        "milliseconds" => "ms",
        "megabytes" => "MB",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 7] = [
        "\x1b[0m\x1b[0m{\"versions\": {\"peer\": \"1.2\"}}",
        "something that the program says",
        r#"{"work": "verify, 10,000 tokens", "who": "raw", "microseconds": 20}"#,
        r#"{"work": "verify, 10,000 tokens", "who": "stytch-m2m", "microseconds": 20.5}"#,
        r#"{"work": "verify, 10,000 tokens", "who": "peer", "microseconds": 50}"#,
        r#"{"work": "verify, 10,000 tokens, 2 threads", "who": "stytch-m2m", "microseconds": 15}"#,
        r#"{"work": "verify, 10,000 tokens, 2 threads", "who": "raw", "microseconds": 16}"#,
    ];

    #[test]
    fn a_table_has_each_figure_beside_the_bare_check() {
        let mut results = Results::default();
        LINES.iter().for_each(|line| results.take(line));
        let section = results.section(Language::Rust);
        assert!(section.starts_with("peer 1.2\n"), "{section}");
        assert!(section.contains("| verify, 10,000 tokens | raw | 20.0 µs |  |\n"), "{section}");
        assert!(section.contains("|  | stytch-m2m | 20.5 µs | 1.02 |\n"), "{section}");
        assert!(section.contains("|  | peer | 50.0 µs | 2.50 |\n"), "{section}");
    }

    #[test]
    fn targets_are_met_or_not() {
        let mut results = Results::default();
        LINES.iter().for_each(|line| results.take(line));
        let section = results.section(Language::Rust);
        let met = "| verify, 10,000 tokens: at most 1.05 x raw | 1.02 | met |\n";
        assert!(section.contains(met), "{section}");
        let missed = "2 threads: at least 1.8 times one | 1.37 (raw: 1.25) | **not met** |\n";
        assert!(section.contains(missed), "{section}");
    }
}
