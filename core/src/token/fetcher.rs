//! What all token entries of a client have in common.

use std::sync::Arc;

use super::store::shared::SharedTokens;
use crate::http::Transport;
use crate::stats::Counters;

/// Where tokens come from.
#[derive(Debug)]
pub(crate) struct TokenFetcher {
    pub(crate) transport: Arc<Transport>,
    /// What the processes of a fleet have in common.
    pub(crate) shared: Option<SharedTokens>,
    pub(crate) counters: Counters,
}

impl TokenFetcher {
    pub(crate) fn new(transport: Arc<Transport>, shared: Option<SharedTokens>) -> Self {
        Self { transport, shared, counters: Counters::default() }
    }
}
