//! Randomness, for jitter and for names.

/// A number from `low` up to `high`, evenly spread.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    low + (high - low) * f64::from(u32::from_be_bytes(bytes())) / f64::from(u32::MAX)
}

/// A name that nobody else has.
pub(crate) fn name() -> String {
    format!("{:032x}", u128::from_be_bytes(bytes()))
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness jitter is lost, and with it that two processes never fetch at once.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}
