//! Basic authentication (RFC 7617).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::HeaderValue;
use crate::error::{Error, Result};

/// The header's value for this id and this secret, which is that of the setting `field`.
///
/// # Errors
/// `invalid_config` of `field`.
pub(crate) fn basic(id: &str, field: &str, secret: &str) -> Result<HeaderValue> {
    let pair = Zeroizing::new(format!("{id}:{secret}"));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| Error::invalid_config(field, format!("{field} cannot be sent in a header")))?;
    value.set_sensitive(true);
    Ok(value)
}
