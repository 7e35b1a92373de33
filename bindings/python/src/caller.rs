//! The caller's context variables, for the filters and handlers of its log events, and its event
//! loop, for functions that provide secrets.

use std::future::Future;
use std::sync::Arc;

use pyo3::prelude::*;
use tokio::runtime::Handle;

/// How deep tasks that start tasks carry the caller: a fetch, and the secret that it reads. The
/// driver of a connection would hold a request's context for as long as the connection.
const MAX_DEPTH: u8 = 2;

tokio::task_local! {
    static CALLER: Caller;
}

/// A copy of the caller's `contextvars.Context`.
#[derive(Clone)]
pub(crate) struct Caller {
    context: Arc<Py<PyAny>>,
    /// The caller's event loop, or its token of trio's.
    place: Option<Arc<Py<PyAny>>>,
    /// How many tasks were detached, one by another.
    depth: u8,
}

impl Caller {
    /// The code of this thread.
    pub(crate) fn here(py: Python<'_>) -> PyResult<Self> {
        let context = py.import("contextvars")?.call_method0("copy_context")?;
        Ok(Self { context: Arc::new(context.unbind()), place: None, depth: 0 })
    }

    /// The same with its event loop, or its token of trio's.
    pub(crate) fn at(self, place: Option<Py<PyAny>>) -> Self {
        Self { place: place.map(Arc::new), ..self }
    }

    /// The caller for whom this code runs.
    pub(crate) fn current() -> Option<Self> {
        CALLER.try_with(Self::clone).ok()
    }

    /// The caller of a task that is about to be detached.
    pub(crate) fn of_detached_task() -> Option<Self> {
        let caller = Self::current().or_else(Self::outside_calls)?;
        let depth = caller.depth + 1;
        (depth <= MAX_DEPTH).then_some(Self { depth, ..caller })
    }

    /// Python's own thread, on which a method that does not wait has started a refresh.
    fn outside_calls() -> Option<Self> {
        let is_pythons = Handle::try_current().is_err();
        is_pythons.then(|| Python::try_attach(|py| Self::with_loop(py).ok()))??
    }

    fn with_loop(py: Python<'_>) -> PyResult<Self> {
        let place = py.import("stytch_m2m._asyncio")?.call_method0("place")?;
        Ok(Self::here(py)?.at(place.extract()?))
    }

    pub(crate) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CALLER.scope(self, future)
    }

    pub(crate) fn scope_now<R>(self, act: impl FnOnce() -> R) -> R {
        CALLER.sync_scope(self, act)
    }

    /// A context of its own with the caller's variables: a context cannot be entered twice.
    pub(crate) fn context<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.context.bind(py).call_method0("copy")
    }

    pub(crate) fn place(&self) -> Option<&Py<PyAny>> {
        self.place.as_deref()
    }
}
