//! Rate limits in fixed windows, as Stytch counts them.

use std::{collections::BTreeMap, num::NonZeroU32, sync::Mutex};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{clock, lock::lock, operation::Operation};

/// A limit of requests to each endpoint per fixed (not sliding) window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests to each endpoint in a window.
    #[schema(maximum = 4_294_967_295_u32)]
    pub requests: u32,
    /// The length of a window.
    #[schema(value_type = u32, minimum = 1, maximum = 4_294_967_295_u32)]
    pub per_seconds: NonZeroU32,
}

/// Auth0 reports its limit in every response. This one is not enforced.
const AUTH0_ADVERTISED: RateLimit = RateLimit { requests: 1000, per_seconds: MINUTE };
const MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// The window of an endpoint, after this request.
pub(crate) struct WindowState {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// Unix time.
    pub(crate) resets_at: i64,
    pub(crate) exceeded: bool,
}

impl WindowState {
    pub(crate) fn retry_after_seconds(&self) -> i64 {
        (self.resets_at - clock::unix_seconds()).max(1)
    }
}

#[derive(Default)]
pub(crate) struct RateLimits(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    limit: Option<RateLimit>,
    windows: BTreeMap<Operation, Window>,
}

#[derive(Default)]
struct Window {
    number: i64,
    requests: u32,
}

impl RateLimits {
    pub(crate) fn set(&self, limit: Option<RateLimit>) {
        *lock(&self.0) = Inner { limit, windows: BTreeMap::new() };
    }

    pub(crate) fn get(&self) -> Option<RateLimit> {
        lock(&self.0).limit
    }

    /// Counts a request; `None` where no limit is reported.
    pub(crate) fn count(&self, operation: Operation) -> Option<WindowState> {
        let mut inner = lock(&self.0);
        let enforced = inner.limit.is_some();
        let RateLimit { requests: limit, per_seconds } =
            inner.limit.or(operation.is_auth0().then_some(AUTH0_ADVERTISED))?;
        let length = i64::from(per_seconds.get());
        let number = clock::unix_seconds().div_euclid(length);
        let window = inner.windows.entry(operation).or_default();
        if window.number != number {
            *window = Window { number, requests: 0 };
        }
        window.requests = window.requests.saturating_add(1);
        Some(WindowState {
            limit,
            remaining: limit.saturating_sub(window.requests),
            resets_at: (number + 1) * length,
            exceeded: enforced && window.requests > limit,
        })
    }
}
