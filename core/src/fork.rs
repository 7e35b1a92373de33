//! State that a forked child can always reach.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

/// A mutex that `fork` cannot leave locked for ever.
///
/// A child inherits its parent's locks as they were, and a thread that held one is not there to
/// release it. So each process has a lock of its own, and a child starts with the default value:
/// what is behind it must be worth forgetting, such as sockets, tasks under way and backoffs.
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
    /// Runs `act` on the value, alone. `act` must not come back to this lock.
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
                // Leaked, for dropping it would disturb sockets that are still the parent's.
                std::mem::forget(current);
            }
        }
    }
}
