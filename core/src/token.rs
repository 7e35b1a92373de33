//! The client-credentials grant (RFC 6749, section 4.4).

pub(crate) mod cache;
mod cached_token;
pub(crate) mod entry;
pub(crate) mod fetcher;
pub(crate) mod granted;
pub(crate) mod holders;
mod refusals;
pub(crate) mod source;
pub(crate) mod store;

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::config::{check_not_swapped, secret_of};
use crate::error::{Error, Result};
use crate::http::{Body, HeaderValue, Method, Repeat, Request, TOKEN_LIMIT, Transport, json_body};
use crate::secret::Secret;
use granted::Granted;

/// Names that [`TokenRequest::extra`] must not contain.
const RESERVED: [&str; 5] =
    ["grant_type", "client_id", "client_secret", "scope", "client_assertion"];

/// A request for an access token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The M2M client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Secret,
    /// The scopes to request. Empty: all scopes of the client.
    pub scopes: Vec<String>,
    /// Additional parameters, which a custom-claims template can read as `{{ request.name }}`.
    pub extra: BTreeMap<String, String>,
    /// Whether to fetch a new token although the cached one is fresh. Default false.
    pub force_refresh: bool,
}

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Token {
    /// The access token.
    pub access_token: Secret,
    /// `bearer`, in the server's spelling.
    pub token_type: String,
    /// Seconds until the token expires, counted from the call that returned it.
    pub expires_in: u64,
    /// When the token expires.
    pub expires_at: SystemTime,
    /// The granted scopes, if the server returns them (RFC 6749, section 5.1).
    pub granted_scopes: Option<Vec<String>>,
    /// The server's id of the request that fetched the token.
    pub request_id: Option<String>,
    /// The HTTP status of that request.
    pub status_code: u16,
}

impl Token {
    /// The value of an `Authorization` header: `Bearer ...`.
    #[must_use]
    pub fn authorization_header(&self) -> Secret {
        Secret::new(format!("Bearer {}", self.access_token.expose()))
    }
}

/// A checked token request.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    url: Url,
    client_id: String,
    client_secret: Secret,
    /// Sorted, each once.
    scopes: Vec<String>,
    extra: BTreeMap<String, String>,
    format: RequestFormat,
}

/// The request format of a token endpoint.
#[derive(Clone, Debug)]
pub(crate) enum RequestFormat {
    /// A form without authorization (RFC 6749, section 4.4.2).
    Form,
    /// A JSON object with an `Authorization` header.
    Json { authorization: HeaderValue },
}

impl RequestFormat {
    fn operation(&self) -> &'static str {
        match self {
            Self::Form => "token",
            Self::Json { .. } => "organization_token",
        }
    }
}

impl Grant {
    pub(crate) fn new(
        url: Url,
        client_id: String,
        client_secret: Secret,
        mut scopes: Vec<String>,
        extra: BTreeMap<String, String>,
    ) -> Result<Self> {
        if client_id.is_empty() || client_id.chars().any(char::is_control) {
            return Err(Error::invalid_config(
                "client_id",
                "client_id is empty or contains a control character",
            ));
        }
        check_not_swapped("client_id", &client_id)?;
        secret_of("client_secret", Some(&client_secret))?;
        crate::verify::scopes::check_names("scopes", &scopes)?;
        if let Some(name) = extra.keys().find(|name| RESERVED.contains(&name.as_str())) {
            return Err(Error::invalid_config(
                "extra",
                format!("extra must not contain {name}: it has its own argument"),
            ));
        }
        scopes.sort_unstable();
        scopes.dedup();
        Ok(Self { url, client_id, client_secret, scopes, extra, format: RequestFormat::Form })
    }

    pub(crate) fn with_format(self, format: RequestFormat) -> Self {
        Self { format, ..self }
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The URL of the token endpoint.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn cache_key(&self) -> GrantKey {
        let scopes = self.scopes.iter().map(String::as_str).collect();
        let key = grant_key(&self.url, &self.client_id, &self.client_secret, scopes, &self.extra);
        match &self.format {
            RequestFormat::Form => key,
            RequestFormat::Json { authorization } => {
                let mut digest = Context::new(&SHA256);
                digest.update(&key);
                digest.update(authorization.as_bytes());
                finish(digest)
            }
        }
    }

    fn form(&self) -> Zeroizing<String> {
        // Room for every byte percent-encoded, so that it need not move and leave a copy behind.
        let lengths = [self.client_id.len(), self.client_secret.expose().len()];
        let extra = self.extra.iter().map(|(name, value)| name.len() + value.len() + 2);
        let scopes = self.scopes.iter().map(|scope| scope.len() + 1);
        let length: usize = lengths.into_iter().chain(extra).chain(scopes).sum();
        let mut form = Serializer::new(String::with_capacity(3 * length + 128));
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.client_secret.expose());
        if !self.scopes.is_empty() {
            form.append_pair("scope", &self.scopes.join(" "));
        }
        form.extend_pairs(&self.extra);
        Zeroizing::new(form.finish())
    }

    fn json(&self) -> Result<Zeroizing<Vec<u8>>> {
        #[derive(Serialize)]
        struct Wire<'a> {
            grant_type: &'a str,
            client_id: &'a str,
            client_secret: &'a str,
        }
        let wire = Wire {
            grant_type: "client_credentials",
            client_id: &self.client_id,
            client_secret: self.client_secret.expose(),
        };
        json_body(&wire)
    }

    /// Fetches a token, without the project's credentials: no token endpoint needs them.
    pub(crate) async fn fetch(&self, transport: &Transport) -> Result<Granted> {
        // Repeating is safe: a second token does no harm.
        self.fetch_with(transport, Repeat::Safe).await
    }

    /// Like [`fetch`](Self::fetch), with the caller's rule for repeats.
    pub(crate) async fn fetch_with(
        &self,
        transport: &Transport,
        repeat: Repeat,
    ) -> Result<Granted> {
        let (authorization, body) = match &self.format {
            RequestFormat::Form => (None, Body::Form(self.form())),
            RequestFormat::Json { authorization } => {
                (Some(authorization.clone()), Body::Json(self.json()?))
            }
        };
        let request = Request {
            operation: self.format.operation(),
            method: Method::POST,
            url: self.url.clone(),
            authorization,
            if_none_match: None,
            body,
            limit: TOKEN_LIMIT,
            repeat,
            attempt_timeout: None,
        };
        let reply = transport.send(request).await?;
        Granted::read(&reply)
    }
}

pub(crate) type GrantKey = [u8; 32];

/// A digest of everything that decides which token is returned. Each part is preceded by its
/// length, so that different grants cannot give the same input.
pub(crate) fn grant_key(
    url: &Url,
    client_id: &str,
    client_secret: &Secret,
    mut scopes: Vec<&str>,
    extra: &BTreeMap<String, String>,
) -> GrantKey {
    scopes.sort_unstable();
    scopes.dedup();
    let mut digest = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        digest.update(&(bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    part(url.as_str().as_bytes());
    part(client_id.as_bytes());
    part(client_secret.expose().as_bytes());
    part(&(scopes.len() as u64).to_be_bytes());
    scopes.iter().for_each(|scope| part(scope.as_bytes()));
    for (name, value) in extra {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    finish(digest)
}

fn finish(digest: Context) -> GrantKey {
    let mut key = [0; 32];
    key.copy_from_slice(digest.finish().as_ref());
    key
}
