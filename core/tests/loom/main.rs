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
        let (gate, taken_off) = (self.gate.clone(), Arc::clone(&self.taken_off));
        let entered = self.gate.enter::<_, Infallible>(
            |_| true,
            decide,
            |number| {
                taken_off.fetch_add(1, Ordering::SeqCst);
                let landing = Landing::default();
                let flight = landing.clone();
                thread::spawn(move || {
                    gate.leave(number, settle);
                    flight.publish(RESULT);
                });
                Ok(landing)
            },
        );
        match entered.unwrap() {
            Entrance::Joined(landing) | Entrance::TakenOff(landing) => Ok(landing.wait()),
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
            let decide = |cooldown: &mut Cooldown<()>| cooldown.take(NOW).then_some(()).ok_or(());
            caller.call(decide, |_| {})
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
        let enter = |gate: &Gate<u32, u64>, lives: bool| {
            let decide = |_: &mut u32| Ok::<_, Infallible>(());
            match gate.enter::<_, Infallible>(|_| lives, decide, Ok).unwrap() {
                Entrance::TakenOff(number) => (number, true),
                Entrance::Joined(number) => (number, false),
                Entrance::Denied(never) => match never {},
            }
        };
        assert_eq!(enter(&gate, true), (1, true));
        // The first is found to be lost, and comes in all the same at some time.
        let late = gate.clone();
        let late = thread::spawn(move || late.leave(1, |landed| *landed += 1));
        let (second, _) = enter(&gate, false);
        assert_eq!(second, 2);
        assert_eq!(enter(&gate, true), (2, false), "joined, not repeated");
        late.join().unwrap();
        assert_eq!(enter(&gate, true), (2, false));
        gate.leave(2, |landed| *landed += 1);
        assert_eq!(gate.look(|landed, under_way| (*landed, under_way.is_some())), (2, false));
    });
}
