//! Every interleaving of the callers of one flight, on the core's own sources.
//!
//! What is included here decides who takes off, who joins and who is told to wait. Its lock is
//! replaced by one that `loom` schedules.

#![allow(dead_code, unreachable_pub, reason = "the sources have more than is modelled")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../src/backoff.rs"]
mod backoff;
#[path = "../../src/clock.rs"]
mod clock;
#[path = "../../src/verify/cooldown.rs"]
mod cooldown;
#[path = "../../src/flight/gate.rs"]
mod gate;
#[path = "../../src/random.rs"]
mod random;

/// The lock of the core, but for forks, which are not modelled.
mod fork {
    use loom::sync::Mutex;

    #[derive(Default)]
    pub(crate) struct ForkLock<T>(Mutex<T>);

    impl<T> ForkLock<T> {
        pub(crate) fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
            act(&mut self.0.lock().unwrap())
        }
    }
}

use std::convert::Infallible;

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

use clock::Instants;
use cooldown::Cooldown;
use gate::{Entrance, Gate};

const NOW: Instants = Instants { wall: 0.0, monotonic: 0.0 };
const RESULT: u32 = 7;

/// What callers wait for.
#[derive(Clone, Default)]
struct Landing(Arc<(Mutex<Option<u32>>, Condvar)>);

impl Landing {
    fn publish(&self, value: u32) {
        *self.0.0.lock().unwrap() = Some(value);
        self.0.1.notify_all();
    }

    fn wait(&self) -> u32 {
        let mut value = self.0.0.lock().unwrap();
        loop {
            match *value {
                Some(value) => return value,
                None => value = self.0.1.wait(value).unwrap(),
            }
        }
    }
}

/// A gate whose flights run on threads of their own, and are counted.
struct Airport<S> {
    gate: Gate<S, Landing>,
    taken_off: Arc<AtomicUsize>,
}

impl<S> Clone for Airport<S> {
    fn clone(&self) -> Self {
        Self { gate: self.gate.clone(), taken_off: Arc::clone(&self.taken_off) }
    }
}

impl<S: Default + Send + 'static> Airport<S> {
    fn new() -> Self {
        Self { gate: Gate::default(), taken_off: Arc::new(AtomicUsize::new(0)) }
    }

    /// Enters as the core does: `decide` and `settle` run under the lock.
    fn call<D>(
        &self,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        settle: impl FnOnce(&mut S) + Send + 'static,
    ) -> Result<u32, D> {
        let landing = Landing::default();
        match self.gate.enter(|_| true, decide, landing) {
            Entrance::Joined(landing) => Ok(landing.wait()),
            Entrance::TakenOff(landing, number) => {
                self.taken_off.fetch_add(1, Ordering::SeqCst);
                let (gate, flight) = (self.gate.clone(), landing.clone());
                thread::spawn(move || {
                    gate.leave(number, |state, is_latest| {
                        assert!(is_latest);
                        settle(state);
                    });
                    flight.publish(RESULT);
                });
                Ok(landing.wait())
            }
            Entrance::Denied(reason) => Err(reason),
        }
    }

    fn taken_off(&self) -> usize {
        self.taken_off.load(Ordering::SeqCst)
    }
}

/// Three callers at once; returns what each got.
fn three<R: Send + 'static>(call: impl Fn() -> R + Clone + Send + 'static) -> Vec<R> {
    let others = [(); 2].map(|()| thread::spawn(call.clone()));
    let mut results = vec![call()];
    results.extend(others.map(|other| other.join().unwrap()));
    results
}

/// All of them with up to two preemptions; without the bound it would take hours.
fn every_interleaving(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

#[test]
fn callers_who_lack_the_same_cause_one_flight_and_all_get_its_result() {
    every_interleaving(|| {
        let airport = Airport::<Option<u32>>::new();
        let caller = airport.clone();
        let results = three(move || {
            caller
                .call(
                    // Who comes after the landing finds what it brought.
                    |state| state.map_or(Ok(()), Err),
                    |state| *state = Some(RESULT),
                )
                .unwrap_or_else(|found| found)
        });
        assert_eq!(results, [RESULT; 3]);
        assert_eq!(airport.taken_off(), 1);
    });
}

#[test]
fn unknown_kids_cause_no_more_flights_than_the_cooldown_allows() {
    every_interleaving(|| {
        let airport = Airport::<Cooldown<()>>::new();
        let caller = airport.clone();
        // What lacks never comes, so every caller would take off again.
        let results = three(move || {
            let decide =
                |cooldown: &mut Cooldown<()>| cooldown.is_open(NOW).then_some(()).ok_or(());
            caller.call(decide, |cooldown| cooldown.use_up(NOW))
        });
        let told = results.iter().filter(|result| result.is_err()).count();
        assert!((1..=2).contains(&airport.taken_off()), "{} flights", airport.taken_off());
        assert!(told <= 1, "only a third flight is refused");
    });
}

#[test]
fn a_flight_given_up_for_lost_takes_nothing_from_its_successor() {
    every_interleaving(|| {
        let gate = Gate::<u32, u64>::default();
        let enter = |gate: &Gate<u32, u64>, lives: bool, name| {
            let decide = |_: &mut u32| Ok::<_, Infallible>(());
            match gate.enter(|_| lives, decide, name) {
                Entrance::TakenOff(name, number) => (name, Some(number)),
                Entrance::Joined(name) => (name, None),
                Entrance::Denied(never) => match never {},
            }
        };
        assert_eq!(enter(&gate, true, 1), (1, Some(1)));
        // The first is found to be lost, and comes in all the same at some time.
        let late = gate.clone();
        let late = thread::spawn(move || late.leave(1, |_, is_latest| is_latest));
        let (second, number) = enter(&gate, false, 2);
        assert_eq!((second, number), (2, Some(2)));
        assert_eq!(enter(&gate, true, 3), (2, None), "joined, not repeated");
        let was_latest = late.join().unwrap();
        assert_eq!(enter(&gate, true, 3), (2, None));
        let before = gate.look(|landed, _| *landed);
        assert_eq!(before, 0, "it told the state nothing, whether it was the latest: {was_latest}");
        assert!(gate.leave(2, |landed, is_latest| {
            *landed += 1;
            is_latest
        }));
        assert_eq!(gate.look(|landed, under_way| (*landed, under_way.is_some())), (1, false));
    });
}
