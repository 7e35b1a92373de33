//! The token endpoint: the client-credentials grant of RFC 6749, section 4.4.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderName, header},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    clients::Client,
    reply::{ApiError, OAuthError, Reply},
    request::{MediaType, Project, basic_credentials, read},
    state::{Shared, State as Emulated},
};

const LIFETIME_SECONDS: u64 = 3600;

#[derive(Serialize)]
pub(crate) struct TokenReply {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

pub(crate) async fn token(
    State(state): State<Shared>,
    project: Result<Project, ApiError>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<([(HeaderName, &'static str); 1], Reply<TokenReply>), OAuthError> {
    project?;
    let grant = Grant::read(&headers, &read(body)?)?;
    state.counts.record_token_request(&grant.client_id);
    let client = state.clients.find(&grant.client_id).ok_or_else(OAuthError::invalid_client)?;
    if !client.is_active() || !client.accepts(&grant.client_secret) {
        return Err(OAuthError::invalid_client());
    }
    let scopes = grant.scopes(&client)?;
    let key = state.keys.current();
    let access_token = key.sign(&key.header(), &claims(&state, &client, &scopes))?;
    let reply = TokenReply { access_token, token_type: "bearer", expires_in: LIFETIME_SECONDS };
    // RFC 6749 section 5.1.
    Ok(([(header::CACHE_CONTROL, "no-store")], Reply::new(reply)))
}

fn claims(state: &Emulated, client: &Client, scopes: &[String]) -> Map<String, Value> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Map::from_iter([
        ("aud".into(), json!([state.project_id])),
        ("exp".into(), json!(now + LIFETIME_SECONDS)),
        ("iat".into(), json!(now)),
        ("iss".into(), json!(format!("stytch.com/{}", state.project_id))),
        ("nbf".into(), json!(now)),
        ("scope".into(), json!(scopes.join(" "))),
        ("sub".into(), json!(client.id())),
    ])
}

/// A well-formed request for a token.
struct Grant {
    client_id: String,
    client_secret: String,
    parameters: Map<String, Value>,
}

impl Grant {
    /// Credentials in the body win over the header: some official clients send their project's
    /// credentials there as well.
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let parameters = match MediaType::of(headers)? {
            Some(MediaType::Json) => from_json(body)?,
            Some(MediaType::Form) => from_form(body)?,
            None => return Err(OAuthError::invalid_request("The Content-Type is missing.")),
        };
        match text(&parameters, "grant_type")? {
            Some("client_credentials") => {}
            Some(_) => return Err(OAuthError::unsupported_grant_type()),
            None => return Err(OAuthError::invalid_request("The grant_type is missing.")),
        }
        let in_body = text(&parameters, "client_id")?.zip(text(&parameters, "client_secret")?);
        let (client_id, client_secret) = in_body
            .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
            .or_else(|| basic_credentials(headers))
            .ok_or_else(|| {
                OAuthError::invalid_request("The client_id and the client_secret are missing.")
            })?;
        Ok(Self { client_id, client_secret, parameters })
    }

    /// The scopes to grant: those asked for, or all that the client has.
    fn scopes(&self, client: &Client) -> Result<Vec<String>, OAuthError> {
        let mut granted = Vec::new();
        for scope in text(&self.parameters, "scope")?.unwrap_or_default().split(' ') {
            if scope.is_empty() || granted.iter().any(|known| known == scope) {
                continue;
            }
            if !client.scopes().iter().any(|known| known == scope) {
                return Err(OAuthError::invalid_scope(format!("The client lacks {scope}.")));
            }
            granted.push(scope.to_owned());
        }
        Ok(if granted.is_empty() { client.scopes().to_vec() } else { granted })
    }
}

fn text<'a>(parameters: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, OAuthError> {
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(OAuthError::invalid_request(format!("The {name} must be a string."))),
    }
}

fn from_json(body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    serde_json::from_slice(body)
        .map_err(|_| OAuthError::invalid_request("The body must be a JSON object."))
}

/// RFC 6749 section 3.2: no parameter may come twice.
fn from_form(body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        if parameters.insert(name.clone().into_owned(), json!(value)).is_some() {
            return Err(OAuthError::invalid_request(format!("The {name} is given twice.")));
        }
    }
    Ok(parameters)
}
