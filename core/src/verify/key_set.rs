//! A JWK Set (RFC 7517). Keys are parsed one at a time, and each usable key is prepared once.

use std::collections::BTreeMap;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use base64::Engine as _;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::algorithm::{Algorithm, Family};
use super::base64url::BASE64URL;
use super::header::MAX_KID;
use super::roca;
use crate::error::InvalidTokenReason;
use crate::json::{self, Limits, Value};

const MAX_KEYS: usize = 100;
/// Twice as many as there are registered members.
const MAX_KEY_OPS: usize = 16;
const JWK_LIMITS: Limits = Limits { depth: 8, members: 64 };

/// The keys of one issuer, by `kid`.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    by_kid: BTreeMap<String, Vec<Entry>>,
    /// Keys without `kid`.
    unnamed: Vec<Entry>,
    usable: usize,
}

/// One JWK.
#[derive(Debug)]
enum Entry {
    Usable(Key),
    /// The key is weak, invalid, or not for signatures.
    Unusable,
}

/// A key, prepared for each algorithm that it can verify.
#[derive(Debug)]
pub(crate) struct Key {
    family: Family,
    prepared: Vec<(Algorithm, ParsedPublicKey)>,
}

/// Why a key set is unusable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadKeySet(pub(crate) &'static str);

impl KeySet {
    /// Parses `text`. A bad key is skipped; a key set without any usable key is refused, so that an
    /// error page cannot replace good keys.
    pub(crate) fn parse(text: &[u8], allowed: &[Algorithm]) -> Result<Self, BadKeySet> {
        #[derive(Deserialize)]
        struct Set<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        // Serde would accept an array as a struct.
        let object = text.trim_ascii_start().starts_with(b"{");
        let set: Option<Set<'_>> = object.then(|| serde_json::from_slice(text).ok()).flatten();
        let Set { keys } = set.ok_or(BadKeySet("it is not a JSON object with an array `keys`"))?;
        if keys.len() > MAX_KEYS {
            return Err(BadKeySet("it has more than 100 keys"));
        }
        let mut set = Self { by_kid: BTreeMap::new(), unnamed: Vec::new(), usable: 0 };
        for key in keys {
            let Some((kid, entry)) = Jwk::parse(key.get()).and_then(|jwk| jwk.entry(allowed))
            else {
                tracing::warn!(
                    "skipped a key of the key set: it is not strict JSON or has a bad kid"
                );
                continue;
            };
            match &entry {
                Entry::Usable(key) => set.usable += usize::from(!key.prepared.is_empty()),
                Entry::Unusable => tracing::warn!(kid, "a key of the set is unusable"),
            }
            match kid {
                Some(kid) => set.by_kid.entry(kid).or_default().push(entry),
                None => set.unnamed.push(entry),
            }
        }
        match set.usable {
            0 => Err(BadKeySet("it has no usable key")),
            _ => Ok(set),
        }
    }

    pub(crate) fn has(&self, kid: &str) -> bool {
        self.by_kid.contains_key(kid)
    }

    pub(crate) fn usable(&self) -> usize {
        self.usable
    }

    /// The only key with `kid` that fits `algorithm`.
    pub(crate) fn select(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<&ParsedPublicKey, InvalidTokenReason> {
        let entries = self.by_kid.get(kid).ok_or(InvalidTokenReason::KeyNotFound)?;
        select(entries.iter(), algorithm)
    }

    /// The only key of the set that fits `algorithm`, for tokens without `kid`.
    pub(crate) fn only(
        &self,
        algorithm: Algorithm,
    ) -> Result<&ParsedPublicKey, InvalidTokenReason> {
        select(self.by_kid.values().flatten().chain(&self.unnamed), algorithm).map_err(|reason| {
            match reason {
                InvalidTokenReason::KeyAmbiguous => InvalidTokenReason::KeyNotFound,
                other => other,
            }
        })
    }
}

fn select<'k>(
    entries: impl Iterator<Item = &'k Entry>,
    algorithm: Algorithm,
) -> Result<&'k ParsedPublicKey, InvalidTokenReason> {
    let (mut found, mut unusable) = (None, false);
    for entry in entries {
        let Entry::Usable(key) = entry else {
            unusable = true;
            continue;
        };
        if key.family != algorithm.family() {
            continue;
        }
        if let Some((_, parsed)) = key.prepared.iter().find(|(of, _)| *of == algorithm)
            && found.replace(parsed).is_some()
        {
            return Err(InvalidTokenReason::KeyAmbiguous);
        }
    }
    match found {
        Some(parsed) => Ok(parsed),
        None if unusable => Err(InvalidTokenReason::KeyUnusable),
        None => Err(InvalidTokenReason::AlgorithmNotAllowed),
    }
}

