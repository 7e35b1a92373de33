//! Prints the microseconds of one raw signature check: what no verification can be faster than.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::time::Instant;

use anyhow::Result;
use stytch_m2m_bench::{Input, check, median};

const ROUNDS: usize = 40;
const ROUND: usize = 50;

fn main() -> Result<()> {
    let input = Input::find()?;
    let (key, tokens) = (input.key()?, input.signed("tokens.txt")?);
    let round = |tokens: &[_]| {
        let start = Instant::now();
        tokens.iter().try_for_each(|token| check(&key, token))?;
        Ok(start.elapsed().as_secs_f64() * 1e6 / tokens.len() as f64)
    };
    let times = tokens.chunks(ROUND).take(ROUNDS).map(round).collect::<Result<_>>()?;
    println!("{}", median(times));
    Ok(())
}
