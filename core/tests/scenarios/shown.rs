//! Results and errors under the API's names.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stytch_m2m::{
    ClientResponse, Error, ErrorDetails, M2MClient, RotateStartResponse, Secret, Token, TokenClaims,
};

pub(crate) fn token(token: &Token) -> Value {
    json!({
        "access_token": token.access_token.expose(),
        "token_type": token.token_type,
        "status_code": token.status_code,
    })
}

pub(crate) fn claims(claims: &TokenClaims) -> Value {
    json!({
        "client_id": claims.client_id,
        "scopes": claims.scopes,
        "custom_claims": claims.custom_claims.to_map(),
        "issuer": claims.issuer,
        "audience": claims.audience,
        "organization": claims.organization(),
    })
}

pub(crate) fn client(client: &M2MClient) -> Value {
    json!({
        "client_id": client.client_id,
        "client_name": client.client_name,
        "client_description": client.client_description,
        "status": client.status.as_str(),
        "scopes": client.scopes,
        "client_secret_last_four": client.client_secret_last_four,
        "next_client_secret_last_four": client.next_client_secret_last_four,
        "trusted_metadata": client.trusted_metadata,
        "organization_id": client.organization_id,
    })
}

pub(crate) fn with_secret(of: &M2MClient, name: &str, secret: &Secret) -> Value {
    let mut client = client(of);
    client[name] = json!(secret.expose());
    client
}

pub(crate) fn answer(response: &ClientResponse) -> Value {
    json!({ "m2m_client": client(&response.m2m_client), "status_code": response.status_code })
}

pub(crate) fn started(response: &RotateStartResponse) -> Value {
    let (old, next) = (&response.m2m_client.client, &response.m2m_client.next_client_secret);
    let client = with_secret(old, "next_client_secret", next);
    json!({ "m2m_client": client, "status_code": response.status_code })
}

pub(crate) fn error(error: &Error) -> Value {
    let ErrorDetails {
        kind,
        message: _,
        field,
        status_code,
        request_id,
        error_type,
        error_message,
        error_url,
        retry_after,
        reason,
        claim,
        missing_scopes,
        recovery,
    } = error.details();
    json!({
        "code": kind.code(),
        // Arguments of the scenarios have their unit.
        "field": field.as_deref().map(|field| match field {
            "clock_tolerance" => "clock_tolerance_seconds",
            other => other,
        }),
        "status_code": status_code,
        "request_id": request_id,
        "error_type": error_type,
        "error_message": error_message,
        "error_url": error_url,
        "retry_after": retry_after.map(|wait| wait.as_secs_f64()),
        "reason": reason.map(|reason| reason.code()),
        "claim": claim,
        "missing_scopes": missing_scopes,
        "recovery": recovery,
        "refusal": error.refusal().map(|refusal| json!({
            "status": refusal.status,
            "headers": refusal.headers.into_iter().collect::<BTreeMap<_, _>>(),
            "body": refusal.body,
        })),
    })
}
