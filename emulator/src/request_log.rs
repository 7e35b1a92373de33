//! The request log. It never has headers, queries or bodies, because they can contain secrets.

use std::{collections::VecDeque, sync::Mutex};

use serde::Serialize;
use utoipa::ToSchema;

use crate::{clock, lock::lock, operation::Operation};

/// Older entries are dropped.
const MAX_ENTRIES: usize = 10_000;

/// A received request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Counts up from 1.
    pub number: u64,
    /// When it was received, in milliseconds of Unix time.
    pub unix_milliseconds: u64,
    /// The endpoint; absent for an unknown path or method.
    pub operation: Option<Operation>,
    /// The HTTP method.
    pub method: String,
    /// The path, without its query.
    pub path: String,
    /// The client that a token request names.
    pub client_id: Option<String>,
    /// The type of the fault that affected it.
    pub fault: Option<String>,
    /// The status of the response; absent if there was none.
    pub status: Option<u16>,
}

#[derive(Default)]
pub(crate) struct RequestLog(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    last_number: u64,
    entries: VecDeque<LoggedRequest>,
}

/// A request before its response.
pub(crate) struct NewRequest {
    pub(crate) operation: Option<Operation>,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) client_id: Option<String>,
    pub(crate) fault: Option<String>,
}

impl RequestLog {
    /// Logs a request; its number is for [`record_status`](Self::record_status).
    pub(crate) fn record(&self, incoming: NewRequest) -> u64 {
        let NewRequest { operation, method, path, client_id, fault } = incoming;
        let mut inner = lock(&self.0);
        inner.last_number += 1;
        let number = inner.last_number;
        if inner.entries.len() == MAX_ENTRIES {
            inner.entries.pop_front();
        }
        inner.entries.push_back(LoggedRequest {
            number,
            unix_milliseconds: clock::unix_milliseconds(),
            operation,
            method,
            path,
            client_id,
            fault,
            status: None,
        });
        number
    }

    pub(crate) fn record_status(&self, number: u64, status: u16) {
        let mut inner = lock(&self.0);
        // The newest are at the end, and so is nearly always the one to find.
        if let Some(entry) = inner.entries.iter_mut().rev().find(|entry| entry.number == number) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn list(&self) -> Vec<LoggedRequest> {
        lock(&self.0).entries.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).entries.clear();
    }
}
