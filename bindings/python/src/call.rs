//! One call of the API, to be waited for in either of Python's ways.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use futures_util::FutureExt;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use stytch_m2m::Result;
use tokio::task::AbortHandle;

use crate::caller::Caller;
use crate::error::exception;
use crate::hidden::Hidden;
use crate::lock::lock;
use crate::records::Record;
use crate::runtime;
use crate::runtime::exit::ExitGuard;

type Reply = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
type Work = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// A call that has not begun. Each is good for one use.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Call(Mutex<Option<Work>>);

impl Call {
    pub(crate) fn new<T: Record>(future: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        let work: Work = Box::pin(future.map(|outcome| -> Reply {
            Box::new(|py| match outcome {
                Ok(record) => record.into_python(py).map(Bound::unbind),
                Err(error) => Err(exception(py, error)),
            })
        }));
        Self(Mutex::new(Some(work)))
    }

    fn take(&self) -> PyResult<Work> {
        lock(&self.0)
            .take()
            .ok_or_else(|| PyRuntimeError::new_err("this call has been made already"))
    }
}

#[pymethods]
impl Call {
    /// Waits until the answer is there. Under gevent, other greenlets go on.
    fn wait(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        if has_greenlets(py)? {
            let gevent = py.import("stytch_m2m._gevent")?;
            return gevent.call_method1("wait", (slf,)).map(Bound::unbind);
        }
        slf.get().block(py)
    }

    /// Blocks this thread until the answer is there.
    fn block(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let work = self.take()?;
        let (reply, _guard) = runtime::block_on(py, Caller::here(py)?.scope(work))?;
        reply(py)
    }

    /// Begins, and gives `done` the answer, hidden, or the exception, on another thread.
    ///
    /// `place` is the caller's event loop, or its token of trio's.
    #[pyo3(signature = (done, place=None))]
    fn start(&self, py: Python<'_>, done: Py<PyAny>, place: Option<Py<PyAny>>) -> PyResult<Task> {
        let work = Caller::here(py)?.at(place).scope(self.take()?);
        let _guard = ExitGuard::take(py)?;
        let task = runtime::current()?.handle.spawn(async move {
            let reply = work.await;
            Python::try_attach(|py| finish(py, reply, &done));
        });
        Ok(Task(task.abort_handle()))
    }
}

/// Whether gevent has taken the place of threads.
fn has_greenlets(py: Python<'_>) -> PyResult<bool> {
    let modules = py.import("sys")?.getattr("modules")?;
    let Ok(monkey) = modules.get_item("gevent.monkey") else { return Ok(false) };
    monkey.call_method1("is_module_patched", ("threading",))?.is_truthy()
}

fn finish(py: Python<'_>, reply: Reply, done: &Py<PyAny>) {
    let outcome = match reply(py) {
        Ok(value) => done.call1(py, (Hidden::new(value), py.None())),
        Err(error) => done.call1(py, (Hidden::new(py.None()), error)),
    };
    if let Err(error) = outcome {
        error.write_unraisable(py, Some(done.bind(py)));
    }
}

/// A call under way.
#[pyclass(frozen, module = "stytch_m2m._native")]
pub(crate) struct Task(AbortHandle);

#[pymethods]
impl Task {
    /// Drops the call, wherever it stands.
    fn cancel(&self) {
        self.0.abort();
    }
}
