//! The times of a token (RFC 7519, section 4.1).

use std::time::Duration;

use super::payload::{Payload, invalid, missing};
use crate::error::{Error, InvalidTokenReason, Result};
use crate::json::Value;

/// 9999-12-31T23:59:59Z, in Unix seconds.
const LAST_INSTANT: f64 = 253_402_300_799.0;
/// Minimum leeway in seconds of `iat` and `nbf`: they are whole seconds, so a clock that is
/// slightly behind would refuse fresh tokens. `exp` has no minimum leeway.
const FUTURE_TOLERANCE: f64 = 5.0;
/// The largest `clock_tolerance`.
const MAX_CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// A caller's limits for the times; see [`AuthenticateOptions`](super::AuthenticateOptions).
#[derive(Clone, Copy)]
pub(crate) struct TimeLimits {
    pub(crate) clock_tolerance: Duration,
    pub(crate) max_token_age: Option<Duration>,
}

/// The times of a token, in Unix seconds.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(super) issued_at: Option<f64>,
    pub(super) not_before: Option<f64>,
    pub(crate) expires_at: f64,
}

impl Times {
    pub(super) fn read(payload: &Payload<'_>) -> Result<Self> {
        Ok(Self {
            expires_at: numeric_date("exp", &payload.exp)?.ok_or_else(|| missing("exp"))?,
            not_before: numeric_date("nbf", &payload.nbf)?,
            issued_at: numeric_date("iat", &payload.iat)?,
        })
    }

    pub(crate) fn check(&self, limits: TimeLimits, now: f64) -> Result<()> {
        let tolerance = limits.clock_tolerance.as_secs_f64();
        let future_tolerance = tolerance.max(FUTURE_TOLERANCE);
        let refused = |reason, claim: &str, message: String| {
            Err(Error::invalid_token(reason, message).with(|d| d.claim = Some(claim.to_owned())))
        };
        if now >= self.expires_at + tolerance {
            return refused(InvalidTokenReason::Expired, "exp", "the token has expired".to_owned());
        }
        for (claim, date) in [("nbf", self.not_before), ("iat", self.issued_at)] {
            if date.is_some_and(|date| date > now + future_tolerance) {
                let message = format!(
                    "the token's `{claim}` is in the future: compare this machine's clock with the issuer's"
                );
                return refused(InvalidTokenReason::NotYetValid, claim, message);
            }
        }
        if let Some(limit) = limits.max_token_age {
            let issued = self.issued_at.ok_or_else(|| missing("iat"))?;
            if (now - issued).max(0.0) >= limit.as_secs_f64() {
                let message = "the token is older than the maximum age allowed".to_owned();
                return refused(InvalidTokenReason::TooOld, "iat", message);
            }
        }
        Ok(())
    }
}

/// Seconds since the epoch, fractions allowed (RFC 7519, section 2).
fn numeric_date(claim: &'static str, value: &Option<Value<'_>>) -> Result<Option<f64>> {
    match value {
        None => Ok(None),
        Some(Value::Number(number)) if *number <= LAST_INSTANT => Ok(Some(*number)),
        Some(_) => Err(invalid(claim, "is not a NumericDate")),
    }
}

/// Checks the leeway in the setting called `field`.
pub(crate) fn check_tolerance(field: &str, tolerance: Duration) -> Result<()> {
    if tolerance <= MAX_CLOCK_TOLERANCE {
        return Ok(());
    }
    let message =
        format!("{field} must be from 0 to 300 seconds: for larger differences, fix the clock");
    Err(Error::invalid_config(field, message))
}
