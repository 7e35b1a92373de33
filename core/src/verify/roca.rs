//! The fingerprint of RSA keys from a broken generator (ROCA, CVE-2017-15361).

/// The small primes by which the generator's moduli are recognized.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether `modulus` (big-endian) is a power of 65537 modulo each of [`PRIMES`]. The chance of a
/// false positive is less than 1 in 100 million.
pub(super) fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| {
        let residue = modulus.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * 65537 % prime;
            power == residue
        })
    })
}
