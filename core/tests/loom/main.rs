//! Every interleaving of the callers of one single flight, on the core's own sources.
//!
//! What is included here decides who starts a fetch, who joins it and who is declined. Its lock is
//! replaced by one that `loom` schedules.

#![allow(dead_code, unreachable_pub, reason = "the sources have more than is modelled")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../src/backoff.rs"]
mod backoff;
#[path = "../../src/clock.rs"]
mod clock;
#[path = "../../src/verify/cooldown.rs"]
mod cooldown;
#[path = "../../src/random.rs"]
mod random;
#[path = "../../src/single_flight/slot.rs"]
mod slot;

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
use slot::{Admission, Slot};

const NOW: Instants = Instants { wall: 0.0, monotonic: 0.0 };
const RESULT: u32 = 7;

/// What callers wait for.
#[derive(Clone, Default)]
struct Shared(Arc<(Mutex<Option<u32>>, Condvar)>);

impl Shared {
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

/// A slot whose fetches run on threads of their own, and are counted.
struct Fetches<S> {
    slot: Slot<S, Shared>,
    started: Arc<AtomicUsize>,
}

impl<S> Clone for Fetches<S> {
    fn clone(&self) -> Self {
        Self { slot: self.slot.clone(), started: Arc::clone(&self.started) }
    }
}

impl<S: Default + Send + 'static> Fetches<S> {
    fn new() -> Self {
        Self { slot: Slot::default(), started: Arc::new(AtomicUsize::new(0)) }
    }

    /// Calls as the core does: `decide` and `on_done` run under the lock.
    fn call<D>(
        &self,
        decide: impl FnOnce(&mut S) -> Result<(), D>,
        on_done: impl FnOnce(&mut S) + Send + 'static,
    ) -> Result<u32, D> {
        let shared = Shared::default();
        match self.slot.admit(|_| true, decide, shared) {
            Admission::Joined(shared) => Ok(shared.wait()),
            Admission::Started(shared, number) => {
                self.started.fetch_add(1, Ordering::SeqCst);
                let (slot, publisher) = (self.slot.clone(), shared.clone());
                thread::spawn(move || {
                    slot.finish(number, |state, is_latest| {
                        assert!(is_latest);
                        on_done(state);
                    });
                    publisher.publish(RESULT);
                });
                Ok(shared.wait())
            }
            Admission::Declined(reason) => Err(reason),
        }
    }

    fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
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
fn callers_who_need_the_same_cause_one_fetch_and_all_get_its_result() {
    every_interleaving(|| {
        let fetches = Fetches::<Option<u32>>::new();
        let caller = fetches.clone();
        let results = three(move || {
            caller
                .call(
                    // Who comes after the end finds what it brought.
                    |state| state.map_or(Ok(()), Err),
                    |state| *state = Some(RESULT),
                )
                .unwrap_or_else(|found| found)
        });
        assert_eq!(results, [RESULT; 3]);
        assert_eq!(fetches.started(), 1);
    });
}

#[test]
fn unknown_kids_cause_no_more_fetches_than_the_cooldown_allows() {
    every_interleaving(|| {
        let fetches = Fetches::<Cooldown<()>>::new();
        let caller = fetches.clone();
        // The key never comes, so every caller would start a fetch again.
        let results = three(move || {
            let decide =
                |cooldown: &mut Cooldown<()>| cooldown.is_open(NOW).then_some(()).ok_or(());
            caller.call(decide, |cooldown| cooldown.use_up(NOW))
        });
        let declined = results.iter().filter(|result| result.is_err()).count();
        assert!((1..=2).contains(&fetches.started()), "{} fetches", fetches.started());
        assert!(declined <= 1, "only a third fetch is declined");
    });
}

#[test]
fn an_abandoned_fetch_does_not_end_its_successor() {
    every_interleaving(|| {
        let slot = Slot::<u32, u64>::default();
        let admit = |slot: &Slot<u32, u64>, is_running: bool, name| {
            let decide = |_: &mut u32| Ok::<_, Infallible>(());
            match slot.admit(|_| is_running, decide, name) {
                Admission::Started(name, number) => (name, Some(number)),
                Admission::Joined(name) => (name, None),
                Admission::Declined(never) => match never {},
            }
        };
        assert_eq!(admit(&slot, true, 1), (1, Some(1)));
        // The first is found to be abandoned, and ends all the same at some time.
        let late = slot.clone();
        let late = thread::spawn(move || late.finish(1, |_, is_latest| is_latest));
        let (second, number) = admit(&slot, false, 2);
        assert_eq!((second, number), (2, Some(2)));
        assert_eq!(admit(&slot, true, 3), (2, None), "joined, not repeated");
        let was_latest = late.join().unwrap();
        assert_eq!(admit(&slot, true, 3), (2, None));
        let before = slot.with_state(|ended, _| *ended);
        assert_eq!(before, 0, "it did not change the state; was it the latest: {was_latest}");
        assert!(slot.finish(2, |ended, is_latest| {
            *ended += 1;
            is_latest
        }));
        assert_eq!(slot.with_state(|ended, under_way| (*ended, under_way.is_some())), (1, false));
    });
}
