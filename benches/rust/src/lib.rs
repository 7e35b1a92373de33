//! What the benchmarks of Rust share: their input, and how they measure.

mod input;
mod measure;

pub use input::{Input, Signed, check, taken_apart, variable};
pub use measure::{Rounds, median, print, print_versions};
