//! One flight at a time: the work is done once, detached from its callers, and all of them share
//! its result. A caller that gives up takes nothing from the others.

pub(crate) mod gate;

use std::future::Future;
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
    /// result before any caller does, in one step with the end of the flight.
    pub(crate) fn board<D, F>(
        &self,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        work: impl FnOnce() -> F,
        settle: impl FnOnce(&mut S, &T) + Send + 'static,
    ) -> Result<Boarding<T, D>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let entrance = self.gate.enter(
            |landing| self.lives(landing),
            decide,
            |number| {
                let (sender, result) = watch::channel(None);
                let (work, gate) = (work(), self.gate.clone());
                self.spawner.spawn(Box::pin(async move {
                    let value = work.await;
                    gate.leave(number, |state| settle(state, &value));
                    sender.send_replace(Some(value));
                }))?;
                Ok::<_, Error>(Landing { result, since: self.clock.now().monotonic })
            },
        )?;
        Ok(match entrance {
            Entrance::Joined(landing) => Boarding::Aboard(landing, false),
            Entrance::TakenOff(landing) => Boarding::Aboard(landing, true),
            Entrance::Denied(reason) => Boarding::Denied(reason),
        })
    }

    /// Boards and waits for the result, again if the flight was lost with its runtime. `Err` within
    /// `Ok` where `board` was denied.
    pub(crate) async fn ride<D>(
        &self,
        mut board: impl FnMut() -> Result<Boarding<T, D>>,
    ) -> Result<Result<T, D>> {
        let lost = |what| Error::new(ErrorKind::Network, format!("the request was lost: {what}"));
        for _ in 0..RUNTIMES {
            let landing = match board()? {
                Boarding::Denied(reason) => return Ok(Err(reason)),
                Boarding::Aboard(landing, _) => landing,
            };
            match tokio::time::timeout(self.longest, landing.wait()).await {
                Ok(Some(value)) => return Ok(Ok(value)),
                Ok(None) => {}
                Err(_) => return Err(lost("the runtime that it was sent from stands still")),
            }
        }
        Err(lost("its runtime was shut down"))
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
