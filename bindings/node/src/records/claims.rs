//! What a verification answers with, as one JSON string.

use std::time::SystemTime;

use stytch_m2m as m2m;

use super::unix_seconds;

/// What a verified token says, as a JSON array that ends in the custom claims: for JavaScript one
/// string is cheaper than an object of as many members.
pub(crate) fn claims_json(claims: &m2m::TokenClaims) -> String {
    let m2m::TokenClaims {
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
    let (issued_at, not_before) = (issued_at.map(seconds), not_before.map(seconds));
    let expires_at = seconds(*expires_at);
    let members = (
        client_id,
        scopes,
        wildcard_scopes,
        issuer,
        audience,
        issued_at,
        not_before,
        expires_at,
        token_id,
        claims.subject(),
        claims.organization(),
    );
    // Strings and finite numbers can always be written.
    let mut json = serde_json::to_string(&members).unwrap_or_default();
    json.pop();
    json + "," + &custom_claims.to_json() + "]"
}

/// Seconds since 1970: whole ones are the numbers that JavaScript parses fastest.
fn seconds(time: SystemTime) -> serde_json::Value {
    let seconds = unix_seconds(time);
    match seconds.fract() {
        0.0 => serde_json::Value::from(seconds as i64),
        _ => serde_json::Value::from(seconds),
    }
}
