//! The slot for one fetch at a time. All decisions about a fetch are made here, under one lock;
//! `tests/loom` tries every interleaving.

use std::sync::Arc;

use crate::fork::ForkLock;

/// A slot for a running fetch `L`, and the state `S` that decides whether one can start.
pub(crate) struct Slot<S, L>(Arc<ForkLock<Inner<S, L>>>);

struct Inner<S, L> {
    state: S,
    under_way: Option<L>,
    /// Number of fetches started, which is the number of the running one.
    started: u64,
}

pub(crate) enum Admission<L, D> {
    Joined(L),
    /// The caller must now start the fetch of this number, outside the lock.
    Started(L, u64),
    Declined(D),
}

impl<S, L> Clone for Slot<S, L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Default, L> Default for Inner<S, L> {
    fn default() -> Self {
        Self { state: S::default(), under_way: None, started: 0 }
    }
}

impl<S: Default, L> Default for Slot<S, L> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<S: Default, L: Clone> Slot<S, L> {
    /// Joins the running fetch if it `is_running`. Otherwise, if `decide` allows it, registers
    /// `fetch`, which the caller starts afterwards: nothing is spawned or logged under the lock.
    pub(crate) fn admit<D>(
        &self,
        is_running: impl FnOnce(&L) -> bool,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        fetch: L,
    ) -> Admission<L, D> {
        self.0.with(|inner| {
            if let Some(current) = &inner.under_way
                && is_running(current)
            {
                return Admission::Joined(current.clone());
            }
            if let Err(reason) = decide(&mut inner.state) {
                return Admission::Declined(reason);
            }
            inner.started += 1;
            inner.under_way = Some(fetch.clone());
            Admission::Started(fetch, inner.started)
        })
    }

    /// Ends the fetch of this number and updates the state in the same step; `on_done` gets whether
    /// it is still the latest one. An abandoned fetch does not end its replacement.
    pub(crate) fn finish<R>(&self, number: u64, on_done: impl FnOnce(&mut S, bool) -> R) -> R {
        self.0.with(|inner| {
            let is_latest = inner.started == number;
            if is_latest {
                inner.under_way = None;
            }
            on_done(&mut inner.state, is_latest)
        })
    }

    /// The slot's address in memory, which identifies it.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// Calls `act` with the state and the running fetch.
    pub(crate) fn with_state<R>(&self, act: impl FnOnce(&mut S, Option<&L>) -> R) -> R {
        self.0.with(|inner| act(&mut inner.state, inner.under_way.as_ref()))
    }
}
