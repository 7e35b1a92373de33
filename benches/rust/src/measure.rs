//! Interleaved rounds, and medians of them.

use std::time::Instant;

use anyhow::Result;
use serde_json::json;

type Round<'a> = Box<dyn FnMut(usize) -> Result<()> + 'a>;

/// Several who do the same work, turn by turn, so that what disturbs the machine meets all alike.
pub struct Rounds<'a> {
    work: String,
    units: usize,
    who: Vec<(String, Round<'a>)>,
}

impl<'a> Rounds<'a> {
    /// Rounds of `units` units of `work` each.
    pub fn new(work: &str, units: usize) -> Self {
        Self { work: work.to_owned(), units, who: Vec::new() }
    }

    /// Adds one who does a round of it, given the round's number.
    pub fn add(mut self, who: &str, round: impl FnMut(usize) -> Result<()> + 'a) -> Self {
        self.who.push((who.to_owned(), Box::new(round)));
        self
    }

    /// Measures `count` rounds after one that does not count, and prints the medians.
    pub fn run(mut self, count: usize) -> Result<()> {
        let mut times = vec![Vec::with_capacity(count); self.who.len()];
        for round in 0..=count {
            for ((_, work), times) in self.who.iter_mut().zip(&mut times) {
                let start = Instant::now();
                work(round)?;
                if round > 0 {
                    times.push(start.elapsed().as_secs_f64() * 1e6 / self.units as f64);
                }
            }
        }
        for ((who, _), times) in self.who.iter().zip(times) {
            print(&self.work, who, "microseconds", median(times));
        }
        Ok(())
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints a figure as `benches/README.md` says.
#[expect(clippy::print_stdout, reason = "its output is its purpose")]
pub fn print(work: &str, who: &str, unit: &str, figure: f64) {
    println!("{}", json!({"work": work, "who": who, unit: figure}));
}

/// Prints which versions of these crates took part.
#[expect(clippy::print_stdout, reason = "its output is its purpose")]
pub fn print_versions(crates: &[&str]) {
    let lock = include_str!("../../../Cargo.lock");
    let version = |name: &&str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(((*name).to_owned(), json!(rest.split_once('"')?.0)))
    };
    let versions: serde_json::Map<_, _> = crates.iter().filter_map(version).collect();
    println!("{}", json!({ "versions": versions }));
}
