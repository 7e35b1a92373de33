//! Faults: what an endpoint does wrong on request.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{lock::lock, operation::Operation};

const MAX_DELAY_MILLISECONDS: u64 = 600_000;

/// A fault of one endpoint or of all. It applies once unless `times` or `seconds` is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// The endpoint. Default: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// What the fault does.
    pub effect: Effect,
    /// How many requests it affects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 4_294_967_295_u32)]
    pub times: Option<u32>,
    /// How many seconds it lasts from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 4_294_967_295_u32)]
    pub seconds: Option<u32>,
}

impl Fault {
    /// Applies this effect once, at any endpoint.
    pub fn new(effect: Effect) -> Self {
        Self { operation: None, effect, times: None, seconds: None }
    }

    /// Limits the fault to this endpoint.
    #[must_use]
    pub fn at(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Applies the fault this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Applies the fault for this many seconds; to every request unless [`times`](Self::times) is
    /// set too.
    #[must_use]
    pub fn seconds(mut self, seconds: u32) -> Self {
        self.seconds = Some(seconds);
        self
    }
}

/// What a fault does to a request and its response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// Answers with this status, without performing the operation.
    Status {
        /// 200 to 599.
        #[schema(minimum = 200, maximum = 599)]
        status: u16,
        /// Headers to send, such as `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body. Default: Stytch's error shape.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// Waits, then performs the operation.
    Delay {
        /// Ten minutes at most.
        #[schema(maximum = 600_000)]
        milliseconds: u64,
    },
    /// Resets the connection, without performing the operation.
    Reset,
    /// Performs the operation, and answers with half of the body.
    MalformedBody,
    /// Performs the operation, and resets the connection.
    DropAnswer,
    /// Performs the operation, and changes members of its JSON.
    ChangeBody {
        /// Members to set, to any value.
        #[serde(default)]
        #[schema(value_type = Object)]
        set: Map<String, Value>,
        /// Members to remove.
        #[serde(default)]
        remove: Vec<String>,
    },
}

impl Effect {
    /// Responds with this status in Stytch's error shape.
    pub fn status(status: u16) -> Self {
        Self::Status { status, headers: BTreeMap::new(), body: None }
    }

    /// A 429 with this `Retry-After`.
    pub fn rate_limited(retry_after_seconds: u32) -> Self {
        let headers = [("Retry-After".to_owned(), retry_after_seconds.to_string())].into();
        Self::Status { status: 429, headers, body: None }
    }

    /// The name in the request log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Delay { .. } => "delay",
            Self::Reset => "reset",
            Self::MalformedBody => "malformed_body",
            Self::DropAnswer => "drop_answer",
            Self::ChangeBody { .. } => "change_body",
        }
    }

    fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Status { status, .. } if !(200..=599).contains(status) => Err(FaultError::Status),
            Self::Status { headers, .. } => {
                let valid = |(name, value): (&String, &String)| {
                    HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok()
                };
                if headers.iter().all(valid) { Ok(()) } else { Err(FaultError::Header) }
            }
            Self::Delay { milliseconds } if *milliseconds > MAX_DELAY_MILLISECONDS => {
                Err(FaultError::Delay)
            }
            Self::Delay { .. }
            | Self::Reset
            | Self::MalformedBody
            | Self::DropAnswer
            | Self::ChangeBody { .. } => Ok(()),
        }
    }
}

/// Why a fault is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The status is not one of a final answer.
    #[error("a status must be between 200 and 599")]
    Status,
    /// A header cannot be sent.
    #[error("a header has a name or a value that HTTP does not allow")]
    Header,
    /// The delay is too long.
    #[error("a delay must be ten minutes at most")]
    Delay,
}

/// The active faults. If several match a request, the oldest applies.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Active>>);

struct Active {
    fault: Fault,
    remaining: Option<u32>,
    until: Option<Instant>,
}

impl Active {
    fn has_expired(&self) -> bool {
        self.remaining == Some(0) || self.until.is_some_and(|until| until <= Instant::now())
    }

    fn applies_to(&self, operation: Option<Operation>) -> bool {
        self.fault.operation.is_none_or(|only| Some(only) == operation)
    }
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) -> Result<(), FaultError> {
        fault.effect.check()?;
        let once = fault.times.is_none() && fault.seconds.is_none();
        let remaining = if once { Some(1) } else { fault.times };
        let until = fault
            .seconds
            .and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds.into())));
        lock(&self.0).push(Active { fault, remaining, until });
        Ok(())
    }

    /// The effect on a request that just came in.
    pub(crate) fn take(&self, operation: Option<Operation>) -> Option<Effect> {
        let mut faults = lock(&self.0);
        faults.retain(|active| !active.has_expired());
        let active = faults.iter_mut().find(|active| active.applies_to(operation))?;
        active.remaining = active.remaining.map(|remaining| remaining.saturating_sub(1));
        Some(active.fault.effect.clone())
    }

    /// The active faults, with the number of times left.
    pub(crate) fn list(&self) -> Vec<Fault> {
        let mut faults = lock(&self.0);
        faults.retain(|active| !active.has_expired());
        let view = |active: &Active| Fault { times: active.remaining, ..active.fault.clone() };
        faults.iter().map(view).collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
