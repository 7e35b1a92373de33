//! The Tokio runtime: one per process, for a forked child inherits none of its parent's threads.

pub(crate) mod exit;
mod queue;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{io, mem, process};

use arc_swap::{ArcSwapOption, Guard};
use pyo3::prelude::*;
use stytch_m2m::internals::Spawner;
use tokio::runtime::{Builder, Runtime};

use crate::caller::Caller;
use crate::lock::lock;
use exit::{ExitGuard, is_main_thread};
use queue::Queue;

/// How often a blocked call looks up: for signals, and for the interpreter's exit.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long the interpreter's exit waits for tasks, after calls.
const TASKS_TIMEOUT: Duration = Duration::from_millis(200);
/// How long the interpreter's exit waits for log events that were not passed on yet.
const LOG_TIMEOUT: Duration = Duration::from_secs(1);
const WORKER_THREADS: usize = 2;

static RUNTIME: ArcSwapOption<ProcessRuntime> = ArcSwapOption::const_empty();

/// A runtime and the process that its threads live in.
pub(crate) struct ProcessRuntime {
    process: u32,
    pub(crate) handle: tokio::runtime::Handle,
    runtime: Mutex<Option<Runtime>>,
    queue: Arc<Queue>,
}

impl ProcessRuntime {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("stytch-m2m")
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (process, runtime) = (process::id(), Mutex::new(Some(runtime)));
        Ok(Self { process, handle, runtime, queue: Arc::default() })
    }
}

impl Drop for ProcessRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_background();
        }
    }
}

/// This process's runtime, made on first use.
pub(crate) fn current() -> io::Result<Arc<ProcessRuntime>> {
    loop {
        let stored = RUNTIME.load();
        if let Some(runtime) = &*stored
            && runtime.process == process::id()
        {
            return Ok(Arc::clone(runtime));
        }
        let previous = RUNTIME.compare_and_swap(&stored, Some(Arc::new(ProcessRuntime::new()?)));
        if previous.as_ref().map(Arc::as_ptr) == stored.as_ref().map(Arc::as_ptr) {
            // The parent's runtime is leaked: to drop it is to wait for threads that are not here.
            mem::forget(Guard::into_inner(previous));
        }
    }
}

/// Where the core's detached tasks run.
pub(crate) fn spawner() -> Spawner {
    Spawner::new(spawn)
}

/// Runs `task` if there is a runtime to run it. Its log events are those of the caller for whom it
/// starts.
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    let Ok(runtime) = current() else { return };
    match Caller::of_detached_task() {
        Some(caller) => drop(runtime.handle.spawn(caller.scope(task))),
        None => drop(runtime.handle.spawn(task)),
    }
}

/// Runs `job` after those that came before it, on a thread that may block and make calls.
pub(crate) fn enqueue(job: impl FnOnce() + Send + 'static) {
    if let Ok(runtime) = current()
        && runtime.queue.push(Box::new(job))
    {
        let queue = Arc::clone(&runtime.queue);
        runtime.handle.spawn_blocking(move || queue.work_off());
    }
}

/// Waits for `future` with the interpreter lock released, and answers signals meanwhile.
///
/// Signal handlers run outside the runtime's context, so that they may make calls of their own.
pub(crate) fn block_on<F>(py: Python<'_>, future: F) -> PyResult<(F::Output, ExitGuard)>
where
    F: Future + Send,
    F::Output: Send,
{
    let mut guard = ExitGuard::take(py)?;
    let runtime = current()?;
    let answers_signals = is_main_thread(py)?;
    py.detach(|| {
        let mut future = pin!(future);
        loop {
            let attempt = async { tokio::time::timeout(INTERVAL, future.as_mut()).await };
            match runtime.handle.block_on(attempt) {
                Ok(output) => return Ok((output, guard)),
                Err(_) if answers_signals => Python::attach(|py| py.check_signals())?,
                Err(_) => {
                    drop(guard);
                    guard = ExitGuard::wait();
                }
            }
        }
    })
}

/// Ends all calls and tasks. Called at the interpreter's exit.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    py.detach(|| {
        if let Some(runtime) = &*RUNTIME.load()
            && runtime.process == process::id()
        {
            runtime.queue.await_done(LOG_TIMEOUT);
        }
        ExitGuard::close();
        let Some(runtime) = RUNTIME.swap(None) else { return };
        if runtime.process != process::id() {
            mem::forget(runtime);
        } else if let Some(runtime) = lock(&runtime.runtime).take() {
            runtime.shutdown_timeout(TASKS_TIMEOUT);
        }
    });
}
