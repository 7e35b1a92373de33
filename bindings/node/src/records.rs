//! The core's records as JavaScript gets them: times in milliseconds, JSON as text.

pub(crate) mod arguments;
pub(crate) mod claims;
pub(crate) mod issuer;
pub(crate) mod resolver;
pub(crate) mod secret_source;
pub(crate) mod settings;
pub(crate) mod state;

use std::time::{SystemTime, UNIX_EPOCH};

use napi_derive::napi;
use stytch_m2m as m2m;

/// An M2M client, with a secret where the answer shows one.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct M2MClient {
    /// The id that it authenticates with.
    #[napi(js_name = "client_id")]
    pub client_id: String,
    /// A display name.
    #[napi(js_name = "client_name")]
    pub client_name: String,
    /// A description.
    #[napi(js_name = "client_description")]
    pub client_description: String,
    /// `active` or `inactive`.
    pub status: &'static str,
    /// The scopes that the client can request.
    pub scopes: Vec<String>,
    /// The end of its secret.
    #[napi(js_name = "client_secret_last_four")]
    pub client_secret_last_four: String,
    /// The end of its next secret.
    #[napi(js_name = "next_client_secret_last_four")]
    pub next_client_secret_last_four: Option<String>,
    /// JSON.
    #[napi(js_name = "trusted_metadata")]
    pub trusted_metadata: Option<String>,
    /// The organization that it belongs to.
    #[napi(js_name = "organization_id")]
    pub organization_id: Option<String>,
    /// Its secret, once.
    #[napi(js_name = "client_secret")]
    pub client_secret: Option<String>,
    /// Its next secret, once.
    #[napi(js_name = "next_client_secret")]
    pub next_client_secret: Option<String>,
}

impl From<m2m::M2MClient> for M2MClient {
    fn from(client: m2m::M2MClient) -> Self {
        let m2m::M2MClient {
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
        Self {
            client_id,
            client_name,
            client_description,
            status: status.as_str(),
            scopes,
            client_secret_last_four,
            next_client_secret_last_four,
            trusted_metadata: trusted_metadata.map(|map| serde_json::Value::from(map).to_string()),
            organization_id,
            client_secret: None,
            next_client_secret: None,
        }
    }
}

impl From<m2m::M2MClientWithClientSecret> for M2MClient {
    fn from(client: m2m::M2MClientWithClientSecret) -> Self {
        let m2m::M2MClientWithClientSecret { client, client_secret } = client;
        Self { client_secret: Some(client_secret.expose().to_owned()), ..client.into() }
    }
}

impl From<m2m::M2MClientWithNextClientSecret> for M2MClient {
    fn from(client: m2m::M2MClientWithNextClientSecret) -> Self {
        let m2m::M2MClientWithNextClientSecret { client, next_client_secret } = client;
        Self { next_client_secret: Some(next_client_secret.expose().to_owned()), ..client.into() }
    }
}

/// A response with one client.
#[napi(object, object_from_js = false)]
pub struct ClientResponse {
    /// The client.
    #[napi(js_name = "m2m_client")]
    pub m2m_client: M2MClient,
    /// The server's id of the request.
    #[napi(js_name = "request_id")]
    pub request_id: String,
    /// The HTTP status.
    #[napi(js_name = "status_code")]
    pub status_code: u16,
}

impl From<m2m::ClientResponse> for ClientResponse {
    fn from(response: m2m::ClientResponse) -> Self {
        let m2m::ClientResponse { m2m_client, request_id, status_code } = response;
        Self { m2m_client: m2m_client.into(), request_id, status_code }
    }
}

impl From<m2m::CreateResponse> for ClientResponse {
    fn from(response: m2m::CreateResponse) -> Self {
        let m2m::CreateResponse { m2m_client, request_id, status_code } = response;
        Self { m2m_client: m2m_client.into(), request_id, status_code }
    }
}

impl From<m2m::RotateStartResponse> for ClientResponse {
    fn from(response: m2m::RotateStartResponse) -> Self {
        let m2m::RotateStartResponse { m2m_client, request_id, status_code } = response;
        Self { m2m_client: m2m_client.into(), request_id, status_code }
    }
}

/// The response to a deletion.
#[napi(object, object_from_js = false)]
pub struct DeleteResponse {
    /// The client that is gone.
    #[napi(js_name = "client_id")]
    pub client_id: String,
    /// The server's id of the request.
    #[napi(js_name = "request_id")]
    pub request_id: String,
    /// The HTTP status.
    #[napi(js_name = "status_code")]
    pub status_code: u16,
}

impl From<m2m::DeleteResponse> for DeleteResponse {
    fn from(response: m2m::DeleteResponse) -> Self {
        let m2m::DeleteResponse { client_id, request_id, status_code } = response;
        Self { client_id, request_id, status_code }
    }
}

/// A page of clients.
#[napi(object, object_from_js = false)]
pub struct SearchResponse {
    /// The clients of this page.
    #[napi(js_name = "m2m_clients")]
    pub m2m_clients: Vec<M2MClient>,
    /// Where it stands.
    #[napi(js_name = "results_metadata")]
    pub results_metadata: ResultsMetadata,
    /// The server's id of the request.
    #[napi(js_name = "request_id")]
    pub request_id: String,
    /// The HTTP status.
    #[napi(js_name = "status_code")]
    pub status_code: u16,
}

/// The position of a page in the whole result.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct ResultsMetadata {
    /// All matches, or -1.
    pub total: i64,
    /// The next page's cursor.
    #[napi(js_name = "next_cursor")]
    pub next_cursor: Option<String>,
}

