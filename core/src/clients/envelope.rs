//! The envelope of every response: its status and request id.

use super::model::{ClientResponse, CreateResponse, DeleteResponse, RotateStartResponse};
use super::search::SearchResponse;

/// The envelope of every response. A response without it is still accepted.
pub(super) trait Envelope {
    /// Fills in missing members.
    fn complete(&mut self, status: u16, request_id: Option<String>);
}

macro_rules! envelopes {
    ($($record:ty),+) => {
        $(impl Envelope for $record {
            fn complete(&mut self, status: u16, request_id: Option<String>) {
                if self.status_code == 0 {
                    self.status_code = status;
                }
                if self.request_id.is_empty() {
                    self.request_id = request_id.unwrap_or_default();
                }
            }
        })+
    };
}

envelopes!(CreateResponse, ClientResponse, RotateStartResponse, DeleteResponse, SearchResponse);
