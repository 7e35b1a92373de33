//! A JWK Set (RFC 7517). Keys are parsed one at a time, and each usable key is prepared once: a bad
//! key costs that key, never the set.

mod jwk;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::ParsedPublicKey;
use serde::Deserialize;
use serde_json::value::RawValue;

use self::jwk::Jwk;
use super::algorithm::{Algorithm, Family};
use crate::error::InvalidTokenReason;

/// The default maximum number of keys of a set, and of its bytes.
const MAX_KEYS: u32 = 1000;
pub(crate) const MAX_BYTES: u32 = 1 << 20;

/// Which keys of a set are used, and how large it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeySetRules {
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether the keys' `issuer` says whose tokens they sign, as Entra's does.
    pub(crate) tenants: bool,
    pub(crate) max_keys: u32,
    pub(crate) max_bytes: u32,
}

impl KeySetRules {
    /// The default limits.
    pub(crate) fn of(algorithms: Vec<Algorithm>) -> Self {
        Self { algorithms, tenants: false, max_keys: MAX_KEYS, max_bytes: MAX_BYTES }
    }
}

/// The keys of one issuer, by `kid`.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    by_kid: BTreeMap<String, Vec<Entry>>,
    /// Keys without `kid`.
    unnamed: Vec<Entry>,
    usable: usize,
    skipped: Vec<SkippedKey>,
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
struct Key {
    family: Family,
    /// The public key itself, to recognize a key that is listed twice.
    public: Box<[u8]>,
    prepared: Vec<(Algorithm, ParsedPublicKey)>,
    /// The only tenants whose tokens it signs; `None`: all.
    tenants: Option<Arc<[String]>>,
}

/// The key of a token.
#[derive(Clone, Copy)]
pub(crate) struct Selected<'k> {
    key: &'k Key,
    parsed: &'k ParsedPublicKey,
}

impl<'k> Selected<'k> {
    pub(crate) fn parsed(&self) -> &'k ParsedPublicKey {
        self.parsed
    }

    /// The only tenants whose tokens the key signs; `None`: all.
    pub(crate) fn tenants(&self) -> Option<&'k Arc<[String]>> {
        self.key.tenants.as_ref()
    }
}

/// Why a key set is unusable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadKeySet(pub(crate) String);

/// A key of a key set that verifies no tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SkippedKey {
    /// Its `kid`, if it has one.
    kid: Option<String>,
    /// Why it is not used, such as "its `use` is not `sig`".
    reason: String,
}

impl SkippedKey {
    fn new(kid: Option<String>, reason: &str) -> Self {
        Self { kid, reason: reason.to_owned() }
    }
}

impl fmt::Display for SkippedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kid {
            Some(kid) => write!(f, "key {:?}: {}", kid, self.reason),
            None => write!(f, "a key without `kid`: {}", self.reason),
        }
    }
}

impl KeySet {
    /// Parses `text`. A bad key is skipped; a key set without any usable
    /// key is refused, so that an error page cannot replace good keys. A set with too many keys is
    /// refused whole: with some of its keys, tokens would be refused at random.
    pub(crate) fn parse(text: &[u8], rules: &KeySetRules) -> Result<Self, BadKeySet> {
        #[derive(Deserialize)]
        struct Set<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        // Serde would accept an array as a struct.
        let object = text.trim_ascii_start().starts_with(b"{");
        let set: Option<Set<'_>> = object.then(|| serde_json::from_slice(text).ok()).flatten();
        let bad = |why: &str| BadKeySet(why.to_owned());
        let Set { keys } =
            set.ok_or_else(|| bad("it is not a JSON object with an array `keys`"))?;
        let most = rules.max_keys;
        if keys.len() > most as usize {
            return Err(BadKeySet(format!(
                "it has {} keys, and max_jwks_keys is {most}",
                keys.len()
            )));
        }
        let mut set = Self::default();
        for key in keys {
            set.add(key.get(), rules);
        }
        match set.usable {
            0 => Err(BadKeySet(match set.skipped.first() {
                Some(skipped) => format!("it has no usable key: {skipped}"),
                None => "it has no usable key".to_owned(),
            })),
            _ => Ok(set),
        }
    }

