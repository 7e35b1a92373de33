//! What a protected resource says about how to get a token for it (RFC 9728).

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{IssuerUrl, published_url, texts};
use crate::bearer::challenge_parameter;
use crate::config::{TransportConfig, https_url};
use crate::error::{Error, ErrorKind, Result};
use crate::http::Transport;
use crate::http::document::{self, ask_twice};
use crate::http::{Reply, StatusCode};
use crate::json::lenient;

/// How to get a token for a protected resource, as its metadata (RFC 9728) says. Its addresses are
/// https, or loopback beside a loopback resource.
///
/// ```no_run
/// use stytch_m2m::{ProtectedResource, TokenSource, TokenSourceConfig, TransportConfig};
///
/// # async fn run(www_authenticate: &str, secret: String) -> stytch_m2m::Result<()> {
/// // A request without a token was answered with 401 and this `WWW-Authenticate`.
/// let url = "https://api.example.com/orders";
/// let transport = TransportConfig::default();
/// let resource = ProtectedResource::discover(url, [www_authenticate], transport).await?;
/// let source = TokenSource::new(TokenSourceConfig {
///     issuer: resource.authorization_servers.first().cloned(),
///     client_id: "my-client".into(),
///     client_secret: Some(secret.into()),
///     resource: vec![resource.resource],
///     scopes: resource.scopes,
///     ..Default::default()
/// })?;
/// # drop(source);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ProtectedResource {
    /// Its identifier, for the parameter `resource` of a token request (RFC 8707).
    pub resource: String,
    /// The issuers whose tokens it accepts. At least one. Choose one that you trust with the
    /// client's credentials.
    pub authorization_servers: Vec<String>,
    /// The scopes that the refused request needs; or else all that the resource has, if it says so.
    pub scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "lenient::text")]
    resource: Option<String>,
    #[serde(default)]
    authorization_servers: Value,
    #[serde(default)]
    scopes_supported: Value,
}

impl ProtectedResource {
    /// Fetches the metadata of the resource at `url`, which answered a request without a token with
    /// 401 and these values of `WWW-Authenticate`. Without a `resource_metadata` in them, the
    /// metadata is looked for at its well-known addresses.
    ///
    /// Only addresses of the resource's own origin are asked, and the metadata counts only if its
    /// `resource` is `url` or a parent of it: a resource cannot have tokens fetched for another.
    ///
    /// # Errors
    /// `invalid_config` for a wrong `url`; `unexpected_response` for metadata that cannot be used;
    /// `not_found` if there is none.
    pub async fn discover<'h>(
        url: &str,
        www_authenticate: impl IntoIterator<Item = &'h str>,
        transport: TransportConfig,
    ) -> Result<Self> {
        let asked = https_url("url", url)?;
        let values: Vec<&str> = www_authenticate.into_iter().collect();
        let places = match challenge_parameter(&values, "resource_metadata") {
            Some(place) => vec![own_url(&place, &asked)?],
            None => well_known(&asked),
        };
        let transport = Transport::new(transport)?.named_by(Some("url"));
        let found = ask_twice("the resource's metadata", false, || first(&transport, &places));
        let found = Self::read(&found.await?, &asked)?;
        let needed = challenge_parameter(&values, "scope");
        let needed = needed.map(|scope| scope.split_whitespace().map(str::to_owned).collect());
        Ok(Self { scopes: needed.unwrap_or(found.scopes), ..found })
    }

    fn read(reply: &Reply, asked: &Url) -> Result<Self> {
        let unusable = |what: String| {
            reply.unusable(format!("the metadata of the resource at {asked} {what}"))
        };
        let document: Document =
            serde_json::from_slice(&reply.body).map_err(|_| reply.unexpected())?;
        let resource = document.resource.ok_or_else(|| unusable("has no resource".to_owned()))?;
        if !Url::parse(&resource).is_ok_and(|url| is_or_contains(&url, asked)) {
            let other = reply.sent.clean(&resource);
            return Err(unusable(format!("is of another resource, {other}")));
        }
        let servers = texts(&document.authorization_servers).unwrap_or_default();
        let usable = |server: &String| {
            published_url("authorization_servers", server, asked).is_ok()
                && IssuerUrl::parse("authorization_servers", server).is_ok()
        };
        let servers: Vec<_> = servers.into_iter().filter(usable).collect();
        if servers.is_empty() {
            let what = "names no authorization server with an https address";
            return Err(unusable(what.to_owned()));
        }
        let scopes = texts(&document.scopes_supported).unwrap_or_default();
        Ok(Self { resource, authorization_servers: servers, scopes })
    }
}

/// The first document that is there.
async fn first(transport: &Transport, places: &[Url]) -> Result<Reply> {
    for place in places {
        let request = document::request("resource_metadata", place.clone(), None);
        let reply = transport.send(request).await?;
        match reply.status {
            StatusCode::OK if reply.compression().is_some() => return Err(reply.unexpected()),
            StatusCode::OK => return Ok(reply),
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {}
            _ => return Err(reply.error()),
        }
    }
    let places = places.iter().map(Url::as_str).collect::<Vec<_>>().join(" or ");
    Err(Error::new(ErrorKind::NotFound, format!("there is no resource metadata at {places}")))
}

/// An address that the resource published for its own metadata.
fn own_url(text: &str, asked: &Url) -> Result<Url> {
    let refused = |what: &str| {
        let message = format!("the resource at {asked} is refused: its resource_metadata {what}");
        Error::new(ErrorKind::UnexpectedResponse, message)
    };
    let url = published_url("resource_metadata", text, asked)
        .map_err(|_| refused("is not an https address"))?;
    if url.origin() != asked.origin() {
        return Err(refused("is on another host"));
    }
    Ok(url)
}

/// Where RFC 9728, section 3, puts the metadata: that of the resource itself, then of its host.
fn well_known(asked: &Url) -> Vec<Url> {
    let path = asked.path().strip_suffix('/').unwrap_or(asked.path());
    let at = |path: &str, query: Option<&str>| {
        let mut url = asked.clone();
        url.set_path(&format!("/.well-known/oauth-protected-resource{path}"));
        url.set_query(query);
        url
    };
    let mut places = vec![at(path, asked.query())];
    if !path.is_empty() {
        places.push(at("", None));
    }
    places
}

/// Whether `resource` is the resource that was asked, or a parent of it on the same host.
fn is_or_contains(resource: &Url, asked: &Url) -> bool {
    let parent = resource.path().strip_suffix('/').unwrap_or(resource.path());
    let below = asked.path().strip_prefix(parent);
    resource.origin() == asked.origin()
        && resource.fragment().is_none()
        && resource.username().is_empty()
        && (resource.query().is_none() || resource.query() == asked.query())
        && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
