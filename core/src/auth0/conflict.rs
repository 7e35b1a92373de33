//! Makes an existing client at Stytch equal to the planned one.

use serde_json::Value;

use super::planned::PlannedClient;
use super::rate_gate::RateGate;
use crate::client::Client;
use crate::clients::model::{ClientStatus, M2MClient, UpdateRequest};
use crate::error::{ErrorKind, Result};

/// Updates the client to the plan. If the secret differs, deletes the client and returns true: it
/// must then be created again.
pub(super) async fn take_auth0(
    client: &Client,
    gate: &RateGate,
    planned: &PlannedClient,
    current: Option<&M2MClient>,
    is_secret: bool,
) -> Result<bool> {
    let clients = client.clients();
    if is_secret {
        delete(client, gate, &planned.client_id).await?;
        return Ok(true);
    }
    let change = change(planned, current);
    gate.retry(|| clients.update(&planned.client_id, change.clone())).await?;
    Ok(false)
}

/// Deletes the client, if it exists.
pub(super) async fn delete(client: &Client, gate: &RateGate, client_id: &str) -> Result<()> {
    let clients = client.clients();
    match gate.retry(|| clients.delete(client_id)).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn change(planned: &PlannedClient, current: Option<&M2MClient>) -> UpdateRequest {
    // Metadata is merged: a null removes a key that the plan does not have.
    let there = current.and_then(|current| current.trusted_metadata.as_ref());
    let keys = there.into_iter().flat_map(|metadata| metadata.keys());
    let removed = keys.filter(|key| !planned.trusted_metadata.contains_key(*key));
    let mut metadata = planned.trusted_metadata.clone();
    metadata.extend(removed.map(|key| (key.clone(), Value::Null)));
    UpdateRequest {
        client_name: Some(planned.client_name.clone()),
        client_description: Some(planned.client_description.clone()),
        status: Some(ClientStatus::Active),
        scopes: Some(planned.scopes.clone()),
        trusted_metadata: Some(metadata),
        ..UpdateRequest::default()
    }
}
