//! Mutexes whose poison does not matter.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// No value behind these locks can be left half changed, so a poisoned lock is as good as any.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
