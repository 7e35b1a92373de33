//! The client-credentials grant (RFC 6749, section 4.4).

pub(crate) mod cache;
mod cached_token;
pub(crate) mod endpoint;
pub(crate) mod entry;
pub(crate) mod fetcher;
pub(crate) mod granted;
pub(crate) mod holders;
mod refusals;
pub(crate) mod source;
pub(crate) mod store;
pub(crate) mod target;

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use crate::config::secret_of;
use crate::credential::client::{Authentication, ClientCredential};
use crate::credential::evidence::{Evidence, Proof};
use crate::credential::method::ClientAuth;
use crate::credential::settings::check_client_id;
use crate::error::{Error, ErrorKind, Result};
use crate::http::{
    Body, HeaderValue, Method, Repeat, Reply, Request, StatusCode, TOKEN_LIMIT, Transport,
    json_body, with_address,
};
use crate::secret::Secret;
use endpoint::{Endpoint, Server};
use granted::Granted;
use target::Target;

/// Names that [`TokenRequest::extra`] must not contain.
const RESERVED: [&str; 7] = [
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "client_assertion",
    "client_assertion_type",
    "assertion",
];
/// The grant that exchanges an assertion for a token (RFC 7523, section 2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// A request for an access token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRequest {
    /// The M2M client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: Secret,
    /// The scopes to request. Empty: all scopes of the client.
    pub scopes: Vec<String>,
    /// The resources that the token is for, as absolute URIs (RFC 8707). Empty: the server decides.
    pub resource: Vec<String>,
    /// The audience that the token is for, at servers that take this parameter. Default: the server
    /// decides.
    pub audience: Option<String>,
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
#[derive(Debug)]
pub(crate) struct Grant {
    endpoint: Endpoint,
    credential: ClientCredential,
    /// Sorted, each once.
    scopes: Vec<String>,
    target: Target,
    extra: BTreeMap<String, String>,
    format: RequestFormat,
}

/// The request format of a token endpoint.
#[derive(Clone, Debug)]
pub(crate) enum RequestFormat {
    /// A form (RFC 6749, section 4.4.2).
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
    /// A grant of a client with a secret that does not change.
    pub(crate) fn new(
        url: Url,
        client_id: String,
        client_secret: Secret,
        scopes: Vec<String>,
        target: Target,
        extra: BTreeMap<String, String>,
    ) -> Result<Self> {
        check_client_id(&client_id)?;
        secret_of("client_secret", Some(&client_secret))?;
        let credential = ClientCredential::fixed(client_id, client_secret);
        Self::with_credential(Endpoint::Own(url), credential, scopes, target, extra)
    }

    pub(crate) fn with_credential(
        endpoint: Endpoint,
        credential: ClientCredential,
        mut scopes: Vec<String>,
        target: Target,
        extra: BTreeMap<String, String>,
    ) -> Result<Self> {
        crate::verify::scopes::check_names("scopes", &scopes)?;
        let mut reserved = RESERVED.into_iter().chain(target.names());
        if let Some(name) = reserved.find(|name| extra.contains_key(*name)) {
            return Err(Error::invalid_config(
                "extra",
                format!("extra must not contain {name}: it has its own argument"),
            ));
        }
        scopes.sort_unstable();
        scopes.dedup();
        drop(reserved);
        Ok(Self { endpoint, credential, scopes, target, extra, format: RequestFormat::Form })
    }

    pub(crate) fn with_format(self, format: RequestFormat) -> Self {
        Self { format, ..self }
    }

