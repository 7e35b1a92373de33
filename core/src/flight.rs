//! One flight at a time: the work is done once, detached from its callers, and all of them share
//! its result. A caller that gives up takes nothing from the others.

pub(crate) mod gate;

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::runtime::Spawner;
use gate::{Entrance, Gate};

/// How often a caller starts over when the runtime that a flight ran on was shut down.
const RUNTIMES: usize = 3;

/// Flights whose results are `T`, and the state `S` that decides whether one may start.
pub(crate) struct Flights<S, T> {
    gate: Gate<S, Landing<T>>,
    spawner: Spawner,
    clock: Clock,
    /// A flight is given up for lost after this, as when the runtime that it runs on stands still.
    longest: Duration,
}

/// How a caller comes by a result.
pub(crate) enum Boarding<T, D> {
    /// With the flight under way, which it started if `.1`.
    Aboard(Landing<T>, bool),
    /// Not at all: the state was against a flight.
    Denied(D),
}

impl<S, T> Flights<S, T>
where
    S: Default + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(spawner: Spawner, clock: Clock, longest: Duration) -> Self {
        Self { gate: Gate::default(), spawner, clock, longest }
    }

    /// Joins the flight under way; or takes off with `work`, if `decide` lets it. `settle` sees the
    /// result before any caller does, in one step with the end of the flight, and whether no later
    /// flight has replaced this one. `report` tells of it afterwards: `decide` and `settle` hold the
    /// lock and must not log, since a log handler may come back here.
    pub(crate) fn board<D, F>(
        &self,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        work: impl FnOnce() -> F,
        settle: impl FnOnce(&mut S, &T, bool) + Send + 'static,
        report: impl FnOnce(&T) + Send + 'static,
    ) -> Result<Boarding<T, D>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let (sender, result) = watch::channel(None);
        let landing = Landing { result, since: self.clock.now().monotonic };
        let entrance = self.gate.enter(|landing| self.lives(landing), decide, landing);
        let (landing, number) = match entrance {
            Entrance::Joined(landing) => return Ok(Boarding::Aboard(landing, false)),
            Entrance::Denied(reason) => return Ok(Boarding::Denied(reason)),
            Entrance::TakenOff(landing, number) => (landing, number),
        };
        let (id, gate, mut work) = (self.id(), self.gate.clone(), Box::pin(work()));
        let flight = async move {
            let value = poll_fn(|context| inside(id, || work.as_mut().poll(context))).await;
            gate.leave(number, |state, is_latest| settle(state, &value, is_latest));
            sender.send_replace(Some(value.clone()));
            report(&value);
        };
        if let Err(error) = self.spawner.spawn(Box::pin(flight)) {
            // Whoever joined it meanwhile finds its channel closed, and starts over.
            self.gate.leave(number, |_, _| {});
            return Err(error);
        }
        Ok(Boarding::Aboard(landing, true))
    }

    /// Boards and waits for the result, again if the flight was lost with its runtime. `Err` within
    /// `Ok` where `board` was denied.
    pub(crate) async fn ride<D>(
        &self,
        mut board: impl FnMut() -> Result<Boarding<T, D>>,
    ) -> Result<Result<(T, bool), D>> {
        let lost = |what| Error::new(ErrorKind::Network, format!("the request was lost: {what}"));
        for _ in 0..RUNTIMES {
            let (landing, started) = match board()? {
                Boarding::Denied(reason) => return Ok(Err(reason)),
                Boarding::Aboard(landing, started) => (landing, started),
            };
            if is_inside(self.id()) {
                return Err(lost("it was asked for from within itself, as by a log handler"));
            }
            match tokio::time::timeout(self.longest, landing.wait()).await {
                Ok(Some(value)) => return Ok(Ok((value, started))),
                Ok(None) => {}
                Err(_) => return Err(lost("the runtime that it was sent from stands still")),
            }
        }
        Err(lost("its runtime was shut down"))
    }

    /// Tells these flights from all others of the process.
    fn id(&self) -> usize {
        self.gate.address()
    }

    /// Shows the state, and whether a flight is under way.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&mut S, bool) -> R) -> R {
        self.gate.look(|state, landing| {
            let under_way = landing.is_some_and(|landing| self.lives(landing));
            look(state, under_way)
        })
    }

    fn lives(&self, landing: &Landing<T>) -> bool {
        let age = self.clock.now().monotonic - landing.since;
        landing.result.has_changed().is_ok() && age < self.longest.as_secs_f64()
    }
}

thread_local! {
    /// The flights whose work this thread is in the middle of.
    static INSIDE: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Runs a part of a flight's work. A log handler that it calls, and that asks for the flight's
/// result, would wait for itself.
fn inside<R>(flight: usize, act: impl FnOnce() -> R) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            INSIDE.with_borrow_mut(Vec::pop);
        }
    }
    INSIDE.with_borrow_mut(|flights| flights.push(flight));
    let _leave = Leave;
    act()
}

fn is_inside(flight: usize) -> bool {
    INSIDE.with_borrow(|flights| flights.contains(&flight))
}

/// A flight's result, once it is there. The channel closes when the task dies with its runtime.
#[derive(Clone)]
pub(crate) struct Landing<T> {
    result: watch::Receiver<Option<T>>,
    since: f64,
}

impl<T: Clone> Landing<T> {
    async fn wait(mut self) -> Option<T> {
        self.result.wait_for(Option::is_some).await.ok().and_then(|value| value.clone())
    }
}
