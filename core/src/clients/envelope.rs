//! What stands around the records of every answer.

use super::model::{ClientResponse, CreateResponse, DeleteResponse, RotateStartResponse};
use super::search::SearchResponse;

/// What every answer has around its records. A server that leaves it out has said all the same what
/// was asked for.
pub(super) trait Envelope {
    /// Fills in what is not there.
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
