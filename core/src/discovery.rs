//! What an authorization server says about itself: RFC 8414 and OpenID Connect Discovery.

mod cache;
pub(crate) mod resource;

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::config::https_url;
use crate::error::{Error, ErrorKind, Result};
use crate::http::Reply;
use crate::json::lenient;
pub(crate) use cache::Discovery;

/// The parts of a discovery document that are used.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) token_endpoint: Option<Url>,
    /// The token endpoint for client certificates (RFC 8705, section 5).
    pub(crate) mtls_token_endpoint: Option<Url>,
    pub(crate) jwks_uri: Option<Url>,
    /// `token_endpoint_auth_methods_supported`.
    pub(crate) auth_methods: Vec<String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "lenient::text")]
    issuer: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    token_endpoint: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    jwks_uri: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Value,
    #[serde(default, deserialize_with = "lenient::object")]
    mtls_endpoint_aliases: Option<Map<String, Value>>,
}

/// The address of an issuer, which is compared exactly with what its document says.
#[derive(Clone, Debug)]
pub(crate) struct IssuerUrl {
    text: String,
    url: Url,
}

impl IssuerUrl {
    /// Parses an https URL (http on loopback) without query.
    pub(crate) fn parse(field: &str, text: &str) -> Result<Self> {
        let url = https_url(field, text)?;
        if url.query().is_some() {
            return Err(Error::invalid_config(field, format!("{field} must not have a query")));
        }
        if url.path().contains("/.well-known/") {
            let message = format!(
                "{field} must be the issuer, not the address of its document: omit /.well-known/ \
                 and what follows"
            );
            return Err(Error::invalid_config(field, message));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    fn url(&self) -> &Url {
        &self.url
    }

    /// Where its document may be: RFC 8414's address, OpenID Connect's, and for an issuer with a
    /// path OpenID Connect's as RFC 8414 builds it.
    fn document_urls(&self) -> Vec<Url> {
        let path = self.url.path().strip_suffix('/').unwrap_or(self.url.path());
        let at = |path: String| {
            let mut url = self.url.clone();
            url.set_path(&path);
            url
        };
        let mut urls = vec![
            at(format!("/.well-known/oauth-authorization-server{path}")),
            at(format!("{path}/.well-known/openid-configuration")),
        ];
        if !path.is_empty() {
            urls.push(at(format!("/.well-known/openid-configuration{path}")));
        }
        urls
    }

    /// Reads the document of this issuer.
    fn metadata(&self, reply: &Reply) -> Result<Metadata> {
        if reply.compression().is_some() {
            return Err(reply.unexpected());
        }
        let document: Document =
            serde_json::from_slice(&reply.body).map_err(|_| reply.unexpected())?;
        let unusable = |what: String| {
            reply.unusable(format!("the discovery document of {} {what}", self.text))
        };
        match &document.issuer {
            Some(issuer) if *issuer == self.text => {}
            Some(issuer) => {
                let other = reply.sent.clean(issuer);
                return Err(unusable(format!(
                    "names another issuer, {other}: set issuer to exactly what the server calls \
                     itself, with or without a slash at the end"
                )));
            }
            None => return Err(unusable("does not name its issuer".to_owned())),
        }
        let url = |name: &str, text: Option<&str>| {
            let published = text.map(|text| published_url(name, text, &self.url));
            published.transpose().map_err(|error| {
                let what = format!("is refused: its {}", error.details().message);
                unusable(what)
            })
        };
        let alias = document.mtls_endpoint_aliases.as_ref();
        let alias = alias.and_then(|aliases| aliases.get("token_endpoint")).and_then(Value::as_str);
        Ok(Metadata {
            token_endpoint: url("token_endpoint", document.token_endpoint.as_deref())?,
            mtls_token_endpoint: url("token_endpoint in mtls_endpoint_aliases", alias)?,
            jwks_uri: url("jwks_uri", document.jwks_uri.as_deref())?,
            auth_methods: texts(&document.token_endpoint_auth_methods_supported)
                .unwrap_or_else(|| vec!["client_secret_basic".to_owned()]),
        })
    }
}

/// Parses an address that a server published. It must be https, and may lead to this machine only
/// if `publisher` is on this machine as well.
fn published_url(name: &str, text: &str, publisher: &Url) -> Result<Url> {
    let url = https_url(name, text)?;
    if is_local(&url) && !is_local(publisher) {
        let message = format!("{name} leads to this machine, although its publisher is elsewhere");
        return Err(Error::new(ErrorKind::UnexpectedResponse, message));
    }
    Ok(url)
}

/// Whether the host is this machine, or an address that only means something on it.
fn is_local(url: &Url) -> bool {
    let is_special = |ip: IpAddr| match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified(),
    };
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => is_special(ip.into()),
        Some(Host::Ipv6(ip)) => is_special(ip.into()),
        None => false,
    }
}

/// The texts of an array; `None` for any other value.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter().filter_map(Value::as_str);
    Some(texts.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_address_is_https_and_leads_to_this_machine_only_from_it() {
        let remote = Url::parse("https://issuer.example").unwrap();
        let here = Url::parse("http://127.0.0.1:1").unwrap();
        for (address, from_remote, from_here) in [
            ("https://issuer.example/token", true, true),
            ("https://login.another.example/token?a=b", true, true),
            ("https://10.0.0.1:6443/openid/v1/jwks", true, true),
            ("http://issuer.example/token", false, false),
            ("http://127.0.0.1/token", false, true),
            ("https://127.0.0.1/token", false, true),
            ("https://2130706433/token", false, true),
            ("https://localhost/token", false, true),
            ("https://a.localhost./token", false, true),
            ("https://[::1]/token", false, true),
            ("https://[::ffff:127.0.0.1]/token", false, true),
            ("https://169.254.169.254/latest", false, true),
            ("https://[fe80::1]/token", false, true),
            ("https://0.0.0.0/token", false, true),
            ("http://10.0.0.1/token", false, false),
            ("https://user@issuer.example/", false, false),
            ("file:///etc/passwd", false, false),
            ("https://issuer.example/#a", false, false),
        ] {
            for (publisher, expected) in [(&remote, from_remote), (&here, from_here)] {
                let found = published_url("token_endpoint", address, publisher);
                assert_eq!(found.is_ok(), expected, "{address} of {publisher}");
            }
        }
    }
}
