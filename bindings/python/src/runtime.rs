//! The Tokio runtime: one per process, for a forked child inherits none of its parent's threads.

pub(crate) mod call;

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, mem, process, thread};

use arc_swap::{ArcSwapOption, Guard};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use stytch_m2m::Spawner;
use tokio::runtime::{Builder, Handle, Runtime};

/// How often a blocked call looks up: for signals, and for the interpreter's exit.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long the interpreter's exit waits for blocked calls, and then for tasks, to let go.
const EXIT_TIMEOUT: Duration = Duration::from_millis(200);
const WORKER_THREADS: usize = 2;

static HOME: ArcSwapOption<Home> = ArcSwapOption::const_empty();
static EXITING: AtomicBool = AtomicBool::new(false);

/// A runtime and the process that its threads live in.
struct Home {
    process: u32,
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    /// What a blocked call holds until it is back in Python. None are given once the interpreter
    /// exits: a thread that came back then would be killed amid Rust's frames.
    ticket: Mutex<Option<Arc<()>>>,
}

impl Home {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKER_THREADS)
            .thread_name("stytch-m2m")
            .enable_all()
            .build()?;
        Ok(Self {
            process: process::id(),
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
            ticket: Mutex::new(Some(Arc::default())),
        })
    }

    /// A ticket, or no return.
    fn ticket(&self) -> Arc<()> {
        let ticket = lock(&self.ticket).clone();
        ticket.unwrap_or_else(|| park())
    }

    /// Waits until every ticket is back, and gives no more.
    fn close(&self) {
        let Some(ticket) = lock(&self.ticket).take() else { return };
        let interval = Duration::from_millis(1);
        let mut waited = Duration::ZERO;
        while Arc::strong_count(&ticket) > 1 && waited < EXIT_TIMEOUT {
            thread::sleep(interval);
            waited += interval;
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(runtime) = lock(&self.runtime).take() {
            runtime.shutdown_background();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This process's runtime, for a call from Python.
fn home(py: Python<'_>) -> PyResult<Arc<Home>> {
    if !EXITING.load(Ordering::Relaxed) {
        Ok(current()?)
    } else if is_main_thread(py)? {
        Err(PyRuntimeError::new_err("the interpreter is exiting"))
    } else {
        // The thread is about to be killed, and has nobody to tell.
        py.detach(|| park())
    }
}

fn park() -> ! {
    loop {
        thread::park();
    }
}

/// This process's runtime, made on first use.
fn current() -> io::Result<Arc<Home>> {
    loop {
        let current = HOME.load();
        if let Some(home) = &*current
            && home.process == process::id()
        {
            return Ok(Arc::clone(home));
        }
        let previous = HOME.compare_and_swap(&current, Some(Arc::new(Home::new()?)));
        if previous.as_ref().map(Arc::as_ptr) == current.as_ref().map(Arc::as_ptr) {
            // The parent's runtime is leaked: to drop it is to wait for threads that are not here.
            mem::forget(Guard::into_inner(previous));
        }
    }
}

/// Where the core's detached tasks run.
pub(crate) fn spawner() -> Spawner {
    Spawner::new(|task| {
        if !EXITING.load(Ordering::Relaxed)
            && let Ok(home) = current()
        {
            home.handle.spawn(task);
        }
    })
}

/// Waits for `future` with the interpreter lock released, and answers signals meanwhile.
///
/// Signal handlers run outside the runtime's context, so that they may make calls of their own.
fn block_on<F>(py: Python<'_>, future: F) -> PyResult<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let home = home(py)?;
    let answers_signals = is_main_thread(py)?;
    let back = py.detach(|| {
        let mut future = pin!(future);
        loop {
            let ticket = home.ticket();
            let attempt = async { tokio::time::timeout(INTERVAL, future.as_mut()).await };
            match home.handle.block_on(attempt) {
                Ok(output) => return Ok((output, ticket)),
                Err(_) if answers_signals => Python::attach(|py| py.check_signals())?,
                Err(_) => {}
            }
        }
    });
    back.map(|(output, _ticket)| output)
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import("threading")?;
    let current = threading.call_method0("current_thread")?;
    Ok(current.is(&threading.call_method0("main_thread")?))
}

/// Ends all calls and tasks. Called at the interpreter's exit, after which no thread may touch it.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    EXITING.store(true, Ordering::Relaxed);
    py.detach(|| {
        let Some(home) = HOME.swap(None) else { return };
        if home.process != process::id() {
            return mem::forget(home);
        }
        home.close();
        if let Some(runtime) = lock(&home.runtime).take() {
            runtime.shutdown_timeout(EXIT_TIMEOUT);
        }
    });
}
