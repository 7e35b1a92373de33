//! The token endpoint that a grant is sent to.

use url::Url;

use crate::error::Result;
use crate::http::{Transport, authority};

/// Where the token endpoint is.
#[derive(Clone, Debug)]
pub(crate) enum Endpoint {
    /// At this URL of the project or the organization.
    Own(Url),
    /// At this URL of any server.
    Given(Url),
}

/// What a request needs to know of the server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) url: Url,
    /// The token endpoint for client certificates, if it has another URL (RFC 8705, section 5).
    pub(crate) mtls_url: Option<Url>,
    /// The issuer, which is the audience of assertions.
    pub(crate) issuer: Option<String>,
    /// The client authentication methods that the server offers, if it says so.
    pub(crate) auth_methods: Option<Vec<String>>,
}

impl Endpoint {
    /// What names the server: a part of the cache's key.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own(url) | Self::Given(url) => url.as_str(),
        }
    }

    /// The host with its port, for the log.
    pub(crate) fn authority(&self) -> &str {
        match self {
            Self::Own(url) | Self::Given(url) => authority(url),
        }
    }

    /// Whether the client authentication method is known, so that a refusal is not due to it.
    pub(crate) fn has_known_method(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    pub(crate) async fn resolve(&self, _transport: &Transport) -> Result<Server> {
        match self {
            Self::Own(url) | Self::Given(url) => {
                Ok(Server { url: url.clone(), mtls_url: None, issuer: None, auth_methods: None })
            }
        }
    }
}
