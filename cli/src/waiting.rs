//! Waiting for a person or for standard input, which stops the thread that would hear of a Ctrl-C.

use std::sync::atomic::{AtomicUsize, Ordering};

static WAITS: AtomicUsize = AtomicUsize::new(0);

/// A wait, until it is dropped.
pub(crate) struct Waiting;

impl Waiting {
    pub(crate) fn start() -> Self {
        WAITS.fetch_add(1, Ordering::SeqCst);
        Self
    }

    pub(crate) fn is_under_way() -> bool {
        WAITS.load(Ordering::SeqCst) > 0
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITS.fetch_sub(1, Ordering::SeqCst);
    }
}
