//! Work that may block, and is done in order: Python's log handlers.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::exit::ExitGuard;
use crate::lock::lock;

/// Beyond this the newest are dropped: a handler that hangs must not fill the memory.
const CAPACITY: usize = 10_000;

type Job = Box<dyn FnOnce() + Send>;

/// Jobs, of which one thread at a time does one after the other.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    has_worker: bool,
}

impl Queue {
    /// Adds a job. Whether somebody has to call [`Self::work_off`].
    pub(super) fn push(&self, job: Job) -> bool {
        let mut state = lock(&self.state);
        if state.jobs.len() < CAPACITY {
            state.jobs.push_back(job);
        }
        !mem::replace(&mut state.has_worker, true)
    }

    pub(super) fn work_off(&self) {
        while let Some(job) = self.next() {
            // Later there is no interpreter to work for.
            let Some(_guard) = ExitGuard::try_take() else { return };
            job();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        let job = state.jobs.pop_front();
        state.has_worker = job.is_some();
        if job.is_none() {
            self.done.notify_all();
        }
        job
    }

    /// Waits until every job is done, this long at most.
    pub(super) fn await_done(&self, limit: Duration) {
        let is_busy = |state: &mut State| state.has_worker;
        let waited = self.done.wait_timeout_while(lock(&self.state), limit, is_busy);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}
