//! The token endpoint that a grant is sent to.

use url::Url;

use crate::credential::method::ClientAuth;
use crate::discovery::Discovery;
use crate::error::{Error, ErrorKind, Result};
use crate::http::authority;

/// Where the token endpoint is.
#[derive(Clone, Debug)]
pub(crate) enum Endpoint {
    /// At this URL of the project or the organization.
    Own(Url),
    /// At this URL of any server.
    Given(Url),
    /// Where the discovery document of any server says.
    Discovered(Discovery),
}

/// What a request needs to know of the server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    url: Url,
    /// The token endpoint for client certificates, if it has another URL (RFC 8705, section 5).
    mtls_url: Option<Url>,
    /// The issuer, which is the audience of assertions.
    pub(crate) issuer: Option<String>,
    /// The client authentication methods that the server offers, if it says so.
    pub(crate) auth_methods: Option<Vec<String>>,
}

impl Server {
    /// The token endpoint for clients that authenticate by this method.
    pub(crate) fn url_for(&self, method: ClientAuth) -> &Url {
        match (method, &self.mtls_url) {
            (ClientAuth::TlsClientAuth, Some(url)) => url,
            _ => &self.url,
        }
    }
}

impl Endpoint {
    /// What names the server: a part of the cache's key.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own(url) | Self::Given(url) => url.as_str(),
            Self::Discovered(discovery) => discovery.issuer(),
        }
    }

    /// The host with its port, for the log.
    pub(crate) fn authority(&self) -> &str {
        match self {
            Self::Own(url) | Self::Given(url) => authority(url),
            Self::Discovered(discovery) => authority(discovery.issuer_url()),
        }
    }

    /// Whether the client authentication method is known, so that a refusal is not due to it.
    pub(crate) fn has_known_method(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    pub(crate) async fn resolve(&self) -> Result<Server> {
        match self {
            Self::Own(url) | Self::Given(url) => {
                Ok(Server { url: url.clone(), mtls_url: None, issuer: None, auth_methods: None })
            }
            Self::Discovered(discovery) => {
                let metadata = discovery.metadata().await?;
                let url = metadata.token_endpoint.clone().ok_or_else(|| {
                    let issuer = discovery.issuer();
                    let message = format!(
                        "the discovery document of {issuer} names no token_endpoint: set token_url"
                    );
                    Error::new(ErrorKind::UnexpectedResponse, message)
                })?;
                Ok(Server {
                    url,
                    mtls_url: metadata.mtls_token_endpoint.clone(),
                    issuer: Some(discovery.issuer().to_owned()),
                    auth_methods: Some(metadata.auth_methods.clone()),
                })
            }
        }
    }

    /// Records that the endpoint does not work: if it was discovered, it may have moved.
    pub(crate) fn suspect(&self) {
        if let Self::Discovered(discovery) = self {
            discovery.suspect();
        }
    }
}
