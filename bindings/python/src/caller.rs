//! The caller's context variables, for the filters and handlers of its log events.

use std::future::Future;
use std::sync::Arc;

use pyo3::prelude::*;
use tokio::runtime::Handle;

tokio::task_local! {
    static CALLER: Caller;
}

/// A copy of the caller's `contextvars.Context`.
#[derive(Clone)]
pub(crate) struct Caller {
    context: Arc<Py<PyAny>>,
    /// It is the caller of a call, not of a task that a call has detached.
    is_waiting: bool,
}

impl Caller {
    /// The code of this thread.
    pub(crate) fn here(py: Python<'_>) -> PyResult<Self> {
        let context = py.import("contextvars")?.call_method0("copy_context")?;
        Ok(Self { context: Arc::new(context.unbind()), is_waiting: true })
    }

    /// The caller for whom this code runs.
    pub(crate) fn current() -> Option<Self> {
        CALLER.try_with(Self::clone).ok()
    }

    /// The caller of a task that is about to be detached. Not of what such a task detaches itself:
    /// the driver of a connection would hold a request's context for as long as the connection.
    pub(crate) fn of_detached_task() -> Option<Self> {
        let caller = Self::current().or_else(Self::outside_calls)?;
        caller.is_waiting.then_some(Self { is_waiting: false, ..caller })
    }

    /// Python's own thread, on which a method that does not wait has started a refresh.
    fn outside_calls() -> Option<Self> {
        let is_pythons = Handle::try_current().is_err();
        is_pythons.then(|| Python::try_attach(|py| Self::here(py).ok()))??
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
}
