//! The only module that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Wall time for claims, monotonic time for ages. Caches read both: a wall clock can jump, and a
/// monotonic clock stops while the machine sleeps.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    /// The system's clocks, the monotonic one counted from `origin`.
    System {
        origin: Instant,
    },
    Manual(Arc<Manual>),
}

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
    /// Seconds since the clock was created.
    pub(crate) monotonic: f64,
}

impl Instants {
    /// Seconds since `earlier` by the clock that shows more.
    pub(crate) fn since(self, earlier: Self) -> f64 {
        (self.wall - earlier.wall).max(self.monotonic - earlier.monotonic)
    }

    /// Milliseconds since `earlier`, for the log.
    pub(crate) fn milliseconds_since(self, earlier: Self) -> u128 {
        Duration::try_from_secs_f64(self.since(earlier)).unwrap_or_default().as_millis()
    }

    /// The reading of both clocks when the wall clock showed `wall`.
    pub(crate) fn at_wall(self, wall: f64) -> Self {
        Self { wall, monotonic: self.monotonic - (self.wall - wall) }
    }
}

impl Default for Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn default() -> Self {
        Self(Source::System { origin: Instant::now() })
    }
}

impl Clock {
    /// A clock that stops at `unix_seconds` until it is moved, for tests.
    pub fn manual(unix_seconds: i64) -> Self {
        Self(Source::Manual(Arc::new(Manual {
            wall_ms: AtomicI64::new(unix_seconds.saturating_mul(1000)),
            monotonic_ms: AtomicI64::new(0),
        })))
    }

    /// Moves a manual clock forward. Does nothing to the system's clock.
    pub fn advance(&self, by: Duration) {
        self.advance_wall(by.as_millis() as i64);
        if let Source::Manual(manual) = &self.0 {
            manual.monotonic_ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        }
    }

    /// Moves only the wall clock, as when it is set or the machine was asleep.
    pub fn advance_wall(&self, milliseconds: i64) {
        if let Source::Manual(manual) = &self.0 {
            manual.wall_ms.fetch_add(milliseconds, Ordering::SeqCst);
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn now(&self) -> Instants {
        match &self.0 {
            Source::System { origin } => Instants {
                wall: unix_seconds(SystemTime::now()),
                monotonic: origin.elapsed().as_secs_f64(),
            },
            Source::Manual(manual) => Instants {
                wall: manual.wall_ms.load(Ordering::SeqCst) as f64 / 1000.0,
                monotonic: manual.monotonic_ms.load(Ordering::SeqCst) as f64 / 1000.0,
            },
        }
    }
}

/// Seconds since the Unix epoch; 0 before it.
pub(crate) fn unix_seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The instant `seconds` after the Unix epoch; `None` before it or out of range.
pub(crate) fn system_time(seconds: f64) -> Option<SystemTime> {
    let whole = seconds as u64;
    // Whole numbers, which almost all times are, convert much faster.
    let since = match whole as f64 == seconds {
        true => Duration::from_secs(whole),
        false => Duration::try_from_secs_f64(seconds).ok()?,
    };
    UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_that_are_no_time_have_none() {
        for seconds in [-1.0, -0.5, f64::NAN, f64::INFINITY, f64::MIN, f64::MAX, 2_f64.powi(64)] {
            assert_eq!(system_time(seconds), None, "{seconds}");
        }
        for seconds in [0.0, -0.0, 0.5, 1_795_226_574.0, 1_795_226_574.25, 253_402_300_799.0] {
            let time = system_time(seconds).unwrap();
            assert_eq!(unix_seconds(time), seconds);
        }
    }
}
