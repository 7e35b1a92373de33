//! The shared parts of a client's token entries.

use std::sync::Arc;

use super::store::shared::SharedTokens;
use crate::http::Transport;
use crate::stats::Counters;

/// Fetches tokens: transport, store and counters.
#[derive(Debug)]
pub(crate) struct TokenFetcher {
    pub(crate) transport: Arc<Transport>,
    /// The token store that processes share.
    pub(crate) shared: Option<SharedTokens>,
    pub(crate) counters: Counters,
}

impl TokenFetcher {
    pub(crate) fn new(transport: Arc<Transport>, shared: Option<SharedTokens>) -> Self {
        Self { transport, shared, counters: Counters::default() }
    }
}
