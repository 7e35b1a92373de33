//! What the library waits for, from its log, for the progress of long work.

use tracing::Event;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer};

use crate::progress;

/// Where in the library long work waits.
pub(crate) const TARGET: &str = "stytch_m2m::auth0::rate_gate";

/// Hands each wait to the progress that is shown.
pub(crate) struct Waits;

impl<S: tracing::Subscriber> Layer<S> for Waits {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seconds = Seconds(None);
        event.record(&mut seconds);
        if let Some(seconds) = seconds.0 {
            progress::waits(seconds);
        }
    }
}

struct Seconds(Option<f64>);

impl Visit for Seconds {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "wait_seconds" {
            self.0 = Some(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
