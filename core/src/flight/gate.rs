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
    TakenOff(L),
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
    /// Joins what is under way and `lives`. If nothing is, and `decide` agrees, `take_off`, with the
    /// flight's number.
    pub(crate) fn enter<D, E>(
        &self,
        lives: impl FnOnce(&L) -> bool,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        take_off: impl FnOnce(u64) -> Result<L, E>,
    ) -> Result<Entrance<L, D>, E> {
        self.0.with(|inner| {
            if let Some(current) = &inner.under_way
                && lives(current)
            {
                return Ok(Entrance::Joined(current.clone()));
            }
            if let Err(reason) = decide(&mut inner.state) {
                return Ok(Entrance::Denied(reason));
            }
            let flight = take_off(inner.flights + 1)?;
            inner.flights += 1;
            inner.under_way = Some(flight.clone());
            Ok(Entrance::TakenOff(flight))
        })
    }

    /// Ends the flight of this number, and tells the state about it in the same step. A flight that
    /// was given up for lost takes nothing from the one that replaced it.
    pub(crate) fn leave(&self, number: u64, settle: impl FnOnce(&mut S)) {
        self.0.with(|inner| {
            settle(&mut inner.state);
            if inner.flights == number {
                inner.under_way = None;
            }
        });
    }

    /// Shows the state, and what is under way.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut S, Option<&L>) -> R) -> R {
        self.0.with(|inner| look(&mut inner.state, inner.under_way.as_ref()))
    }
}
