//! Random numbers for jitter, names and secrets.

use zeroize::Zeroizing;

/// A uniformly distributed number from `low` up to `high`.
pub(crate) fn between(low: f64, high: f64) -> f64 {
    low + (high - low) * f64::from(u32::from_be_bytes(bytes())) / f64::from(u32::MAX)
}

/// A unique name.
pub(crate) fn name() -> String {
    format!("{:032x}", u128::from_be_bytes(bytes()))
}

/// Cryptographically secure random bytes; `None` if the system cannot generate them.
pub(crate) fn unguessable<const N: usize>() -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
    Some(bytes)
}

/// Without random bytes there is no jitter, and two processes may fetch at the same time.
fn bytes<const N: usize>() -> [u8; N] {
    unguessable().map_or([0; N], |bytes| *bytes)
}
