//! How records of the API are shown.

use std::fmt::Write as _;
use std::time::SystemTime;

use comfy_table::Table;
use jiff::Timestamp;
use serde_json::{Value, json};
use stytch_m2m::{M2MClient, TokenClaims};

use crate::output::{cell, plain, table};

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
    })
}

/// A client as a list of its fields.
pub(crate) fn client_text(client: &M2MClient) -> String {
    fields_text(&client_json(client))
}

/// Clients as a table.
pub(crate) fn clients_text(clients: &[M2MClient]) -> String {
    let mut table = table(["CLIENT ID", "NAME", "STATUS", "SCOPES"]);
    for client in clients {
        let status = match client.next_client_secret_last_four {
            Some(_) => format!("{}, rotating", client.status),
            None => client.status.to_string(),
        };
        let (id, name) = (plain(&client.client_id), cell(&client.client_name));
        table.add_row([id, name, status, plain(&client.scopes.join(" "))]);
    }
    lines(&table)
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
    })
}

/// An object as a list of its members, without those that are absent.
pub(crate) fn fields_text(object: &Value) -> String {
    let mut text = String::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        let shown = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            other => other.to_string(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}: {}", plain(name), plain(&shown));
    }
    text
}

/// An instant as in RFC 3339, in UTC.
pub(crate) fn time(instant: SystemTime) -> String {
    Timestamp::try_from(instant)
        .ok()
        .and_then(|at| Timestamp::from_second(at.as_second()).ok())
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// A table's lines, without the blanks that fill them.
pub(crate) fn lines(table: &Table) -> String {
    let rendered = table.to_string();
    let lines: Vec<_> = rendered.lines().map(|line| line.trim_end().trim_start()).collect();
    lines.join("\n")
}