/// The members of a JWK that are used. Certificates (`x5c`, `x5u`) are ignored.
#[derive(Default)]
struct Jwk<'j> {
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
    /// Whether it has private members, which must never be published.
    private: bool,
}

impl<'j> Jwk<'j> {
    fn parse(text: &'j str) -> Option<Self> {
        let mut jwk = Self::default();
        json::object(text, JWK_LIMITS, |name, value| match name {
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
            "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "k" | "priv" => jwk.private = true,
            _ => {}
        })
        .ok()?;
        Some(jwk)
    }

    fn entry(self, allowed: &[Algorithm]) -> Option<(Option<String>, Entry)> {
        let kid = match &self.kid {
            None => None,
            Some(Value::String(kid)) if (1..=MAX_KID).contains(&kid.len()) => Some(kid.to_string()),
            Some(_) => return None,
        };
        Some((kid, self.key(allowed).map_or(Entry::Unusable, Entry::Usable)))
    }

    /// The prepared key, or `None` if the JWK is weak, invalid, private, or not for signatures.
    fn key(&self, allowed: &[Algorithm]) -> Option<Key> {
        if self.private || !self.is_for_verification() {
            return None;
        }
        let family = match (text(&self.kty)?, text(&self.crv)) {
            ("RSA", _) => Family::Rsa,
            ("EC", Some("P-256")) => Family::P256,
            ("EC", Some("P-384")) => Family::P384,
            ("OKP", Some("Ed25519")) => Family::Ed25519,
            _ => return None,
        };
        let own = match &self.alg {
            None => None,
            Some(_) => Some(Algorithm::from_name(text(&self.alg)?)?),
        };
        if own.is_some_and(|algorithm| algorithm.family() != family) {
            return None;
        }
        let prepared = Algorithm::ALL
            .into_iter()
            .filter(|a| a.family() == family && own.is_none_or(|own| own == *a))
            .filter(|a| allowed.contains(a))
            .map(|a| Some((a, self.prepare(a)?)))
            .collect::<Option<Vec<_>>>()?;
        Some(Key { family, prepared })
    }

    fn prepare(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match algorithm.family() {
            Family::Rsa => self.rsa(algorithm),
            Family::P256 => self.point(32, &ECDSA_P256_SHA256_FIXED),
            Family::P384 => self.point(48, &ECDSA_P384_SHA384_FIXED),
            Family::Ed25519 => ParsedPublicKey::new(&ED25519, bytes(&self.x, Some(32))?).ok(),
        }
    }

    fn rsa(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        let (n, e) = (bytes(&self.n, None)?, bytes(&self.e, None)?);
        let (n, e) = (trim(&n), trim(&e));
        let odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        // 2 < e < 2^33, and 2,048 to 8,192 bits of modulus (RFC 7518, section 3.3).
        let sound = odd(n)
            && odd(e)
            && (2..=33).contains(&bits(e))
            && (2048..=8192).contains(&bits(n))
            && !roca::has_roca_fingerprint(n);
        if !sound {
            return None;
        }
        RsaPublicKeyComponents { n, e }.to_parsed_public_key(algorithm.rsa()?).ok()
    }

    fn point(
        &self,
        size: usize,
        of: &'static dyn VerificationAlgorithm,
    ) -> Option<ParsedPublicKey> {
        let mut point = vec![4];
        point.extend(bytes(&self.x, Some(size))?);
        point.extend(bytes(&self.y, Some(size))?);
        ParsedPublicKey::new(of, point).ok()
    }

    /// Whether `use` and `key_ops`, if present, allow verification (RFC 7517, sections 4.2, 4.3).
    fn is_for_verification(&self) -> bool {
        let use_fits = match &self.r#use {
            None => true,
            Some(_) => text(&self.r#use) == Some("sig"),
        };
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
        use_fits && ops_fit
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
