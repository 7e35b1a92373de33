//! Reading a token request: JSON or a form, credentials in the body or in the header.

use axum::http::HeaderMap;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{
    clients::AuthMethod,
    reply::OAuthError,
    request::{MediaType, basic_credentials},
};

const JWT_BEARER_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const JWT_BEARER_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Parameters that a request may repeat (RFC 8707, section 2; RFC 8693, section 2.1).
const REPEATABLE: [&str; 2] = ["resource", "audience"];

#[derive(Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(crate) enum GrantType {
    ClientCredentials,
    #[schema(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
}

/// How a request says which client it is from.
pub(crate) enum Identification {
    Secret { client_id: String, client_secret: String, method: AuthMethod },
    Assertion { client_id: Option<String>, assertion: String },
    Id(String),
    Nothing,
}

/// A well-formed request for a token.
pub(crate) struct Grant {
    grant_type: GrantType,
    client: Identification,
    parameters: Map<String, Value>,
}

impl Grant {
    /// Credentials in the body win over the header: some official clients send their project's
    /// credentials there as well.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let parameters = read_parameters(headers, body)?;
        let grant_type = match text(&parameters, "grant_type")? {
            Some("client_credentials") => GrantType::ClientCredentials,
            Some(JWT_BEARER_GRANT) => GrantType::JwtBearer,
            Some(_) => return Err(OAuthError::unsupported_grant_type()),
            None => return Err(OAuthError::invalid_request("The grant_type is missing.")),
        };
        let client = identification(headers, &parameters)?;
        Ok(Self { grant_type, client, parameters })
    }

    /// The client that a request names, even if the request is invalid in other ways.
    pub(crate) fn named_client(headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let parameters = read_parameters(headers, body).unwrap_or_default();
        let in_body = parameters.get("client_id").and_then(Value::as_str).map(str::to_owned);
        in_body.or_else(|| client_basic(headers).map(|(id, _)| id))
    }

    pub(crate) fn grant_type(&self) -> GrantType {
        self.grant_type
    }

    pub(crate) fn client(&self) -> &Identification {
        &self.client
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

    /// The requested `resource` and `audience` values, each once. RFC 8707 section 2: a resource is
    /// an absolute URI without a fragment.
    pub(crate) fn targets(&self) -> Result<Vec<String>, OAuthError> {
        let mut targets: Vec<String> = Vec::new();
        for name in REPEATABLE {
            for value in texts(&self.parameters, name)? {
                let is_uri = value.split_once(':').is_some_and(|(scheme, rest)| {
                    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && !rest.is_empty()
                });
                if name == "resource" && (!is_uri || value.contains('#')) {
                    return Err(OAuthError::invalid_target());
                }
                if !targets.contains(&value) {
                    targets.push(value);
                }
            }
        }
        Ok(targets)
    }
}

/// A request for a token at an endpoint that only knows ids and secrets.
pub(crate) struct SecretGrant {
    grant: Grant,
    client_id: String,
    client_secret: String,
}

impl SecretGrant {
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, OAuthError> {
        let mut grant = Grant::read(headers, body)?;
        match std::mem::replace(&mut grant.client, Identification::Nothing) {
            _ if grant.grant_type != GrantType::ClientCredentials => {
                Err(OAuthError::unsupported_grant_type())
            }
            Identification::Secret { client_id, client_secret, .. } => {
                Ok(Self { grant, client_id, client_secret })
            }
            _ => Err(no_credentials()),
        }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(crate) fn client_secret(&self) -> &str {
        &self.client_secret
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, OAuthError> {
        self.grant.text(name)
    }

    pub(crate) fn requested_scopes(&self) -> Result<impl Iterator<Item = &str>, OAuthError> {
        self.grant.requested_scopes()
    }
}

/// The error of a request that identifies no client.
pub(super) fn no_credentials() -> OAuthError {
    OAuthError::invalid_request("The client_id and the client_secret are missing.")
}

fn identification(
    headers: &HeaderMap,
    parameters: &Map<String, Value>,
) -> Result<Identification, OAuthError> {
    let owned = |name| Ok::<_, OAuthError>(text(parameters, name)?.map(str::to_owned));
    let client_id = owned("client_id")?;
    if let Some(assertion) = owned("client_assertion")? {
        if owned("client_secret")?.is_some() {
            let message = "The request has both a client_secret and a client_assertion.";
            return Err(OAuthError::invalid_request(message));
        }
        if text(parameters, "client_assertion_type")? != Some(JWT_BEARER_ASSERTION) {
            let message = format!("The client_assertion_type must be {JWT_BEARER_ASSERTION}.");
            return Err(OAuthError::invalid_request(message));
        }
        return Ok(Identification::Assertion { client_id, assertion });
    }
    Ok(match (client_id, owned("client_secret")?, client_basic(headers)) {
        (Some(client_id), Some(client_secret), _) => {
            let method = AuthMethod::ClientSecretPost;
            Identification::Secret { client_id, client_secret, method }
        }
        (Some(client_id), None, Some((other, _))) if client_id != other => {
            let message = "The client_id is not that of the Authorization header.";
            return Err(OAuthError::invalid_request(message));
        }
        (_, _, Some((client_id, client_secret))) => {
            let method = AuthMethod::ClientSecretBasic;
            Identification::Secret { client_id, client_secret, method }
        }
        (Some(client_id), None, None) => Identification::Id(client_id),
        (None, _, None) => Identification::Nothing,
    })
}

/// The client's id and secret in an `Authorization` header, which are form-encoded (RFC 6749,
/// section 2.3.1).
fn client_basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (id, secret) = basic_credentials(headers)?;
    Some((form_decoded(&id), form_decoded(&secret)))
}

fn form_decoded(text: &str) -> String {
    let one_name = text.replace('&', "%26").replace('=', "%3D");
    let name = form_urlencoded::parse(one_name.as_bytes()).next();
    name.map(|(name, _)| name.into_owned()).unwrap_or_default()
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

/// A string, or each string of an array.
fn texts(parameters: &Map<String, Value>, name: &str) -> Result<Vec<String>, OAuthError> {
    let wrong =
        || OAuthError::invalid_request(format!("The {name} must be a string or an array of them."));
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(items)) => {
            let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(wrong);
            items.iter().map(text).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn from_json(body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    serde_json::from_slice(body)
        .map_err(|_| OAuthError::invalid_request("The body must be a JSON object."))
}

/// RFC 6749 section 3.2: no parameter may come twice, but for those that RFC 8707 and RFC 8693 let
/// repeat.
fn from_form(body: &[u8]) -> Result<Map<String, Value>, OAuthError> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        let is_repeatable = REPEATABLE.contains(&name.as_ref());
        match parameters.get_mut(name.as_ref()) {
            None => {
                parameters.insert(name.into_owned(), json!(value));
            }
            Some(Value::Array(values)) if is_repeatable => values.push(json!(value)),
            Some(first) if is_repeatable => *first = json!([first.take(), value]),
            Some(_) => return Err(OAuthError::invalid_request("A parameter is given twice.")),
        }
    }
    Ok(parameters)
}
