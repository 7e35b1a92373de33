//! What is to be reached.

use std::fmt;

use crate::language::Language;

/// Whom the targets are about.
pub(super) const OURS: &str = "stytch-m2m";

/// One figure's bound.
pub(super) struct Target {
    pub(super) work: &'static str,
    pub(super) who: &'static str,
    pub(super) bound: Bound,
}

/// What a figure is held against.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// The bare signature check of the same rounds.
    TimesRaw(f64),
    /// A figure in this unit.
    AtMost(f64, &'static str),
    /// A peer, so many times as slow.
    FasterThan(f64, &'static str),
    /// The same work on one thread.
    TwoThreads(f64),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesRaw(bound) => write!(f, "at most {bound:.2} x raw"),
            Self::AtMost(bound, unit) => write!(f, "at most {bound} {unit}"),
            Self::FasterThan(bound, other) => {
                write!(f, "at least {bound} times as fast as {other}")
            }
            Self::TwoThreads(bound) => write!(f, "at least {bound} times one"),
        }
    }
}

const MANY: &str = "verify, 10,000 tokens";
const READ: &str = "verify, 10,000 tokens, claims read";
const THREADS: &str = "verify, 10,000 tokens, 2 threads";
const ASYNC: &str = "verify, async";
const REMEMBERED: &str = "verify, one token, remembered";
const CACHED: &str = "get_token, cached";
const IMPORT: &str = "import";
const OFFICIAL: &str = "stytch";

/// The targets of a language.
pub(super) fn targets(language: Language) -> Vec<Target> {
    let microseconds = |bound| Bound::AtMost(bound, "microseconds");
    let import = |milliseconds| {
        let memory = Bound::AtMost(12.0, "megabytes");
        [(IMPORT, Bound::AtMost(milliseconds, "milliseconds")), (IMPORT, memory)]
    };
    let targets = match language {
        Language::Rust => vec![
            (MANY, Bound::TimesRaw(1.05)),
            (READ, Bound::TimesRaw(1.10)),
            (THREADS, Bound::TwoThreads(1.8)),
            (REMEMBERED, microseconds(0.15)),
            (CACHED, microseconds(0.15)),
        ],
        Language::Python => [
            (MANY, Bound::TimesRaw(1.10)),
            (READ, Bound::TimesRaw(1.20)),
            (ASYNC, Bound::TimesRaw(1.20)),
            (THREADS, Bound::TwoThreads(1.7)),
            (REMEMBERED, microseconds(0.25)),
            (CACHED, microseconds(0.3)),
            (MANY, Bound::FasterThan(5.0, OFFICIAL)),
            (ASYNC, Bound::FasterThan(10.0, OFFICIAL)),
        ]
        .into_iter()
        .chain(import(25.0))
        .collect(),
        Language::Node => [
            (ASYNC, Bound::TimesRaw(1.25)),
            (MANY, Bound::TimesRaw(1.20)),
            (REMEMBERED, microseconds(0.7)),
            (CACHED, microseconds(1.0)),
            (ASYNC, Bound::FasterThan(5.0, OFFICIAL)),
        ]
        .into_iter()
        .chain(import(20.0))
        .collect(),
        Language::Kotlin => vec![
            (MANY, Bound::FasterThan(1.0, "nimbus-jose-jwt")),
            (MANY, Bound::FasterThan(1.0, "java-jwt")),
        ],
        Language::Swift => Vec::new(),
    };
    targets.into_iter().map(|(work, bound)| Target { work, who: OURS, bound }).collect()
}
