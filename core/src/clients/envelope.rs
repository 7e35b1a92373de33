//! The envelope of every response: its status and request id.

use std::slice::from_mut;

use super::model::{
    ClientResponse, CreateResponse, DeleteResponse, M2MClient, RotateStartResponse,
};
use super::search::SearchResponse;

/// The envelope of every response. A response without it is still accepted.
pub(super) trait Envelope {
    /// Fills in missing members.
    fn complete(&mut self, status: u16, request_id: Option<String>);

    /// The clients in the response.
    fn clients(&mut self) -> &mut [M2MClient];
}

macro_rules! envelopes {
    ($($record:ty: |$response:ident| $clients:expr),+ $(,)?) => {
        $(impl Envelope for $record {
            fn complete(&mut self, status: u16, request_id: Option<String>) {
                if self.status_code == 0 {
                    self.status_code = status;
                }
                if self.request_id.is_empty() {
                    self.request_id = request_id.unwrap_or_default();
                }
            }

            fn clients(&mut self) -> &mut [M2MClient] {
                let $response = self;
                $clients
            }
        })+
    };
}

envelopes!(
    CreateResponse: |response| from_mut(&mut response.m2m_client.client),
    ClientResponse: |response| from_mut(&mut response.m2m_client),
    RotateStartResponse: |response| from_mut(&mut response.m2m_client.client),
    DeleteResponse: |_response| &mut [],
    SearchResponse: |response| &mut response.m2m_clients,
);
