//! State that stays accessible in a forked child.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

/// A mutex that cannot stay locked after a `fork`.
///
/// A child inherits its parent's locked locks, but not the threads that would release them. So each
/// process has its own lock, and a child starts with the default value. Use it for state that a
/// child should forget, such as sockets, running tasks and backoffs.
pub(crate) struct ForkLock<T>(ArcSwap<Owned<T>>);

struct Owned<T> {
    process: u32,
    value: Mutex<T>,
}

impl<T: Default> Default for ForkLock<T> {
    fn default() -> Self {
        Self(ArcSwap::from_pointee(Owned::default()))
    }
}

impl<T: Default> Default for Owned<T> {
    fn default() -> Self {
        Self { process: std::process::id(), value: Mutex::default() }
    }
}

impl<T: Default> ForkLock<T> {
    /// Runs `act` on the value with exclusive access. `act` must not use this lock again.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let owned = self.owned();
        let mut value = owned.value.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut value)
    }

    fn owned(&self) -> Arc<Owned<T>> {
        let process = std::process::id();
        loop {
            let current = self.0.load_full();
            if current.process == process {
                return current;
            }
            let parents = self.0.compare_and_swap(&current, Arc::new(Owned::default()));
            if Arc::ptr_eq(&parents, &current) {
                // Leaked, since dropping it would disturb sockets that the parent still uses.
                std::mem::forget(current);
            }
        }
    }
}
