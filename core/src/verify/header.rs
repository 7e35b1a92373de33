//! What does the header ask for? Strict, and read once for all tokens that share it (RFC 7515,
//! section 4).

use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};

use super::algorithm::Algorithm;
use super::compact::{decode, malformed};
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::{self, Limits, Value};

/// The largest decoded header.
const MAX_HEADER: usize = 4 << 10;
/// The longest `kid`.
pub(crate) const MAX_KID: usize = 256;
const LIMITS: Limits = Limits { depth: 8, members: 32 };

/// The header's members that decide anything. Embedded keys and key URLs (`jwk`, `jku`, `x5u`,
/// `x5c`) are not among them (RFC 8725, section 3.10).
#[derive(Default)]
pub(crate) struct Header {
    /// `alg`, if it is one that exists here.
    pub(crate) algorithm: Option<Algorithm>,
    kid: Kid,
    typ: Typ,
    /// `cty` says that the payload is a token itself.
    nests: bool,
    /// `crit`, `b64` or `zip`: extensions, none of which is implemented.
    extension: Option<&'static str>,
}

#[derive(Default)]
enum Kid {
    #[default]
    Missing,
    Named(String),
    Bad,
}

#[derive(Default, PartialEq)]
enum Typ {
    #[default]
    Missing,
    AccessToken,
    Other,
}

impl Header {
    /// Reads a token's first part.
    pub(crate) fn decode(part: &str) -> Result<Self> {
        Self::parse(&decode(part, "the header is not strict base64url")?)
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_HEADER {
            return Err(malformed("the header is longer than 4 KiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("the header is not UTF-8"))?;
        let mut header = Self::default();
        json::object(text, LIMITS, |name, value| header.member(name, value))
            .map_err(|_| malformed("the header is not one strict JSON object"))?;
        Ok(header)
    }

    fn member(&mut self, name: &str, value: Value<'_>) {
        match (name, value) {
            ("alg", Value::String(alg)) => self.algorithm = Algorithm::from_name(&alg),
            ("kid", Value::String(kid)) if (1..=MAX_KID).contains(&kid.len()) => {
                self.kid = Kid::Named(kid.into_owned());
            }
            ("kid", _) => self.kid = Kid::Bad,
            ("typ", Value::String(typ)) if is_media_type(&typ, &["jwt", "at+jwt"]) => {
                self.typ = Typ::AccessToken;
            }
            ("typ", _) => self.typ = Typ::Other,
            ("cty", Value::String(cty)) => self.nests = is_media_type(&cty, &["jwt"]),
            ("crit", _) => self.extension = Some("crit"),
            ("b64", _) => self.extension = Some("b64"),
            ("zip", _) => self.extension = Some("zip"),
            _ => {}
        }
    }

    /// Extensions and kinds: everything but the algorithm and the key.
    pub(crate) fn check_kind(&self, allow_missing_typ: bool) -> Result<()> {
        if let Some(name) = self.extension {
            return Err(Error::invalid_token(
                InvalidTokenReason::HeaderUnsupported,
                format!("the token's header asks for `{name}`, which is not supported"),
            ));
        }
        if self.nests {
            return Err(malformed("it nests another token"));
        }
        match self.typ {
            Typ::AccessToken => Ok(()),
            Typ::Missing if allow_missing_typ => Ok(()),
            Typ::Missing | Typ::Other => Err(Error::invalid_token(
                InvalidTokenReason::WrongTokenKind,
                "the token's `typ` is not an access token's (JWT or at+jwt)",
            )),
        }
    }

    /// The key's name; `None` where the header has none.
    pub(crate) fn kid(&self) -> Result<Option<&str>> {
        match &self.kid {
            Kid::Missing => Ok(None),
            Kid::Named(kid) => Ok(Some(kid)),
            Kid::Bad => Err(malformed("`kid` is not a string of 1 to 256 bytes")),
        }
    }
}

/// The header of the last good token, by its text: an issuer's tokens mostly share theirs.
#[derive(Default)]
pub(crate) struct LastHeader(ArcSwapOption<(String, Header)>);

pub(crate) type Known = Guard<Option<Arc<(String, Header)>>>;

impl LastHeader {
    /// What is known, if it is of `part`.
    pub(crate) fn find(&self, part: &str) -> Option<Known> {
        let known = self.0.load();
        known.as_ref().is_some_and(|known| known.0 == part).then_some(known)
    }

    /// Remembers `header`, which `part` says.
    pub(crate) fn put(&self, part: &str, header: Header) {
        self.0.store(Some(Arc::new((part.to_owned(), header))));
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