    pub(crate) fn credential(&self) -> &ClientCredential {
        &self.credential
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The key of the tokens that `evidence` can get.
    pub(crate) fn cache_key(&self, evidence: &Evidence) -> GrantKey {
        let scopes = self.scopes.iter().map(String::as_str).collect();
        let (id, identity) = (self.credential.client_id(), evidence.identity());
        let resource = self.target.resource.iter().map(String::as_str).collect();
        let audience = self.target.audience.as_deref();
        let name = self.endpoint.name();
        let key = grant_key(name, id, &identity, scopes, resource, audience, &self.extra);
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

    fn form(&self, authentication: &Authentication, evidence: &Evidence) -> Zeroizing<String> {
        let grant_type = match &evidence.assertion {
            Some(_) => JWT_BEARER,
            None => "client_credentials",
        };
        let scope = self.scopes.join(" ");
        let mut pairs = vec![("grant_type", grant_type)];
        let parameters = authentication.parameters.iter();
        pairs.extend(parameters.map(|(name, value)| (*name, value.expose())));
        pairs.extend(evidence.assertion.iter().map(|value| ("assertion", value.expose())));
        if !scope.is_empty() {
            pairs.push(("scope", &scope));
        }
        pairs.extend(self.target.parameters());
        pairs.extend(self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        // Room for every byte percent-encoded, so that it need not move and leave a copy behind.
        let length: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let mut form = Serializer::new(String::with_capacity(3 * length));
        form.extend_pairs(pairs);
        Zeroizing::new(form.finish())
    }

    fn json(&self, evidence: &Evidence) -> Result<Zeroizing<Vec<u8>>> {
        #[derive(Serialize)]
        struct Wire<'a> {
            grant_type: &'a str,
            client_id: &'a str,
            client_secret: &'a str,
        }
        let client_secret = match &evidence.proof {
            Proof::Secret(secret) => secret.expose(),
            _ => "",
        };
        let client_id = self.credential.client_id();
        json_body(&Wire { grant_type: "client_credentials", client_id, client_secret })
    }

    /// Fetches a token, without the project's credentials: no token endpoint needs them.
    pub(crate) async fn fetch(&self, transport: &Transport) -> Result<Granted> {
        let evidence = self.credential.evidence().await?;
        // Repeating is safe: a second token does no harm.
        self.fetch_with(&evidence, transport, Repeat::Safe).await
    }

    /// Like [`fetch`](Self::fetch), with this evidence and the caller's rule for repeats.
    pub(crate) async fn fetch_with(
        &self,
        evidence: &Evidence,
        transport: &Transport,
        repeat: Repeat,
    ) -> Result<Granted> {
        let server = self.endpoint.resolve().await?;
        let method = self.credential.method(server.auth_methods.as_deref())?;
        let request = || self.request(&server, method, evidence, transport, repeat);
        let reply = transport.send_each(request).await;
        let is_missing = |reply: &Reply| matches!(reply.status.as_u16(), 404 | 405 | 410);
        if reply.as_ref().map_or(true, is_missing) {
            self.endpoint.suspect();
        }
        let reply = reply?;
        Granted::read(&reply).map_err(|error| {
            if reply.status == StatusCode::NOT_FOUND {
                return with_address(error, server.url_for(method));
            }
            let setting = transport.config().spelling.of("client_auth");
            self.with_other_methods(error, method, &server, &setting)
        })
    }

    /// One attempt, with assertions of its own.
    fn request(
        &self,
        server: &Server,
        method: ClientAuth,
        evidence: &Evidence,
        transport: &Transport,
        repeat: Repeat,
    ) -> Result<Request> {
        let url = server.url_for(method);
        let (authorization, body) = match &self.format {
            RequestFormat::Form => {
                let audience = server.issuer.as_deref().unwrap_or(url.as_str());
                let clock = &transport.config().clock;
                let authentication =
                    self.credential.authenticate(method, evidence, audience, clock)?;
                let form = self.form(&authentication, evidence);
                (authentication.authorization, Body::Form(form))
            }
            RequestFormat::Json { authorization } => {
                (Some(authorization.clone()), Body::Json(self.json(evidence)?))
            }
        };
        Ok(Request {
            operation: self.format.operation(),
            method: Method::POST,
            url: url.clone(),
            authorization,
            if_none_match: None,
            body,
            limit: TOKEN_LIMIT,
            repeat,
            attempt_timeout: None,
        })
    }

    /// Adds the other methods to the error of a server that refused the client.
    fn with_other_methods(
        &self,
        error: Error,
        method: ClientAuth,
        server: &Server,
        setting: &str,
    ) -> Error {
        if error.kind() != ErrorKind::Authentication || self.endpoint.has_known_method() {
            return error;
        }
        let is_offered = |other: &ClientAuth| match &server.auth_methods {
            Some(offered) => offered.iter().any(|name| other.is_called(name)),
            None => true,
        };
        let others = ClientAuth::ALL.into_iter().filter(|other| *other != method);
        let others: Vec<_> = others.filter(is_offered).map(ClientAuth::name).collect();
        let advice = match others.as_slice() {
            [] => "the server offers no other method".to_owned(),
            others => {
                let from = if server.auth_methods.is_some() { "the server's" } else { "the" };
                format!("{from} other methods are {}: see {setting}", others.join(", "))
            }
        };
        let method = method.name();
        error.with(|d| {
            d.message = format!("{} ({setting} was {method}; {advice})", d.message);
        })
    }
}

pub(crate) type GrantKey = [u8; 32];

/// A digest of everything that decides which token is returned. Each part is preceded by its
/// length, so that different grants cannot give the same input.
pub(crate) fn grant_key(
    endpoint: &str,
    client_id: &str,
    identity: &Secret,
    mut scopes: Vec<&str>,
    mut resource: Vec<&str>,
    audience: Option<&str>,
    extra: &BTreeMap<String, String>,
) -> GrantKey {
    scopes.sort_unstable();
    scopes.dedup();
    resource.sort_unstable();
    resource.dedup();
    let mut digest = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        digest.update(&(bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    part(endpoint.as_bytes());
    part(client_id.as_bytes());
    part(identity.expose().as_bytes());
    part(&(scopes.len() as u64).to_be_bytes());
    scopes.iter().for_each(|scope| part(scope.as_bytes()));
    for (name, value) in extra {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    let resource = resource.into_iter().map(|value| ("resource", value));
    for (name, value) in resource.chain(audience.map(|value| ("audience", value))) {
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
