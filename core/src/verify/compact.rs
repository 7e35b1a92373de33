//! Splits a compact JWS: size limit, three parts, strict base64url (RFC 7515, section 7.1).

use base64::Engine as _;

use super::base64url::BASE64URL;
use crate::error::{Error, InvalidTokenReason, Result};

/// Maximum size of a token. Stytch's have about 1 KiB.
pub(crate) const MAX_TOKEN: usize = 16 << 10;

/// The parts of a token, decoded but not parsed.
pub(crate) struct Compact<'t> {
    /// The signed bytes.
    pub(crate) signing_input: &'t [u8],
    /// The encoded header: most tokens have the same header as the previous one.
    pub(crate) header: &'t str,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::invalid_token(InvalidTokenReason::Malformed, format!("the token is malformed: {what}"))
}

impl<'t> Compact<'t> {
    pub(crate) fn parse(token: &'t str) -> Result<Self> {
        Self::read(token).map_err(|error| leftover(token).unwrap_or(error))
    }

    fn read(token: &'t str) -> Result<Self> {
        if token.len() > MAX_TOKEN {
            return Err(malformed("it is longer than 16 KiB"));
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let parts = match (dots.next(), dots.next(), dots.next()) {
            (Some(first), Some(second), None) => split(token, first, second),
            (_, _, Some(_)) if dots.count() == 1 => {
                return Err(malformed("five parts are an encrypted token (JWE)"));
            }
            _ => None,
        };
        let Some((header, payload, signature)) = parts else {
            return Err(malformed("it does not have three parts"));
        };
        if header.is_empty() || payload.is_empty() {
            return Err(malformed("a part is empty"));
        }
        let signing_input = token.as_bytes().get(..header.len() + 1 + payload.len());
        Ok(Self {
            signing_input: signing_input.unwrap_or_default(),
            header,
            payload: decode(payload, "the payload is not strict base64url")?,
            signature: decode(signature, "the signature is not strict base64url")?,
        })
    }
}

fn split(token: &str, first: usize, second: usize) -> Option<(&str, &str, &str)> {
    let (rest, signature) = (token.get(..second)?, token.get(second + 1..)?);
    Some((rest.get(..first)?, rest.get(first + 1..)?, signature))
}

/// The error of a token with the scheme or white space around it.
pub(crate) fn leftover(token: &str) -> Option<Error> {
    let scheme = token.trim_start().split_once(char::is_whitespace).map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer")) {
        return Some(malformed("it begins with `Bearer `: pass the token without the scheme"));
    }
    (token.trim() != token).then(|| malformed("it starts or ends with white space: remove it"))
}

/// Decodes a part, which must be canonical base64url.
pub(crate) fn decode(part: &str, otherwise: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(base64::decoded_len_estimate(part.len()));
    match BASE64URL.decode_vec(part, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(malformed(otherwise)),
    }
}
