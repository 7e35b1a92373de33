//! Secrets: generated, returned once, stored as a hash.

use aws_lc_rs::{
    constant_time,
    digest::{Digest, SHA256, digest},
    error::Unspecified,
    rand,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A new secret of 44 base64url characters.
pub(crate) fn generate() -> Result<String, Unspecified> {
    let mut bytes = [0; 33];
    rand::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A stored secret: a hash and the last four characters.
#[derive(Clone)]
pub(crate) struct SecretHash {
    digest: Digest,
    last_four: String,
}

impl SecretHash {
    pub(crate) fn of(secret: &str) -> Self {
        let mut last_four: Vec<char> = secret.chars().rev().take(4).collect();
        last_four.reverse();
        Self {
            digest: digest(&SHA256, secret.as_bytes()),
            last_four: last_four.into_iter().collect(),
        }
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, candidate: &str) -> bool {
        let candidate = digest(&SHA256, candidate.as_bytes());
        constant_time::verify_slices_are_equal(self.digest.as_ref(), candidate.as_ref()).is_ok()
    }

    pub(crate) fn last_four(&self) -> &str {
        &self.last_four
    }
}
