//! The core's events, passed on to Python's `logging` under the name `stytch_m2m`.
//!
//! They are passed on by a thread of their own, in order: whoever emits one may hold a lock that a
//! thread with the interpreter lock waits for, and a handler may make calls of its own.

use std::fmt;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::runtime;

const NAME: &str = "stytch_m2m";

/// Takes the core's events, once a process. Nobody else's: this module has `tracing` to itself.
pub(crate) fn install() {
    // It fails only if it has been done.
    let _ = tracing::subscriber::set_global_default(Bridge);
}

struct Bridge;

impl Subscriber for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && metadata.target().starts_with(NAME)
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        let level = level(*event.metadata().level());
        runtime::enqueue(move || {
            Python::try_attach(|py| log(py, level, message));
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn level(level: Level) -> u8 {
    match level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        _ => 10,
    }
}

fn log(py: Python<'_>, level: u8, message: Message) {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = LOGGER.get_or_try_init(py, || {
        let logging = py.import("logging")?;
        let logger = logging.call_method1("getLogger", (NAME,))?;
        logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
        Ok::<_, PyErr>(logger.unbind())
    });
    let text = message.text + &message.fields;
    if let Err(error) = logger.and_then(|logger| logger.call_method1(py, "log", (level, text))) {
        error.write_unraisable(py, None);
    }
}

/// What an event says, and then its fields.
#[derive(Default)]
struct Message {
    text: String,
    fields: String,
}

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.text = format!("{value:?}"),
            name => self.fields += &format!(" {name}={value:?}"),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields += &format!(" {}={value}", field.name());
    }
}
