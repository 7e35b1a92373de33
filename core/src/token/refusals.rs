//! Tokens that resource servers refused, and when to replace them.

use super::cached_token::CachedToken;
use crate::clock::Instants;
use crate::secret::Secret;

/// Seconds without a refusal after which the count starts again.
const FORGET: f64 = 60.0;
/// Maximum seconds between two replacements: each is a new token, which may be billed.
const LONGEST: f64 = 60.0;
/// The same while the token endpoint returns the refused token again, which is not billed.
const LONGEST_OF_SAME: f64 = 5.0;

/// Consecutive refusals, so that a server that refuses every token does not cause a billed fetch
/// each time.
#[derive(Default)]
pub(super) struct Refusals {
    token: Option<Secret>,
    replacements: u32,
    /// How often the token endpoint returned the refused token again.
    same: u32,
    last_at: Option<Instants>,
    replaced_at: Option<Instants>,
}

impl Refusals {
    /// Records that `token` was refused. Returns whether it can be replaced now: the first at once,
    /// then after 1 s, 2 s, 4 s and so on.
    pub(super) fn may_replace(&mut self, token: &Secret, now: Instants) -> bool {
        if self.last_at.is_none_or(|at| now.since(at) >= FORGET) {
            *self = Self::default();
        }
        self.last_at = Some(now);
        let longest = if self.same > 0 { LONGEST_OF_SAME } else { LONGEST };
        let pause = doubled(self.replacements, longest);
        if self.replaced_at.is_some_and(|at| now.since(at) < pause) {
            return false;
        }
        if self.token.as_ref() != Some(token) {
            self.token = Some(token.clone());
            self.same = 0;
        }
        self.replacements = self.replacements.saturating_add(1);
        self.replaced_at = Some(now);
        true
    }

    /// Whether it is the refused token.
    pub(super) fn is_of(&self, cached: &CachedToken) -> bool {
        self.token.as_ref().is_some_and(|token| cached.is(token))
    }

    /// The seconds until the next attempt, if the token just fetched is the refused one again.
    pub(super) fn pause_after(&mut self, cached: &CachedToken) -> Option<f64> {
        if !self.is_of(cached) {
            self.same = 0;
            return None;
        }
        self.same = self.same.saturating_add(1);
        Some(doubled(self.same, LONGEST_OF_SAME))
    }
}

/// 1 s, doubled each time after the first.
fn doubled(times: u32, longest: f64) -> f64 {
    match times {
        0 => 0.0,
        _ => 2f64.powi(times.min(10) as i32 - 1).min(longest),
    }
}
