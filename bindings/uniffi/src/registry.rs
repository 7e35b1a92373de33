//! Native objects by number, so that a call after the end of one is an error.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// Objects that something else keeps alive. No number is given twice.
pub(crate) struct Registry<T> {
    next: AtomicI64,
    objects: RwLock<BTreeMap<i64, Weak<T>>>,
}

impl<T> Registry<T> {
    pub(crate) const fn new() -> Self {
        Self { next: AtomicI64::new(1), objects: RwLock::new(BTreeMap::new()) }
    }

    /// The number of `object` from now on.
    pub(crate) fn add(&self, object: &Arc<T>) -> i64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut objects = self.objects.write().unwrap_or_else(PoisonError::into_inner);
        objects.retain(|_, object| object.strong_count() > 0);
        objects.insert(id, Arc::downgrade(object));
        id
    }

    /// The object, unless it is no more.
    pub(crate) fn get(&self, id: i64) -> Option<Arc<T>> {
        let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
        objects.get(&id)?.upgrade()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_more_is_not_found_and_not_kept() {
        let registry = Registry::new();
        let (gone, stays) = (Arc::new("gone"), Arc::new("stays"));
        let (first, second) = (registry.add(&gone), registry.add(&stays));
        assert_eq!(registry.get(first).as_deref(), Some(&"gone"));
        drop(gone);
        assert_eq!(registry.get(first), None);
        let third = registry.add(&stays);
        assert_eq!(registry.objects.read().unwrap().len(), 2);
        assert_eq!(registry.get(second), registry.get(third));
        assert_eq!(registry.get(0), None);
    }
}
