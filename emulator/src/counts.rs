//! Counts the requests to each endpoint.

use std::{collections::BTreeMap, sync::Mutex};

use crate::{lock::lock, operation::Operation};

#[derive(Default)]
pub(crate) struct Counts(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    operations: BTreeMap<Operation, u64>,
    tokens_by_client: BTreeMap<String, u64>,
}

impl Counts {
    pub(crate) fn record(&self, operation: Operation) {
        *lock(&self.0).operations.entry(operation).or_default() += 1;
    }

    pub(crate) fn record_token_request(&self, client_id: &str) {
        *lock(&self.0).tokens_by_client.entry(client_id.to_owned()).or_default() += 1;
    }

    /// Requests per operation, with zero for operations without any.
    pub(crate) fn snapshot(&self) -> BTreeMap<String, u64> {
        let inner = lock(&self.0);
        let count = |operation| inner.operations.get(operation).copied().unwrap_or_default();
        Operation::ALL.iter().map(|one| (one.name().to_owned(), count(one))).collect()
    }

    pub(crate) fn token_requests(&self, client_id: &str) -> u64 {
        lock(&self.0).tokens_by_client.get(client_id).copied().unwrap_or_default()
    }

    pub(crate) fn reset(&self) {
        *lock(&self.0) = Inner::default();
    }
}
