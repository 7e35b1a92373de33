//! The bearer token for a key set's URL, from a file.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::http::HeaderValue;

/// The longest token that is read.
const MAX_TOKEN: u64 = 64 << 10;

/// A bearer token for the server of a key set. Its file is read before each fetch: in a Kubernetes
/// pod it changes every hour.
#[derive(Debug)]
pub(crate) struct KeyToken(PathBuf);

impl KeyToken {
    pub(super) fn file(path: impl AsRef<Path>) -> Self {
        Self(path.as_ref().to_owned())
    }

    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self) -> Result<HeaderValue> {
        let mut text = Zeroizing::new(String::new());
        File::open(&self.0)
            .and_then(|file| file.take(MAX_TOKEN).read_to_string(&mut text))
            .map_err(|error| self.unusable(&format!("cannot be read: {}", error.kind())))?;
        let token = text.trim();
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err(self.unusable("does not contain one token"));
        }
        let mut value = HeaderValue::from_str(&Zeroizing::new(format!("Bearer {token}")))
            .map_err(|_| self.unusable("does not contain one token"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn unusable(&self, what: &str) -> Error {
        let message = format!("jwks_token_file {} {what}", self.0.display());
        Error::new(ErrorKind::Network, message)
    }
}
