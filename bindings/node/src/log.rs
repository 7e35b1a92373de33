//! The core's events, passed on to the JavaScript threads that listen, each with the call that it belongs to.
//!
//! While a thread listens, each of its calls runs in a span whose id is the number of the call. The fetches that a call
//! starts run in the same span, so the innermost span of an event is its call. When the last part of a call has
//! ended, the thread is told so, and forgets the call.

mod message;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Span, Subscriber};
use tracing_core::LevelFilter;
use tracing_core::callsite::rebuild_interest_cache;
use tracing_core::span::Current;

use self::message::Message;

const NAME: &str = "stytch_m2m";
const CALL: &str = "call";
/// A call's number begins with that of its thread.
const CALLS: u64 = 1 << 32;

/// It does not keep its thread alive.
type Send = ThreadsafeFunction<String, (), String, Status, false, true>;

struct Listener {
    thread: u64,
    level: LevelFilter,
    send: Send,
}

#[derive(Default)]
struct State {
    listeners: Vec<Listener>,
    /// How many parts of each call are under way.
    calls: HashMap<u64, usize>,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);
static NEXT: AtomicU64 = AtomicU64::new(1);
static CALL_METADATA: OnceLock<&Metadata<'_>> = OnceLock::new();

thread_local! {
    /// This JavaScript thread's number while it listens.
    static THREAD: Cell<Option<u64>> = const { Cell::new(None) };
    static LAST_CALL: Cell<u64> = const { Cell::new(0) };
    /// The calls whose work this thread is doing; the innermost is the last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// From now on tells `listener` each event of this level and above: one of this thread's calls, or of none.
#[napi(catch_unwind, ts_args_type = "level: string, listener: (message: string) => void")]
pub fn listen(level: String, listener: Function<'_, String, ()>) -> napi::Result<()> {
    let send = listener.build_threadsafe_function().weak::<true>().build()?;
    let thread = THREAD.get().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
    let level = level.parse().unwrap_or(LevelFilter::DEBUG);
    unlisten();
    THREAD.set(Some(thread));
    with_state(|state| state.listeners.push(Listener { thread, level, send }));
    // It fails only if it has been done.
    let _ = tracing::subscriber::set_global_default(Bridge);
    rebuild_interest_cache();
    Ok(())
}

/// Tells this thread nothing more.
#[napi(catch_unwind)]
pub fn unlisten() {
    let Some(thread) = THREAD.take() else { return };
    with_state(|state| state.listeners.retain(|listener| listener.thread != thread));
    rebuild_interest_cache();
}

/// The number of the call that this thread has just begun; 0 if it was none, or nobody listens.
#[napi(catch_unwind)]
pub fn take_call() -> f64 {
    LAST_CALL.take() as f64
}

/// The span of a call that this thread begins. It is none unless the thread listens.
pub(crate) fn begin_call() -> Span {
    let Some(thread) = THREAD.get() else { return Span::none() };
    let call = thread * CALLS + NEXT.fetch_add(1, Ordering::Relaxed) % CALLS;
    LAST_CALL.set(call);
    tracing::error_span!(CALL, call)
}

fn with_state<T>(work: impl FnOnce(&mut State) -> T) -> T {
    let mut state: MutexGuard<'_, _> = STATE.lock().unwrap_or_else(PoisonError::into_inner);
    work(state.get_or_insert_default())
}

/// Of a call's thread all that listen, or of no call's.
fn send(call: u64, is_heard: impl Fn(LevelFilter) -> bool, message: &str) {
    with_state(|state| {
        state.listeners.retain(|Listener { thread, level, send }| {
            let is_for = call == 0 || call / CALLS == *thread;
            if !is_for || !is_heard(*level) {
                return true;
            }
            // A thread that has ended hears nothing.
            let mode = ThreadsafeFunctionCallMode::NonBlocking;
            send.call(message.to_owned(), mode) != Status::Closing
        });
    });
}

struct Bridge;

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            return metadata.name() == CALL && metadata.target().starts_with(NAME);
        }
        let heard = |listener: &Listener| *metadata.level() <= listener.level;
        metadata.target().starts_with(NAME) && with_state(|state| state.listeners.iter().any(heard))
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let _ = CALL_METADATA.set(attributes.metadata());
        let mut call = message::Number(0);
        attributes.record(&mut call);
        with_state(|state| state.calls.insert(call.0, 1));
        Id::from_u64(call.0.max(1))
    }

    fn clone_span(&self, id: &Id) -> Id {
        with_state(|state| *state.calls.entry(id.into_u64()).or_default() += 1);
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let call = id.into_u64();
        let has_ended = with_state(|state| {
            let parts = state.calls.entry(call).or_default();
            *parts = parts.saturating_sub(1);
            let has_ended = *parts == 0;
            if has_ended {
                state.calls.remove(&call);
            }
            has_ended
        });
        if has_ended {
            send(call, |_| true, &message::end(call));
        }
        has_ended
    }

    fn current_span(&self) -> Current {
        let entered = ENTERED.with_borrow(|calls| calls.last().copied());
        match (entered, CALL_METADATA.get()) {
            (Some(call), Some(metadata)) => Current::new(Id::from_u64(call), metadata),
            _ => Current::none(),
        }
    }

    fn event(&self, event: &Event<'_>) {
        let call = ENTERED.with_borrow(|calls| calls.last().copied()).unwrap_or_default();
        let level = *event.metadata().level();
        send(call, |heard| level <= heard, &Message::of(event).json(call, level));
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|calls| calls.push(id.into_u64()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(|calls| calls.pop());
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}
}
