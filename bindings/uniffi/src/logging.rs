//! The core's log events, which a thread of the language waits for and passes on.
//!
//! The language takes them, instead of being called with them: whoever emits an event may hold a
//! lock, and must not wait for a log handler.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const TARGET: &str = "stytch_m2m";

/// Beyond this the newest are dropped: a handler that hangs must not fill the memory.
const CAPACITY: usize = 1_000;

static QUEUE: Queue = Queue::new();

/// How serious an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// A call failed and nothing replaces its result.
    Error,
    /// Something is wrong that somebody should know of.
    Warn,
    /// Something happened.
    Info,
    /// For whoever looks for a fault.
    Debug,
}

/// A field of an event.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogField {
    /// Its name, such as `request_id`.
    pub name: String,
    /// Its value as text, with control characters escaped.
    pub value: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogEvent {
    /// How serious it is.
    pub level: LogLevel,
    /// What happened.
    pub message: String,
    /// The details.
    pub fields: Vec<LogField>,
}

/// Events in order.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogBatch {
    /// The events.
    pub events: Vec<LogEvent>,
    /// How many events after these were dropped, since too many were waiting.
    pub dropped: u64,
}

/// Keeps the core's events from now on, for [`next_log_events`]. Returns whether this call began it.
#[uniffi::export]
pub fn keep_log_events() -> bool {
    // It fails only if it has been done: this library has `tracing` to itself.
    tracing::subscriber::set_global_default(Bridge).is_ok()
}

/// Takes the events that were kept. Waits until there are any, on the caller's thread.
#[uniffi::export]
pub fn next_log_events() -> LogBatch {
    QUEUE.take()
}

/// Waits until the language has passed on every event that was kept, this long at most: the end of a
/// process must not lose the events that say why it ends.
#[uniffi::export]
pub fn await_log_events(milliseconds: u32) {
    QUEUE.await_empty(Duration::from_millis(milliseconds.into()));
}

#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    filled: Condvar,
    emptied: Condvar,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<LogEvent>,
    dropped: u64,
    /// Whether a batch was taken and is being passed on.
    is_taken: bool,
}

impl Queue {
    const fn new() -> Self {
        let waiting = Waiting { events: VecDeque::new(), dropped: 0, is_taken: false };
        Self { waiting: Mutex::new(waiting), filled: Condvar::new(), emptied: Condvar::new() }
    }

    fn push(&self, event: LogEvent) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.events.len() < CAPACITY {
            waiting.events.push_back(event);
        } else {
            waiting.dropped += 1;
        }
        drop(waiting);
        self.filled.notify_one();
    }

    fn take(&self) -> LogBatch {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever takes the next batch has passed on the last one.
        waiting.is_taken = false;
        self.emptied.notify_all();
        let waiting = self.filled.wait_while(waiting, |waiting| waiting.events.is_empty());
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        waiting.is_taken = true;
        let (events, dropped) = (mem::take(&mut waiting.events), mem::take(&mut waiting.dropped));
        LogBatch { events: events.into(), dropped }
    }

    fn await_empty(&self, limit: Duration) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_busy = |waiting: &mut Waiting| waiting.is_taken || !waiting.events.is_empty();
        drop(self.emptied.wait_timeout_while(waiting, limit, is_busy));
    }
}

struct Bridge;

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with(TARGET)
    }

    fn event(&self, event: &Event<'_>) {
        let mut parts = Parts::default();
        event.record(&mut parts);
        let Parts { message, fields } = parts;
        QUEUE.push(LogEvent { level: level(*event.metadata().level()), message, fields });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        _ => LogLevel::Debug,
    }
}

/// What an event says, and its fields.
#[derive(Default)]
struct Parts {
    message: String,
    fields: Vec<LogField>,
}

impl Parts {
    fn add(&mut self, field: &Field, value: &str) {
        let name = field.name().to_owned();
        self.fields.push(LogField { name, value: one_line(value) });
    }
}

impl Visit for Parts {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            _ => self.add(field, &format!("{value:?}")),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }
}

/// `value` with its control characters escaped: some values come from servers, and must not begin
/// a line of the log.
fn one_line(value: &str) -> String {
    if value.contains(char::is_control) {
        value.escape_debug().to_string()
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    fn event(message: &str) -> LogEvent {
        LogEvent { level: LogLevel::Warn, message: message.to_owned(), fields: Vec::new() }
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let queue = Queue::default();
        for number in 0..CAPACITY + 3 {
            queue.push(event(&number.to_string()));
        }
        let batch = queue.take();
        assert_eq!(batch.events.len(), CAPACITY);
        assert_eq!(batch.events.first(), Some(&event("0")));
        assert_eq!(batch.dropped, 3);
        queue.push(event("later"));
        assert_eq!(queue.take(), LogBatch { events: vec![event("later")], dropped: 0 });
    }

    #[test]
    fn a_taker_waits_for_an_event() {
        let queue = Arc::new(Queue::default());
        let taker = thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.take()
        });
        queue.push(event("now"));
        assert_eq!(taker.join().unwrap().events, [event("now")]);
    }

    #[test]
    fn the_end_waits_for_a_batch_that_is_being_passed_on() {
        let queue = Arc::new(Queue::default());
        queue.push(event("last"));
        let passed_on = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let (queue, passed_on) = (Arc::clone(&queue), Arc::clone(&passed_on));
            move || loop {
                let batch = queue.take();
                thread::yield_now();
                passed_on.lock().unwrap().extend(batch.events);
            }
        });
        queue.await_empty(Duration::from_secs(60));
        assert_eq!(*passed_on.lock().unwrap(), [event("last")]);
        // With nobody who takes them, it ends all the same.
        let abandoned = Queue::default();
        abandoned.push(event("lost"));
        abandoned.await_empty(Duration::from_millis(1));
    }

    #[test]
    fn an_event_keeps_its_fields_in_order_and_on_one_line() {
        let kept = tracing::subscriber::with_default(Bridge, || {
            tracing::warn!(target: "stytch_m2m::test", kid = "a\nb", status = 401_u16, "refused");
            tracing::warn!(target: "another_crate", "not ours");
            QUEUE.take()
        });
        let [event] = kept.events.as_slice() else { panic!("{kept:?}") };
        assert_eq!((event.level, event.message.as_str()), (LogLevel::Warn, "refused"));
        let fields = event.fields.iter().map(|field| (field.name.as_str(), field.value.as_str()));
        assert_eq!(fields.collect::<Vec<_>>(), [("kid", r"a\nb"), ("status", "401")]);
    }
}
