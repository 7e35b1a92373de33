//! The core's records. Those that uniffi can carry are mirrored; the others have a twin.

pub mod arguments;
pub mod claims;
pub mod issuer;
pub mod json;
pub mod settings;
pub mod state;

use std::time::SystemTime;

use serde_json::{Map, Value};
use stytch_m2m::internals;
use stytch_m2m::{
    ClientResponse, ClientStatus, CreateResponse, DeleteResponse, M2MClient,
    M2MClientWithClientSecret, M2MClientWithNextClientSecret, ResultsMetadata, RotateStartResponse,
    SearchResponse, Secret, Token,
};

use crate::error::NativeError;

/// The text of a secret. It crosses as a record, for a record can hide what it prints.
#[derive(uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct SecretText {
    /// The secret itself.
    pub text: String,
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl std::fmt::Display for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

uniffi::custom_type!(Secret, SecretText, {
    remote,
    lower: |secret| SecretText { text: secret.expose().to_owned() },
    try_lift: |secret| Ok(Secret::new(secret.text)),
});

/// A JSON object, which crosses as text.
type JsonObject = Map<String, Value>;

uniffi::custom_type!(JsonObject, String, {
    remote,
    lower: |object| Value::Object(object).to_string(),
    try_lift: |text| serde_json::from_str(&text).map_err(|_| {
        let message = "trusted_metadata is not the text of a JSON object";
        NativeError::from(internals::invalid_config("trusted_metadata", message)).into()
    }),
});

#[uniffi::remote(Record)]
pub struct M2MClient {
    pub client_id: String,
    pub client_name: String,
    pub client_description: String,
    pub status: ClientStatus,
    pub scopes: Vec<String>,
    pub client_secret_last_four: String,
    pub next_client_secret_last_four: Option<String>,
    pub trusted_metadata: Option<JsonObject>,
    pub organization_id: Option<String>,
}

#[uniffi::remote(Enum)]
pub enum ClientStatus {
    Active,
    Inactive,
    Unknown,
}

#[uniffi::remote(Record)]
pub struct CreateResponse {
    pub m2m_client: M2MClientWithClientSecret,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct M2MClientWithClientSecret {
    pub client: M2MClient,
    pub client_secret: Secret,
}

#[uniffi::remote(Record)]
pub struct M2MClientWithNextClientSecret {
    pub client: M2MClient,
    pub next_client_secret: Secret,
}

#[uniffi::remote(Record)]
pub struct ClientResponse {
    pub m2m_client: M2MClient,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct RotateStartResponse {
    pub m2m_client: M2MClientWithNextClientSecret,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct DeleteResponse {
    pub client_id: String,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct SearchResponse {
    pub m2m_clients: Vec<M2MClient>,
    pub results_metadata: ResultsMetadata,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct ResultsMetadata {
    pub total: i64,
    pub next_cursor: Option<String>,
}

#[uniffi::remote(Record)]
pub struct Token {
    pub access_token: Secret,
    pub token_type: String,
    pub expires_in: u64,
    pub expires_at: SystemTime,
    pub granted_scopes: Option<Vec<String>>,
    pub request_id: Option<String>,
    pub status_code: u16,
}
