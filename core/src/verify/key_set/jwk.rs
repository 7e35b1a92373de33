//! One JSON Web Key (RFC 7517, section 4), read strictly.

use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine as _;

use super::{Key, KeySetRules};
use crate::json::{self, Limits, Value};
use crate::verify::algorithm::{Algorithm, Family};
use crate::verify::base64url::BASE64URL;
use crate::verify::entra;
use crate::verify::header::MAX_KID;
use crate::verify::roca;

/// Twice as many as there are registered members.
const MAX_KEY_OPS: usize = 16;
const LIMITS: Limits = Limits { depth: 8, members: 64 };

pub(super) const NOT_ALLOWED: &str =
    "its algorithm is not among the algorithms that are allowed for the issuer";
const OTHER_USE: &str = "its `use` is not `sig`";
const OTHER_ALGORITHM: &str = "its `alg` is not a supported signature algorithm of its `kty`";
const OTHER_KIND: &str = "its `kty` or `crv` is not supported";
const OTHER_OPERATIONS: &str = "its `key_ops` does not list `verify`";
const PRIVATE: &str = "it contains a private or symmetric key, which must not be published";
const WEAK: &str =
    "its RSA numbers are invalid or weak: 2,048 to 8,192 bits and an odd exponent are accepted";
const BAD_POINT: &str = "its coordinates are not a point of its curve";

/// The reasons that are no fault of the set: keys for other purposes.
pub(super) const EXPECTED: [&str; 5] =
    [NOT_ALLOWED, OTHER_USE, OTHER_ALGORITHM, OTHER_KIND, OTHER_OPERATIONS];

/// The members of a JWK that are used. A null or empty member is absent. Certificates (`x5c`,
/// `x5u`) are ignored.
#[derive(Default)]
pub(super) struct Jwk<'j> {
    kid: Option<Value<'j>>,
    kty: Option<Value<'j>>,
    alg: Option<Value<'j>>,
    crv: Option<Value<'j>>,
    n: Option<Value<'j>>,
    e: Option<Value<'j>>,
    x: Option<Value<'j>>,
    y: Option<Value<'j>>,
    r#use: Option<Value<'j>>,
    key_ops: Option<Value<'j>>,
    /// Entra's: whose tokens the key signs.
    issuer: Option<Value<'j>>,
    /// Whether it has private members, which must never be published.
    private: bool,
}

impl<'j> Jwk<'j> {
    pub(super) fn parse(text: &'j str) -> Result<Self, &'static str> {
        let mut jwk = Self::default();
        json::object(text, LIMITS, |name, value| match name {
            _ if is_absent(&value) => {}
            "kid" => jwk.kid = Some(value),
            "kty" => jwk.kty = Some(value),
            "alg" => jwk.alg = Some(value),
            "crv" => jwk.crv = Some(value),
            "n" => jwk.n = Some(value),
            "e" => jwk.e = Some(value),
            "x" => jwk.x = Some(value),
            "y" => jwk.y = Some(value),
            "use" => jwk.r#use = Some(value),
            "key_ops" => jwk.key_ops = Some(value),
            "issuer" => jwk.issuer = Some(value),
            "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "k" | "priv" => jwk.private = true,
            _ => {}
        })
        .map_err(|_| "it is not one strict JSON object")?;
        Ok(jwk)
    }

    pub(super) fn kid(&self) -> Result<Option<String>, &'static str> {
        match &self.kid {
            None => Ok(None),
            Some(Value::String(kid)) if kid.len() <= MAX_KID => Ok(Some(kid.to_string())),
            Some(_) => Err("its `kid` is not a string of at most 256 bytes"),
        }
    }

