//! Reading a token request: JSON or a form, credentials in the body or in the header.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    reply::OAuthError,
    request::{MediaType, basic_credentials},
};

#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) enum GrantType {
    ClientCredentials,
}

/// A well-formed request for a token.
pub(crate) struct Grant {
    client_id: String,
    client_secret: String,
    parameters: Map<String, Value>,
}

impl Grant {
    /// Credentials in the body win over the header: some official clients send their project's
    /// credentials there as well.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let parameters = read_parameters(headers, body)?;
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

    /// The client that a request names, even if the request is invalid in other ways.
    pub(crate) fn named_client(headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let parameters = read_parameters(headers, body).unwrap_or_default();
        let in_body = parameters.get("client_id").and_then(Value::as_str).map(str::to_owned);
        in_body.or_else(|| basic_credentials(headers).map(|(id, _)| id))
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    pub(crate) fn parameters(&self) -> &Map<String, Value> {
        &self.parameters
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        text(&self.parameters, name)
    }

    pub(crate) fn requested_scopes(&self) -> Result<impl Iterator<Item = &str>, OAuthError> {
        let scope = self.text("scope")?.unwrap_or_default();
        Ok(scope.split(' ').filter(|scope| !scope.is_empty()))
    }
}

fn read_parameters(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    match MediaType::of(headers)? {
        Some(MediaType::Json) => from_json(body),
        Some(MediaType::Form) => from_form(body),
        None => Err(OAuthError::invalid_request("The Content-Type is missing.")),
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
        if parameters.insert(name.into_owned(), json!(value)).is_some() {
            return Err(OAuthError::invalid_request("A parameter is given twice."));
        }
    }
    Ok(parameters)
}
