//! Is it a compact JWS? Size, split, strict base64url, strict header (RFC 7515, section 7.1).

use base64::Engine as _;

use super::base64url::BASE64URL;
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::{self, Limits, Value};

/// The largest token. Stytch's are about 1 KiB.
pub(crate) const MAX_TOKEN: usize = 16 << 10;
/// The largest decoded header.
const MAX_HEADER: usize = 4 << 10;
/// The longest `kid`.
pub(crate) const MAX_KID: usize = 256;
const HEADER_LIMITS: Limits = Limits { depth: 8, members: 32 };

/// A token taken apart, every part in its one canonical spelling. Nothing in it is read yet.
pub(crate) struct Compact<'t> {
    /// What the signature covers.
    pub(crate) signing_input: &'t [u8],
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

pub(crate) fn malformed(what: &str) -> Error {
    Error::invalid_token(InvalidTokenReason::Malformed, format!("the token is malformed: {what}"))
}

impl<'t> Compact<'t> {
    pub(crate) fn parse(token: &'t str) -> Result<Self> {
        if token.len() > MAX_TOKEN {
            return Err(malformed("it is longer than 16 KiB"));
        }
        let mut dots = memchr::memchr_iter(b'.', token.as_bytes());
        let parts = match (dots.next(), dots.next(), dots.count()) {
            (Some(first), Some(second), 0) => split(token, first, second),
            (_, _, 2) => return Err(malformed("five parts are an encrypted token (JWE)")),
            _ => None,
        };
        let Some((header, payload, signature)) = parts else {
            return Err(malformed("it does not have three parts"));
        };
        if header.is_empty() || payload.is_empty() {
            return Err(malformed("a part is empty"));
        }
        let signing_input = token.as_bytes().get(..header.len() + 1 + payload.len());
        let compact = Self {
            signing_input: signing_input.unwrap_or_default(),
            header: decode(header, "the header is not strict base64url")?,
            payload: decode(payload, "the payload is not strict base64url")?,
            signature: decode(signature, "the signature is not strict base64url")?,
        };
        match compact.header.len() > MAX_HEADER {
            true => Err(malformed("the header is longer than 4 KiB")),
            false => Ok(compact),
        }
    }
}

fn split(token: &str, first: usize, second: usize) -> Option<(&str, &str, &str)> {
    let (rest, signature) = (token.get(..second)?, token.get(second + 1..)?);
    Some((rest.get(..first)?, rest.get(first + 1..)?, signature))
}

fn decode(part: &str, otherwise: &str) -> Result<Vec<u8>> {
    BASE64URL.decode(part).map_err(|_| malformed(otherwise))
}

/// The header's members that decide anything. Embedded keys and key URLs (`jwk`, `jku`, `x5u`,
/// `x5c`) are not among them (RFC 8725, section 3.10).
#[derive(Default)]
pub(crate) struct Header<'h> {
    pub(crate) alg: Option<Value<'h>>,
    pub(crate) kid: Option<Value<'h>>,
    pub(crate) typ: Option<Value<'h>>,
    pub(crate) cty: Option<Value<'h>>,
    /// `crit`, `b64` or `zip`: extensions, none of which is implemented.
    pub(crate) extension: Option<&'static str>,
}

impl<'h> Header<'h> {
    pub(crate) fn parse(bytes: &'h [u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("the header is not UTF-8"))?;
        let mut header = Self::default();
        json::object(text, HEADER_LIMITS, |name, value| match name {
            "alg" => header.alg = Some(value),
            "kid" => header.kid = Some(value),
            "typ" => header.typ = Some(value),
            "cty" => header.cty = Some(value),
            "crit" => header.extension = Some("crit"),
            "b64" => header.extension = Some("b64"),
            "zip" => header.extension = Some("zip"),
            _ => {}
        })
        .map_err(|_| malformed("the header is not one strict JSON object"))?;
        Ok(header)
    }

    /// Extensions and kinds: everything but the algorithm and the key.
    pub(crate) fn check_kind(&self, allow_missing_typ: bool) -> Result<()> {
        if let Some(name) = self.extension {
            return Err(Error::invalid_token(
                InvalidTokenReason::HeaderUnsupported,
                format!("the token's header asks for `{name}`, which is not supported"),
            ));
        }
        if let Some(Value::String(cty)) = &self.cty
            && is_media_type(cty, &["jwt"])
        {
            return Err(malformed("it nests another token"));
        }
        let fits = match &self.typ {
            None => allow_missing_typ,
            Some(Value::String(typ)) => is_media_type(typ, &["jwt", "at+jwt"]),
            Some(_) => false,
        };
        if !fits {
            return Err(Error::invalid_token(
                InvalidTokenReason::WrongTokenKind,
                "the token's `typ` is not an access token's (JWT or at+jwt)",
            ));
        }
        Ok(())
    }

    /// The key's name; `None` where the header has none.
    pub(crate) fn kid(&self) -> Result<Option<&str>> {
        match &self.kid {
            None => Ok(None),
            Some(Value::String(kid)) if !kid.is_empty() && kid.len() <= MAX_KID => Ok(Some(kid)),
            Some(_) => Err(malformed("`kid` is not a string of 1 to 256 bytes")),
        }
    }
}

/// Compares as media types do: without case, `application/` left out or not (RFC 7515, 4.1.9).
fn is_media_type(value: &str, names: &[&str]) -> bool {
    let short = match value.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => value,
    };
    names.iter().any(|name| short.eq_ignore_ascii_case(name))
}
