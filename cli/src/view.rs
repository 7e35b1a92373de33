//! How records of the API are shown.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Value, json};
use stytch_m2m::{M2MClient, TokenClaims};

use crate::output::{cell, plain};
use crate::table::{Table, field};
use crate::terminal;

/// A client under the API's own names.
pub(crate) fn client_json(client: &M2MClient) -> Value {
    let M2MClient {
        client_id,
        client_name,
        client_description,
        status,
        scopes,
        client_secret_last_four,
        next_client_secret_last_four,
        trusted_metadata,
        organization_id,
    } = client;
    json!({
        "client_id": client_id,
        "client_name": client_name,
        "client_description": client_description,
        "status": status,
        "scopes": scopes,
        "client_secret_last_four": client_secret_last_four,
        "next_client_secret_last_four": next_client_secret_last_four,
        "trusted_metadata": trusted_metadata,
        "organization_id": organization_id,
    })
}

/// A client as a list of its fields.
pub(crate) fn client_text(client: &M2MClient) -> String {
    fields_text(&client_json(client))
}

/// Clients as a table.
pub(crate) fn clients_text(clients: &[M2MClient]) -> String {
    let mut table = Table::new(["CLIENT ID", "NAME", "STATUS", "SCOPES"]);
    for client in clients {
        let status = match client.next_client_secret_last_four {
            Some(_) => format!("{}, rotating", client.status),
            None => client.status.to_string(),
        };
        let (id, name) = (plain(&client.client_id), cell(&client.client_name));
        table.add_row([id, name, status, plain(&client.scopes.join(" "))]);
    }
    table.text()
}

/// What a verified token says.
pub(crate) fn claims_json(claims: &TokenClaims) -> Value {
    let TokenClaims {
        client_id,
        scopes,
        wildcard_scopes,
        custom_claims,
        issuer,
        audience,
        issued_at,
        not_before,
        expires_at,
        token_id,
    } = claims;
    json!({
        "client_id": client_id,
        "scopes": scopes,
        "wildcard_scopes": wildcard_scopes,
        "custom_claims": custom_claims.to_map(),
        "issuer": issuer,
        "audience": audience,
        "issued_at": issued_at.map(time),
        "not_before": not_before.map(time),
        "expires_at": time(*expires_at),
        "token_id": token_id,
        "organization": claims.organization(),
    })
}

/// An object as a list of its members, without those that are absent.
pub(crate) fn fields_text(object: &Value) -> String {
    let mut lines = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        let shown = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        // A secret is copied from the screen, and so stays in one piece.
        let width = terminal::width().filter(|_| !name.ends_with("_secret"));
        lines.push(field(&plain(name), &plain(&shown), width));
    }
    lines.join("\n")
}

/// An instant as in RFC 3339, in UTC.
pub(crate) fn time(instant: SystemTime) -> String {
    Timestamp::try_from(instant)
        .ok()
        .and_then(|at| Timestamp::from_second(at.as_second()).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}
