//! Where a key set comes from.

use url::Url;

use crate::discovery::Discovery;
use crate::verify::key_set::KeySetRules;
use crate::verify::key_token::KeyToken;

/// Where an issuer's key set is.
pub(crate) enum KeyAddress {
    Known(Url),
    /// Where the issuer's discovery document says.
    Discovered(Discovery),
}

/// Where a key set is, and what is accepted as one.
pub(crate) struct KeySetSource {
    pub(in crate::verify) address: KeyAddress,
    /// The setting with the keys' address.
    pub(in crate::verify) setting: &'static str,
    /// The credential for the address.
    pub(in crate::verify) token: Option<KeyToken>,
    pub(in crate::verify) rules: KeySetRules,
}