impl From<m2m::SearchResponse> for SearchResponse {
    fn from(response: m2m::SearchResponse) -> Self {
        let m2m::SearchResponse { m2m_clients, results_metadata, request_id, status_code } =
            response;
        let m2m::ResultsMetadata { total, next_cursor } = results_metadata;
        let results_metadata = ResultsMetadata { total, next_cursor };
        let m2m_clients = m2m_clients.into_iter().map(M2MClient::from).collect();
        Self { m2m_clients, results_metadata, request_id, status_code }
    }
}

/// The next clients of a search; none after the last.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Page {
    /// The clients.
    #[napi(js_name = "m2m_clients")]
    pub m2m_clients: Option<Vec<M2MClient>>,
}

impl From<Option<Vec<m2m::M2MClient>>> for Page {
    fn from(page: Option<Vec<m2m::M2MClient>>) -> Self {
        let m2m_clients = page.map(|page| page.into_iter().map(M2MClient::from).collect());
        Self { m2m_clients }
    }
}

/// An answer that is one string.
#[napi(object, object_from_js = false)]
pub struct Text {
    /// The string.
    pub text: String,
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self { text }
    }
}

impl From<m2m::Secret> for Text {
    fn from(secret: m2m::Secret) -> Self {
        secret.expose().to_owned().into()
    }
}

/// An access token.
#[napi(object, object_from_js = false, use_nullable = true)]
pub struct Token {
    /// The access token.
    #[napi(js_name = "access_token")]
    pub access_token: String,
    /// `bearer`.
    #[napi(js_name = "token_type")]
    pub token_type: String,
    /// Seconds from now.
    #[napi(js_name = "expires_in")]
    pub expires_in: f64,
    /// When the token expires.
    #[napi(js_name = "expires_at")]
    pub expires_at: f64,
    /// The scopes granted.
    #[napi(js_name = "granted_scopes")]
    pub granted_scopes: Option<Vec<String>>,
    /// The server's id of the request.
    #[napi(js_name = "request_id")]
    pub request_id: Option<String>,
    /// The HTTP status.
    #[napi(js_name = "status_code")]
    pub status_code: u16,
}

impl From<m2m::Token> for Token {
    fn from(token: m2m::Token) -> Self {
        let m2m::Token {
            access_token,
            token_type,
            expires_in,
            expires_at,
            granted_scopes,
            request_id,
            status_code,
        } = token;
        Self {
            access_token: access_token.expose().to_owned(),
            token_type,
            expires_in: expires_in as f64,
            expires_at: milliseconds(expires_at),
            granted_scopes,
            request_id,
            status_code,
        }
    }
}

/// Milliseconds since 1970, as a `Date` counts.
fn milliseconds(time: SystemTime) -> f64 {
    unix_seconds(time) * 1000.0
}

fn unix_seconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}
