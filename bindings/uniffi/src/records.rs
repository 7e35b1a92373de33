//! The core's records. Those that uniffi can carry are mirrored here; the others have a twin in
//! `settings`.

pub mod json;
pub mod settings;
pub mod state;

use std::collections::HashMap;
use std::time::SystemTime;

use serde_json::{Map, Value};
use stytch_m2m::{
    Algorithm, ClientResponse, ClientStatus, CreateRequest, CreateResponse, DeleteResponse, Error,
    IssuerConfig, KeySource, M2MClient, M2MClientWithClientSecret, M2MClientWithNextClientSecret,
    Proxy, ResultsMetadata, RotateStartResponse, SearchFilter, SearchOperator, SearchQuery,
    SearchResponse, Secret, Token, TokenProfile, UpdateRequest, Vertical,
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
        NativeError::from(Error::invalid_config("trusted_metadata", message)).into()
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
}

#[uniffi::remote(Enum)]
pub enum ClientStatus {
    Active,
    Inactive,
    Unknown,
}

#[uniffi::remote(Record)]
pub struct CreateRequest {
    pub scopes: Vec<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    pub client_name: Option<String>,
    pub client_description: Option<String>,
    pub trusted_metadata: Option<JsonObject>,
    pub idempotent: bool,
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
pub struct UpdateRequest {
    pub client_name: Option<String>,
    pub client_description: Option<String>,
    pub status: Option<ClientStatus>,
    pub scopes: Option<Vec<String>>,
    pub trusted_metadata: Option<JsonObject>,
}

#[uniffi::remote(Record)]
pub struct DeleteResponse {
    pub client_id: String,
    pub request_id: String,
    pub status_code: u16,
}

#[uniffi::remote(Record)]
pub struct SearchQuery {
    pub operator: SearchOperator,
    pub operands: Vec<SearchFilter>,
}

#[uniffi::remote(Enum)]
pub enum SearchOperator {
    And,
    Or,
}

#[uniffi::remote(Enum)]
pub enum SearchFilter {
    ClientId(Vec<String>),
    ClientName(Vec<String>),
    Scopes(Vec<String>),
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

#[uniffi::remote(Enum)]
pub enum Vertical {
    Consumer,
    B2b,
}

#[uniffi::remote(Enum)]
pub enum Proxy {
    Environment,
    Url(Secret),
    Off,
}

#[uniffi::remote(Record)]
pub struct IssuerConfig {
    pub issuers: Vec<String>,
    pub audiences: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    pub keys: KeySource,
    pub profile: TokenProfile,
    pub allow_missing_typ: bool,
    pub allow_missing_kid: bool,
    pub accept_scope_array: bool,
    pub wildcard_scopes: bool,
    pub allow_bound_tokens: bool,
    pub require_typ: Option<String>,
    pub required_claims: HashMap<String, String>,
    pub require_client_subject: bool,
}

#[uniffi::remote(Enum)]
pub enum KeySource {
    Url(String),
    Jwks(String),
}

#[uniffi::remote(Enum)]
pub enum TokenProfile {
    Stytch,
    Auth0,
    OAuth,
}

#[uniffi::remote(Enum)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
}
