//! The door that one flight at a time goes through. All that is decided about a flight is decided
//! here, under one lock; `tests/loom` tries every interleaving of it.

use std::sync::Arc;

use crate::fork::ForkLock;

/// A door, and the state that decides who may go through.
pub(crate) struct Gate<S, L>(Arc<ForkLock<Inner<S, L>>>);

struct Inner<S, L> {
    state: S,
    under_way: Option<L>,
    /// How many took off: the number of the flight under way.
    flights: u64,
}

pub(crate) enum Entrance<L, D> {
    Joined(L),
    /// The caller must start the flight of this number now that the lock is released.
    TakenOff(L, u64),
    Denied(D),
}

impl<S, L> Clone for Gate<S, L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Default, L> Default for Inner<S, L> {
    fn default() -> Self {
        Self { state: S::default(), under_way: None, flights: 0 }
    }
}

impl<S: Default, L> Default for Gate<S, L> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<S: Default, L: Clone> Gate<S, L> {
    /// Joins what is under way and `lives`. If nothing is, and `decide` agrees, registers `flight`,
    /// which the caller starts afterwards: nothing is spawned and nothing is logged under the lock.
    pub(crate) fn enter<D>(
        &self,
        lives: impl FnOnce(&L) -> bool,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        flight: L,
    ) -> Entrance<L, D> {
        self.0.with(|inner| {
            if let Some(current) = &inner.under_way
                && lives(current)
            {
                return Entrance::Joined(current.clone());
            }
            if let Err(reason) = decide(&mut inner.state) {
                return Entrance::Denied(reason);
            }
            inner.flights += 1;
            inner.under_way = Some(flight.clone());
            Entrance::TakenOff(flight, inner.flights)
        })
    }

    /// Ends the flight of this number, and tells the state about it in the same step, with whether
    /// it is still the latest one. A flight that was given up for lost takes nothing from the one
    /// that replaced it.
    pub(crate) fn leave<R>(&self, number: u64, settle: impl FnOnce(&mut S, bool) -> R) -> R {
        self.0.with(|inner| {
            let is_latest = inner.flights == number;
            if is_latest {
                inner.under_way = None;
            }
            settle(&mut inner.state, is_latest)
        })
    }

    /// Where the gate lies in memory: what tells it from others.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Shows the state, and what is under way.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut S, Option<&L>) -> R) -> R {
        self.0.with(|inner| look(&mut inner.state, inner.under_way.as_ref()))
    }
}
