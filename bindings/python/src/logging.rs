//! The core's events, passed on to Python's `logging` under the name `stytch_m2m`.
//!
//! They are passed on by a thread of their own, in order: whoever emits one may hold a lock that a
//! thread with the interpreter lock waits for, and a handler may make calls of its own.

mod record;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::caller::Caller;
use crate::runtime;
use record::Message;

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
        let (level, caller) = (level(*event.metadata().level()), Caller::current());
        runtime::enqueue(move || {
            Python::try_attach(|py| {
                if let Err(error) = log(py, level, message, caller) {
                    error.write_unraisable(py, None);
                }
            });
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

/// Logs the event with its fields as the record's attribute `stytch_m2m`, in the caller's context.
fn log(py: Python<'_>, level: u8, message: Message, caller: Option<Caller>) -> PyResult<()> {
    let logger = logger(py)?;
    if !logger.call_method1("isEnabledFor", (level,))?.is_truthy()? {
        return Ok(());
    }
    let extra = PyDict::new(py);
    extra.set_item(NAME, message.fields(py)?)?;
    let named = PyDict::new(py);
    named.set_item("extra", extra)?;
    let (log, text) = (logger.getattr("log")?, message.text());
    match caller {
        Some(caller) => caller.context(py)?.call_method("run", (log, level, text), Some(&named))?,
        None => log.call((level, text), Some(&named))?,
    };
    Ok(())
}

fn logger(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let logger = LOGGER.get_or_try_init(py, || {
        let logging = py.import("logging")?;
        let logger = logging.call_method1("getLogger", (NAME,))?;
        logger.call_method1("addHandler", (logging.call_method0("NullHandler")?,))?;
        Ok::<_, PyErr>(logger.unbind())
    });
    logger.map(|logger| logger.bind(py).clone())
}
