//! Randomness, for jitter, for names and for secrets.

use zeroize::Zeroizing;

/// A number from `low` up to `high`, evenly spread.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    low + (high - low) * f64::from(u32::from_be_bytes(bytes())) / f64::from(u32::MAX)
}

/// A name that nobody else has.
pub(crate) fn name() -> String {
    format!("{:032x}", u128::from_be_bytes(bytes()))
}

/// Bytes that nobody can guess; `None` where this machine has no randomness.
pub(crate) fn unguessable<const N: usize>() -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
    Some(bytes)
}

/// Without randomness jitter is lost, and with it that two processes never fetch at once.
fn bytes<const N: usize>() -> [u8; N] {
    unguessable().map_or([0; N], |bytes| *bytes)
}
