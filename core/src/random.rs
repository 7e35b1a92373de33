//! Randomness for jitter.

/// A number from `low` up to `high`, evenly spread.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    let mut bytes = [0; 4];
    // Without randomness jitter is lost, and nothing else.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    low + (high - low) * f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}
