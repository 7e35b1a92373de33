//! The strict JWS header (RFC 7515, section 4), parsed once for all tokens that share it.

use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard};

use super::algorithm::Algorithm;
use super::compact::{decode, leftover, malformed};
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::{self, Limits, Value};

/// Maximum size of a decoded header.
const MAX_HEADER: usize = 4 << 10;
/// Maximum length of `kid`.
pub(crate) const MAX_KID: usize = 256;
const LIMITS: Limits = Limits { depth: 8, members: 32 };

/// The header's members that are used. Embedded keys and key URLs (`jwk`, `jku`, `x5u`, `x5c`) are
/// ignored (RFC 8725, section 3.10).
#[derive(Default)]
pub(crate) struct Header {
    /// `alg`, if it is a known algorithm.
    pub(crate) algorithm: Option<Algorithm>,
    kid: Kid,
    typ: Typ,
    /// Whether `cty` says that the payload is itself a token.
    nests: bool,
    /// `crit`, `b64` or `zip`: an unsupported extension.
    extension: Option<&'static str>,
}

#[derive(Default)]
enum Kid {
    #[default]
    Absent,
    Named(String),
    Bad,
}

/// The token's `typ`, without `application/`.
#[derive(Default)]
enum Typ {
    #[default]
    Absent,
    /// `JWT` or `at+jwt`.
    AccessToken(AccessToken),
    Other(String),
}

#[derive(Clone, Copy)]
enum AccessToken {
    Jwt,
    AtJwt,
}

impl Header {
    /// Parses a token's first part.
    pub(crate) fn decode(part: &str) -> Result<Self> {
        let bytes = decode(part, "the header is not strict base64url");
        Self::parse(&bytes.map_err(|error| leftover(part).unwrap_or(error))?)
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
            ("typ", Value::String(typ)) => self.typ = Typ::named(&typ),
            ("typ", _) => self.typ = Typ::Other(String::new()),
            ("cty", Value::String(cty)) => self.nests = is_media_type(&cty, "jwt"),
            ("crit", _) => self.extension = Some("crit"),
            ("b64", _) => self.extension = Some("b64"),
            ("zip", _) => self.extension = Some("zip"),
            _ => {}
        }
    }

    /// Refuses unsupported extensions and nested tokens.
    pub(crate) fn check_extensions(&self) -> Result<()> {
        if let Some(name) = self.extension {
            return Err(Error::invalid_token(
                InvalidTokenReason::HeaderUnsupported,
                format!("the token's header requires `{name}`, which is not supported"),
            ));
        }
        if self.nests {
            return Err(malformed("it nests another token"));
        }
        Ok(())
    }

    /// Whether `typ` is the required one or, without one, a usual `typ` of access tokens.
    pub(crate) fn is_kind_of(&self, required: Option<&str>, allow_missing: bool) -> bool {
        match (&self.typ, required) {
            (Typ::AccessToken(_), None) => true,
            (Typ::AccessToken(AccessToken::Jwt), Some(typ)) => is_media_type(typ, "jwt"),
            (Typ::AccessToken(AccessToken::AtJwt), Some(typ)) => is_media_type(typ, "at+jwt"),
            (Typ::Other(own), Some(typ)) => !own.is_empty() && is_media_type(typ, own),
            (Typ::Other(_), None) => false,
            (Typ::Absent, required) => required.is_none() && allow_missing,
        }
    }

    /// Whether a token of an issuer that is not known yet can have this `typ`.
    pub(crate) fn may_be_access_token(&self) -> bool {
        matches!(self.typ, Typ::Absent | Typ::AccessToken(_))
    }

    /// The key id; `None` if the header has none.
    pub(crate) fn kid(&self) -> Result<Option<&str>> {
        match &self.kid {
            Kid::Absent => Ok(None),
            Kid::Named(kid) => Ok(Some(kid)),
            Kid::Bad => Err(malformed("`kid` is not a string of 1 to 256 bytes")),
        }
    }
}

/// The header of the last valid token, by its text: an issuer's tokens mostly share a header.
#[derive(Default)]
pub(crate) struct LastHeader(ArcSwapOption<(String, Header)>);

pub(crate) type CachedHeader = Guard<Option<Arc<(String, Header)>>>;

impl LastHeader {
    /// The cached header, if its text is `part`.
    pub(crate) fn find(&self, part: &str) -> Option<CachedHeader> {
        let known = self.0.load();
        known.as_ref().is_some_and(|known| known.0 == part).then_some(known)
    }

    /// Caches `header`, whose text is `part`.
    pub(crate) fn put(&self, part: &str, header: Header) {
        self.0.store(Some(Arc::new((part.to_owned(), header))));
    }
}

impl Typ {
    fn named(typ: &str) -> Self {
        match short(typ) {
            typ if typ.eq_ignore_ascii_case("jwt") => Self::AccessToken(AccessToken::Jwt),
            typ if typ.eq_ignore_ascii_case("at+jwt") => Self::AccessToken(AccessToken::AtJwt),
            typ => Self::Other(typ.to_owned()),
        }
    }
}

/// Whether a required `typ` is a usual one of access tokens.
pub(crate) fn is_usual_typ(typ: &str) -> bool {
    matches!(Typ::named(typ), Typ::AccessToken(_))
}

/// Compares media types: ignoring case, with or without `application/` (RFC 7515, 4.1.9).
fn is_media_type(value: &str, name: &str) -> bool {
    short(value).eq_ignore_ascii_case(name)
}

fn short(value: &str) -> &str {
    match value.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") => rest,
        _ => value,
    }
}
