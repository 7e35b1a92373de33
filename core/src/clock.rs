//! The one place that asks the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall time for claims, monotonic time for ages. Caches ask both: a wall clock can jump, and a
/// monotonic clock stops while the machine sleeps.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Manual>>);

#[derive(Debug)]
struct Manual {
    wall_ms: AtomicI64,
    monotonic_ms: AtomicI64,
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Instants {
    /// Seconds since the Unix epoch.
    pub(crate) wall: f64,
    /// Seconds since the process's first reading.
    pub(crate) monotonic: f64,
}

impl Instants {
    /// Seconds since `earlier` by whichever clock says more.
    pub(crate) fn since(self, earlier: Self) -> f64 {
        (self.wall - earlier.wall).max(self.monotonic - earlier.monotonic)
    }
}

impl Clock {
    /// A clock that stands still at `unix_seconds` until it is moved. For tests.
    pub fn manual(unix_seconds: i64) -> Self {
        Self(Some(Arc::new(Manual {
            wall_ms: AtomicI64::new(unix_seconds.saturating_mul(1000)),
            monotonic_ms: AtomicI64::new(0),
        })))
    }

    /// Moves a manual clock forward. Does nothing to the system's.
    pub fn advance(&self, by: Duration) {
        self.advance_wall(by.as_millis() as i64);
        if let Some(manual) = &self.0 {
            manual.monotonic_ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        }
    }

    /// Moves only the wall clock, as when it is set, or as when the machine was asleep.
    pub fn advance_wall(&self, milliseconds: i64) {
        if let Some(manual) = &self.0 {
            manual.wall_ms.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn now(&self) -> Instants {
        static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
        match &self.0 {
            None => Instants {
                wall: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64()),
                monotonic: ORIGIN.elapsed().as_secs_f64(),
            },
            Some(manual) => Instants {
                wall: manual.wall_ms.load(Ordering::SeqCst) as f64 / 1000.0,
                monotonic: manual.monotonic_ms.load(Ordering::SeqCst) as f64 / 1000.0,
            },
        }
    }
}

/// The instant `seconds` after the Unix epoch; `None` before it or out of range.
pub(crate) fn system_time(seconds: f64) -> Option<SystemTime> {
    Duration::try_from_secs_f64(seconds).ok().and_then(|d| UNIX_EPOCH.checked_add(d))
}