    /// The prepared key, or why it is unusable: it is weak, invalid, private, or not for
    /// signatures.
    pub(super) fn key(&self, rules: &KeySetRules) -> Result<Key, &'static str> {
        if self.private {
            return Err(PRIVATE);
        }
        self.check_purpose()?;
        let family = match (text(&self.kty), text(&self.crv)) {
            (Some("RSA"), _) => Family::Rsa,
            (Some("EC"), Some("P-256")) => Family::P256,
            (Some("EC"), Some("P-384")) => Family::P384,
            (Some("OKP"), Some("Ed25519")) => Family::Ed25519,
            _ => return Err(OTHER_KIND),
        };
        let own = match &self.alg {
            None => None,
            Some(_) => {
                let own = text(&self.alg).and_then(Algorithm::from_name);
                Some(own.filter(|own| own.family() == family).ok_or(OTHER_ALGORITHM)?)
            }
        };
        let public = self.public(family)?;
        let prepared = Algorithm::ALL
            .into_iter()
            .filter(|a| a.family() == family && own.is_none_or(|own| own == *a))
            .filter(|a| rules.algorithms.contains(a))
            .map(|a| Ok((a, public.prepare(a)?)))
            .collect::<Result<Vec<_>, &'static str>>()?;
        let tenants = if rules.tenants { self.tenants() } else { None };
        Ok(Key { family, public: public.bytes(), prepared, tenants })
    }

    /// The only tenant of Entra whose tokens it signs, if it names one.
    fn tenants(&self) -> Option<Arc<[String]>> {
        self.issuer.as_ref()?;
        let only = entra::only_tenant(text(&self.issuer))?;
        Some(Arc::new([only.to_owned()]))
    }

    fn public(&self, family: Family) -> Result<Public, &'static str> {
        let coordinate = |value, size| bytes(value, Some(size)).ok_or(BAD_POINT);
        match family {
            Family::Rsa => self.rsa().ok_or(WEAK),
            Family::P256 | Family::P384 => {
                let size = if family == Family::P256 { 32 } else { 48 };
                let mut point = vec![4];
                point.extend(coordinate(&self.x, size)?);
                point.extend(coordinate(&self.y, size)?);
                Ok(Public::Point(point))
            }
            Family::Ed25519 => Ok(Public::Point(coordinate(&self.x, 32)?)),
        }
    }

    fn rsa(&self) -> Option<Public> {
        let (n, e) = (bytes(&self.n, None)?, bytes(&self.e, None)?);
        let (n, e) = (trim(&n), trim(&e));
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        // 2 < e < 2^33, and 2,048 to 8,192 bits of modulus (RFC 7518, section 3.3).
        let sound = odd(n)
            && odd(e)
            && (2..=33).contains(&bits(e))
            && (2048..=8192).contains(&bits(n))
            && !roca::has_roca_fingerprint(n);
        sound.then(|| Public::Rsa { n: n.to_owned(), e: e.to_owned() })
    }

    /// Whether `use` and `key_ops`, if present, allow verification (RFC 7517, sections 4.2, 4.3).
    fn check_purpose(&self) -> Result<(), &'static str> {
        if self.r#use.is_some() && text(&self.r#use) != Some("sig") {
            return Err(OTHER_USE);
        }
        let ops_fit = match &self.key_ops {
            None => true,
            Some(Value::Array(ops)) if ops.len() <= MAX_KEY_OPS => {
                let is_verify = |op: &&Value<'_>| matches!(op, Value::String(op) if op == "verify");
                let strings = ops.iter().all(|op| matches!(op, Value::String(_)));
                let twice =
                    ops.iter().enumerate().any(|(i, op)| ops.iter().skip(i + 1).any(|o| o == op));
                strings && !twice && ops.iter().any(|op| is_verify(&op))
            }
            Some(_) => false,
        };
        if ops_fit { Ok(()) } else { Err(OTHER_OPERATIONS) }
    }
}

/// The public key of a JWK.
enum Public {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Point(Vec<u8>),
}

impl Public {
    fn prepare(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, &'static str> {
        let of: &'static dyn VerificationAlgorithm = match (self, algorithm.family()) {
            (Self::Rsa { n, e }, _) => {
                let parameters = algorithm.rsa().ok_or(OTHER_ALGORITHM)?;
                let key = RsaPublicKeyComponents { n, e };
                return key.to_parsed_public_key(parameters).map_err(|_| WEAK);
            }
            (Self::Point(_), Family::P384) => &ECDSA_P384_SHA384_FIXED,
            (Self::Point(_), Family::Ed25519) => &ED25519,
            (Self::Point(_), _) => &ECDSA_P256_SHA256_FIXED,
        };
        let Self::Point(point) = self else { return Err(OTHER_KIND) };
        ParsedPublicKey::new(of, point).map_err(|_| BAD_POINT)
    }

    /// The bytes of the key: a modulus is at most 1,024 bytes long, and no exponent could be
    /// mistaken for its end.
    fn bytes(&self) -> Box<[u8]> {
        match self {
            Self::Rsa { n, e } => {
                let length = n.len().to_be_bytes();
                [&length, n.as_slice(), e].concat().into()
            }
            Self::Point(point) => point.as_slice().into(),
        }
    }
}

/// Whether a member counts as absent: some servers write every member that they know.
fn is_absent(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn text<'v>(value: &'v Option<Value<'_>>) -> Option<&'v str> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Decodes strict base64url, of exactly `size` bytes if the curve requires it.
fn bytes(value: &Option<Value<'_>>, size: Option<usize>) -> Option<Vec<u8>> {
    let bytes = BASE64URL.decode(text(value)?).ok()?;
    size.is_none_or(|size| bytes.len() == size).then_some(bytes)
}

/// The bit length of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

/// Strips leading zeros, which some encoders leave.
fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