    fn add(&mut self, text: &str, rules: &KeySetRules) {
        let named = Jwk::parse(text).and_then(|jwk| Ok((jwk.kid()?, jwk)));
        let (kid, key) = match named {
            Ok((kid, jwk)) => (kid, jwk.key(rules)),
            Err(reason) => return self.skipped.push(SkippedKey::new(None, reason)),
        };
        let entries = match &kid {
            Some(kid) => self.by_kid.entry(kid.clone()).or_default(),
            None => &mut self.unnamed,
        };
        match key {
            Ok(key) => {
                if let Some(twin) = entries.iter_mut().find_map(|entry| entry.twin(&key)) {
                    return twin.add_tenants(&key);
                }
                match key.prepared.is_empty() {
                    true => self.skipped.push(SkippedKey::new(kid, jwk::NOT_ALLOWED)),
                    false => self.usable += 1,
                }
                entries.push(Entry::Usable(key));
            }
            Err(reason) => {
                entries.push(Entry::Unusable);
                self.skipped.push(SkippedKey::new(kid, reason));
            }
        }
    }

    pub(crate) fn has(&self, kid: &str) -> bool {
        self.by_kid.contains_key(kid)
    }

    pub(crate) fn usable(&self) -> usize {
        self.usable
    }

    /// The keys that verify nothing, each with the reason.
    pub(crate) fn skipped(&self) -> Vec<String> {
        self.skipped.iter().map(SkippedKey::to_string).collect()
    }

    /// Logs the keys that verify nothing, unless `previous` had the same ones.
    pub(crate) fn log_skipped(&self, issuer: &str, previous: &Self) {
        if self.skipped == previous.skipped {
            return;
        }
        for SkippedKey { kid, reason } in &self.skipped {
            // Providers publish keys for other purposes beside those for signatures.
            match jwk::EXPECTED.contains(&reason.as_str()) {
                true => tracing::debug!(issuer, kid, reason, "a key of the set is not used"),
                false => tracing::warn!(issuer, kid, reason, "a key of the set cannot be used"),
            }
        }
    }

    /// The only key with `kid` that fits `algorithm`.
    pub(crate) fn select(
        &self,
        kid: &str,
        algorithm: Algorithm,
    ) -> Result<Selected<'_>, InvalidTokenReason> {
        let entries = self.by_kid.get(kid).ok_or(InvalidTokenReason::KeyNotFound)?;
        select(entries.iter(), algorithm)
    }

    /// The only key of the set that fits `algorithm`, for tokens without `kid`.
    pub(crate) fn only(&self, algorithm: Algorithm) -> Result<Selected<'_>, InvalidTokenReason> {
        select(self.by_kid.values().flatten().chain(&self.unnamed), algorithm).map_err(|reason| {
            match reason {
                InvalidTokenReason::KeyAmbiguous => InvalidTokenReason::KeyNotFound,
                other => other,
            }
        })
    }
}

impl Entry {
    /// Its key, if that is `key` for the same algorithms.
    fn twin(&mut self, key: &Key) -> Option<&mut Key> {
        let algorithms = |key: &Key| -> Vec<_> { key.prepared.iter().map(|p| p.0).collect() };
        match self {
            Self::Usable(own) => {
                (own.is_same_key(key) && algorithms(own) == algorithms(key)).then_some(own)
            }
            Self::Unusable => None,
        }
    }
}

impl Key {
    fn is_same_key(&self, other: &Self) -> bool {
        self.family == other.family && self.public == other.public
    }

    /// Makes it sign also for the tenants of the same key, listed once more.
    fn add_tenants(&mut self, twin: &Self) {
        self.tenants = match (&self.tenants, &twin.tenants) {
            (Some(own), Some(others)) => Some(own.iter().chain(&**others).cloned().collect()),
            _ => None,
        };
    }
}

fn select<'k>(
    entries: impl Iterator<Item = &'k Entry>,
    algorithm: Algorithm,
) -> Result<Selected<'k>, InvalidTokenReason> {
    let (mut found, mut unusable): (Option<Selected<'k>>, _) = (None, false);
    for entry in entries {
        let Entry::Usable(key) = entry else {
            unusable = true;
            continue;
        };
        if key.family != algorithm.family() {
            continue;
        }
        let Some((_, parsed)) = key.prepared.iter().find(|(of, _)| *of == algorithm) else {
            continue;
        };
        match found {
            Some(other) if !other.key.is_same_key(key) => {
                return Err(InvalidTokenReason::KeyAmbiguous);
            }
            _ => found = Some(Selected { key, parsed }),
        }
    }
    match found {
        Some(selected) => Ok(selected),
        None if unusable => Err(InvalidTokenReason::KeyUnusable),
        None => Err(InvalidTokenReason::AlgorithmNotAllowed),
    }
}
