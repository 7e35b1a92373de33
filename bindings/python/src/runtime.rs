//! The Tokio runtime: one per process, for a forked child inherits none of its parent's threads.

pub(crate) mod call;
mod queue;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, mem, process, thread};

use arc_swap::{ArcSwapOption, Guard};
use pyo3::prelude::*;
use stytch_m2m::Spawner;
use tokio::runtime::{Builder, Handle, Runtime};

use queue::Queue;

/// How often a blocked call looks up: for signals, and for the interpreter's exit.
const INTERVAL: Duration = Duration::from_millis(100);
/// How long the interpreter's exit waits for calls to let go. They look up at each interval, save
/// on a machine that has no time for them, where a runtime that ended too soon would panic.
const CALLS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it then waits for tasks.
const TASKS_TIMEOUT: Duration = Duration::from_millis(200);
const WORKER_THREADS: usize = 2;

static HOME: ArcSwapOption<Home> = ArcSwapOption::const_empty();
static TICKETS: LazyLock<ArcSwapOption<()>> = LazyLock::new(|| ArcSwapOption::from_pointee(()));

/// A runtime and the process that its threads live in.
struct Home {
    process: u32,
    handle: Handle,
    runtime: Mutex<Option<Runtime>>,
    queue: Arc<Queue>,
}

impl Home {
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

/// This process's runtime, made on first use.
fn home() -> io::Result<Arc<Home>> {
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
    Spawner::new(spawn)
}

/// Runs `task` if there is a runtime to run it.
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    if let Ok(home) = home() {
        home.handle.spawn(task);
    }
}

/// Runs `job` after those that came before it, on a thread that may block and make calls.
pub(crate) fn enqueue(job: impl FnOnce() + Send + 'static) {
    if let Ok(home) = home()
        && home.queue.push(Box::new(job))
    {
        let queue = Arc::clone(&home.queue);
        home.handle.spawn_blocking(move || queue.work_off());
    }
}

/// What a call holds while it may come back to Python. The interpreter's exit waits for it, and
/// then lets no thread in but its own: Python kills any other that comes back, and the process with
/// it if that happens amid Rust's frames.
pub(crate) struct Ticket(#[expect(dead_code, reason = "it is counted")] Option<Arc<()>>);

impl Ticket {
    pub(crate) fn take(py: Python<'_>) -> PyResult<Self> {
        match TICKETS.load_full() {
            None if !is_main_thread(py)? => Ok(py.detach(Self::wait)),
            ticket => Ok(Self(ticket)),
        }
    }

    /// Takes one, unless the interpreter's exit has begun.
    fn try_take() -> Option<Self> {
        TICKETS.load_full().map(|ticket| Self(Some(ticket)))
    }

    /// Takes one, or never returns.
    fn wait() -> Self {
        loop {
            match TICKETS.load_full() {
                None => thread::park(),
                ticket => return Self(ticket),
            }
        }
    }

    /// Waits until all are back, and gives no more.
    fn close() {
        let Some(ticket) = TICKETS.swap(None) else { return };
        let interval = Duration::from_millis(1);
        let mut waited = Duration::ZERO;
        while Arc::strong_count(&ticket) > 1 && waited < CALLS_TIMEOUT {
            thread::sleep(interval);
            waited += interval;
        }
    }
}

fn is_main_thread(py: Python<'_>) -> PyResult<bool> {
    let threading = py.import("threading")?;
    let current = threading.call_method0("current_thread")?;
    Ok(current.is(&threading.call_method0("main_thread")?))
}

/// Waits for `future` with the interpreter lock released, and answers signals meanwhile.
///
/// Signal handlers run outside the runtime's context, so that they may make calls of their own.
fn block_on<F>(py: Python<'_>, future: F) -> PyResult<(F::Output, Ticket)>
where
    F: Future + Send,
    F::Output: Send,
{
    let mut ticket = Ticket::take(py)?;
    let home = home()?;
    let answers_signals = is_main_thread(py)?;
    py.detach(|| {
        let mut future = pin!(future);
        loop {
            let attempt = async { tokio::time::timeout(INTERVAL, future.as_mut()).await };
            match home.handle.block_on(attempt) {
                Ok(output) => return Ok((output, ticket)),
                Err(_) if answers_signals => Python::attach(|py| py.check_signals())?,
                Err(_) => {
                    drop(ticket);
                    ticket = Ticket::wait();
                }
            }
        }
    })
}

/// Called in a forked child: those who hold its parent's tickets are not in it.
#[pyfunction]
pub(crate) fn after_fork() {
    if TICKETS.load().is_some() {
        TICKETS.store(Some(Arc::new(())));
    }
}

/// Ends all calls and tasks. Called at the interpreter's exit.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    py.detach(|| {
        Ticket::close();
        let Some(home) = HOME.swap(None) else { return };
        if home.process != process::id() {
            mem::forget(home);
        } else if let Some(runtime) = lock(&home.runtime).take() {
            runtime.shutdown_timeout(TASKS_TIMEOUT);
        }
    });
}
