//! The interpreter's exit, which waits for calls that may come back to Python.

use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;

/// How long the interpreter's exit waits for calls to let go. They look up at each interval, save
/// on a machine that has no time for them, where a runtime that ended too soon would panic.
const TIMEOUT: Duration = Duration::from_secs(5);

static GUARDS: LazyLock<ArcSwapOption<()>> = LazyLock::new(|| ArcSwapOption::from_pointee(()));

/// What a call holds while it may come back to Python. The interpreter's exit waits for it, and
/// then lets no thread in but its own: Python kills any other that comes back, and the process with
/// it if that happens amid Rust's frames.
pub(crate) struct ExitGuard(#[expect(dead_code, reason = "it is counted")] Option<Arc<()>>);

impl ExitGuard {
    pub(crate) fn take(py: Python<'_>) -> PyResult<Self> {
        match GUARDS.load_full() {
            None if !is_main_thread(py)? => Ok(py.detach(Self::wait)),
            guard => Ok(Self(guard)),
        }
    }

    /// Takes one, unless the interpreter's exit has begun.
    pub(crate) fn try_take() -> Option<Self> {
        GUARDS.load_full().map(|guard| Self(Some(guard)))
    }

    /// Takes one, or never returns.
    pub(super) fn wait() -> Self {
        loop {
            match GUARDS.load_full() {
                None => thread::park(),
                guard => return Self(guard),
            }
        }
    }

    /// Waits until all are back, and gives no more.
    pub(super) fn close() {
        let Some(guard) = GUARDS.swap(None) else { return };
        let interval = Duration::from_millis(1);
        let mut waited = Duration::ZERO;
        while Arc::strong_count(&guard) > 1 && waited < TIMEOUT {
            thread::sleep(interval);
            waited += interval;
        }
    }
}

pub(super) fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import("threading")?;
    let current = threading.call_method0("current_thread")?;
    Ok(current.is(&threading.call_method0("main_thread")?))
}

/// Called in a forked child: those who hold its parent's guards are not in it.
#[pyfunction]
pub(crate) fn after_fork() {
    if GUARDS.load().is_some() {
        GUARDS.store(Some(Arc::new(())));
    }
}
