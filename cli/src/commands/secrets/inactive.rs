//! Clients that are inactive, whose secrets cannot be tested.

use stytch_m2m::{ClientStatus, M2MClient};

use crate::failure::Failure;
use crate::word::{call, quoted};

/// Refuses a client that cannot fetch a token: its next secret could not be tested.
pub(super) fn check_is_active(client: &M2MClient) -> Result<(), Failure> {
    if client.status != ClientStatus::Inactive {
        return Ok(());
    }
    let id = &client.client_id;
    Err(Failure::Conflict(format!(
        "{} is inactive: it cannot fetch a token, so its next secret cannot be tested. Nothing was \
         changed. Activate it first: {}; or rotate without a test: {}, and then: {}",
        quoted(id),
        call("clients activate", id, ""),
        call("secrets rotate start", id, "--secret-file PATH"),
        call("secrets rotate finish", id, "--unproven"),
    )))
}
