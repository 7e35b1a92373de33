//! The cache of verified tokens: a repeated token costs no signature check. Off by default.
//!
//! A hit skips the checks whose results cannot change (the signature and the payload) and repeats
//! the others: the issuer's current keys, the times, the scopes. So it accepts only tokens that a
//! full verification would accept at that moment.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::{ArcSwapOption, Guard};

use super::claims::TokenClaims;
use super::key_set::KeySet;
use super::resolver::AcceptedIssuer;
use super::times::Times;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// The largest `verified_token_cache_size`.
const LARGEST: usize = 1 << 20;
/// Number of slots for a token.
const WAYS: usize = 4;
/// Number of bytes at the signature's end that choose the slots: another party's token cannot
/// choose them.
const TAIL: usize = 32;

/// A cache without locks. A full bucket evicts one of its tokens.
pub(crate) struct VerifiedTokens {
    buckets: Box<[Bucket]>,
    hasher: RandomState,
    turn: AtomicUsize,
}

type Bucket = [ArcSwapOption<Verified>; WAYS];

/// A verified token.
pub(crate) struct Verified {
    /// The whole token, which is compared.
    pub(crate) token: Secret,
    pub(crate) issuer: VerifiedIssuer,
    /// The key set of its key, unless the set is configured and never changes.
    pub(crate) keys: Option<Arc<KeySet>>,
    pub(crate) times: Times,
    pub(crate) claims: Arc<TokenClaims>,
}

/// The issuer of a verified token.
pub(crate) enum VerifiedIssuer {
    /// By its index.
    Listed(usize),
    Accepted(Arc<AcceptedIssuer>),
}

impl VerifiedTokens {
    /// Room for about `size` tokens; `None` for 0.
    pub(crate) fn new(size: usize) -> Result<Option<Self>> {
        if size > LARGEST {
            return Err(Error::invalid_config(
                "verified_token_cache_size",
                format!("verified_token_cache_size must be from 0 to {LARGEST}"),
            ));
        }
        let buckets: Box<[Bucket]> = (0..size.div_ceil(WAYS)).map(|_| Bucket::default()).collect();
        let turn = AtomicUsize::new(0);
        Ok((size > 0).then(|| Self { buckets, hasher: RandomState::new(), turn }))
    }

    /// The cached verification of `token`.
    pub(crate) fn find(&self, token: &str) -> Option<Guard<Option<Arc<Verified>>>> {
        let mut slots = self.bucket(token)?.iter().map(ArcSwapOption::load);
        slots.find(|slot| is(slot.as_ref(), token))
    }

    /// Caches a token in place of its previous entry, or else of an expired one, or of any other.
    pub(crate) fn put(&self, verified: Verified, now: f64) {
        let Some(bucket) = self.bucket(verified.token.expose()) else { return };
        let token = verified.token.expose();
        let of = |wanted: &dyn Fn(Option<&Arc<Verified>>) -> bool| {
            bucket.iter().find(|slot| wanted(slot.load().as_ref()))
        };
        let gone = |known: Option<&Arc<Verified>>| known.is_none_or(|k| k.times.expires_at <= now);
        let next = self.turn.fetch_add(1, Ordering::Relaxed) % WAYS;
        let slot = of(&|known| is(known, token)).or_else(|| of(&gone)).or_else(|| bucket.get(next));
        if let Some(slot) = slot {
            slot.store(Some(Arc::new(verified)));
        }
    }

    fn bucket(&self, token: &str) -> Option<&Bucket> {
        let tail = token.as_bytes().get(token.len().saturating_sub(TAIL)..)?;
        let hash = usize::try_from(self.hasher.hash_one(tail)).unwrap_or_default();
        self.buckets.get(hash.checked_rem(self.buckets.len())?)
    }
}

fn is(known: Option<&Arc<Verified>>, token: &str) -> bool {
    known.is_some_and(|known| known.token.expose() == token)
}
