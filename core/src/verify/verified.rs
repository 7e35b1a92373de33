//! Tokens that were verified before: one that comes again costs no signature check. Off by default.
//!
//! A hit skips what cannot change (the signature, and what the payload says) and decides the rest
//! again: whether the key is still its issuer's, the times, the scopes. So nothing passes that a
//! whole verification would refuse at that moment.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::{ArcSwapOption, Guard};

use super::claims::{Times, TokenClaims};
use super::key_set::KeySet;
use crate::error::{Error, Result};
use crate::secret::Secret;

/// The largest `verified_token_cache_size`.
const LARGEST: usize = 1 << 20;
/// Slots that one token may be in.
const WAYS: usize = 4;
/// Bytes of the signature's end that choose the slots: nobody else's token has them.
const TAIL: usize = 32;

/// Read and written without a lock. A full bucket forgets one of its tokens.
pub(crate) struct VerifiedTokens {
    buckets: Box<[Bucket]>,
    hasher: RandomState,
    turn: AtomicUsize,
}

type Bucket = [ArcSwapOption<Verified>; WAYS];

/// A token that was verified.
pub(crate) struct Verified {
    /// The whole of it, which is what is compared.
    pub(crate) token: Secret,
    /// The index of its issuer.
    pub(crate) issuer: usize,
    /// The set that its key is of, unless that never changes.
    pub(crate) keys: Option<Arc<KeySet>>,
    pub(crate) times: Times,
    pub(crate) claims: Arc<TokenClaims>,
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

    /// What is known of `token`.
    pub(crate) fn find(&self, token: &str) -> Option<Guard<Option<Arc<Verified>>>> {
        let mut slots = self.bucket(token)?.iter().map(ArcSwapOption::load);
        slots.find(|slot| is(slot.as_ref(), token))
    }

    /// Remembers a token, in place of what is known of it, or else of an expired one, or of any.
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
