//! Single flight: concurrent callers share one detached fetch; cancelling a caller does not cancel
//! it.

pub(crate) mod slot;

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::Spawner;
use slot::{Admission, Slot};

/// How often a caller starts again when the fetch's runtime was shut down.
const MAX_RUNTIMES: usize = 3;

/// Fetches of a `T`, one at a time, and the state `S` that decides whether one may start.
pub(crate) struct SingleFlight<S, T> {
    slot: Slot<S, Shared<T>>,
    spawner: Spawner,
    clock: Clock,
    /// A fetch is abandoned after this, e.g. when its runtime has stopped polling.
    abandon_after: Duration,
}

/// The running fetch.
pub(crate) struct Joined<T> {
    shared: Shared<T>,
    /// This caller started it.
    pub(crate) is_new: bool,
}

/// Why a caller has no result of a fetch.
pub(crate) enum NoResult<D> {
    /// No fetch was started: `decide` declined it.
    Declined(D),
    Failed(Error),
}

impl<D> From<Error> for NoResult<D> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<S, T> SingleFlight<S, T>
where
    S: Default + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(spawner: Spawner, clock: Clock, abandon_after: Duration) -> Self {
        Self { slot: Slot::default(), spawner, clock, abandon_after }
    }

    /// Joins the running fetch, or starts `fetch` if `decide` allows it. `on_done` gets the result
    /// before any caller, in one step with the end of the fetch, and whether this is still the
    /// latest fetch. `report` runs afterwards: `decide` and `on_done` hold the lock and must not
    /// log, since a log handler may call this again.
    pub(crate) fn join_or_start<D, F>(
        &self,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        fetch: impl FnOnce() -> F,
        on_done: impl FnOnce(&mut S, &Result<T>, bool) + Send + 'static,
        report: impl FnOnce(&Result<T>) + Send + 'static,
    ) -> Result<Joined<T>, NoResult<D>>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let (sender, result) = watch::channel(None);
        let shared = Shared { result, since: self.clock.now().monotonic };
        let admission = self.slot.admit(|shared| self.is_running(shared), decide, shared);
        let (shared, number) = match admission {
            Admission::Joined(shared) => return Ok(Joined { shared, is_new: false }),
            Admission::Declined(reason) => return Err(NoResult::Declined(reason)),
            Admission::Started(shared, number) => (shared, number),
        };
        let (id, slot, mut fetch) = (self.id(), self.slot.clone(), Box::pin(fetch()));
        let task = async move {
            let result = poll_fn(|context| within(id, || fetch.as_mut().poll(context))).await;
            slot.finish(number, |state, is_latest| on_done(state, &result, is_latest));
            sender.send_replace(Some(result.clone()));
            report(&result);
        };
        if let Err(error) = self.spawner.spawn(Box::pin(task)) {
            // Callers that joined it find its channel closed, and start again.
            self.slot.finish(number, |_, _| {});
            return Err(error.into());
        }
        Ok(Joined { shared, is_new: true })
    }

    /// Joins or starts a fetch and waits for its result, again if the fetch was lost with its
    /// runtime. Also returns whether this caller started the fetch.
    pub(crate) async fn run<D>(
        &self,
        mut join_or_start: impl FnMut() -> Result<Joined<T>, NoResult<D>>,
    ) -> Result<(T, bool), NoResult<D>> {
        let lost = |what| Error::new(ErrorKind::Network, format!("the request was lost: {what}"));
        for _ in 0..MAX_RUNTIMES {
            let Joined { shared, is_new } = join_or_start()?;
            if is_within(self.id()) {
                let what = "it was requested from within itself, for example by a log handler";
                return Err(lost(what).into());
            }
            match tokio::time::timeout(self.abandon_after, shared.wait()).await {
                Ok(Some(result)) => return Ok((result?, is_new)),
                Ok(None) => {}
                Err(_) => {
                    return Err(lost("its runtime has stopped polling").into());
                }
            }
        }
        Err(lost("its runtime was shut down").into())
    }

    /// Identifies this single flight in the process.
    fn id(&self) -> usize {
        self.slot.address()
    }

    /// Calls `act` with the state, and with whether a fetch is running.
    pub(crate) fn with_state<R>(&self, act: impl FnOnce(&mut S, bool) -> R) -> R {
        self.slot.with_state(|state, shared| {
            let under_way = shared.is_some_and(|shared| self.is_running(shared));
            act(state, under_way)
        })
    }

    fn is_running(&self, shared: &Shared<T>) -> bool {
        let age = self.clock.now().monotonic - shared.since;
        shared.result.has_changed().is_ok() && age < self.abandon_after.as_secs_f64()
    }
}

thread_local! {
    /// The fetches that this thread is polling.
    static POLLED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Runs a part of the fetch with this id, so that a log handler that requests the fetch's own
/// result is detected instead of waiting for itself.
fn within<R>(id: usize, act: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            POLLED.with_borrow_mut(Vec::pop);
        }
    }
    POLLED.with_borrow_mut(|polled| polled.push(id));
    let _leave = Leave;
    act()
}

fn is_within(id: usize) -> bool {
    POLLED.with_borrow(|polled| polled.contains(&id))
}

/// The result of a fetch, when it has ended. The channel closes if the task is dropped with its
/// runtime.
#[derive(Clone)]
pub(crate) struct Shared<T> {
    result: watch::Receiver<Option<Result<T>>>,
    since: f64,
}

impl<T: Clone> Shared<T> {
    async fn wait(mut self) -> Option<Result<T>> {
        self.result.wait_for(Option::is_some).await.ok().and_then(|result| result.clone())
    }
}
