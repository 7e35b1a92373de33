//! Reading a tenant through Auth0's Management API.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _};
use url::Url;

use super::rate_gate::RateGate;
use super::records::{Auth0Client, Auth0Export, Auth0Grant, Auth0ResourceServer};
use crate::config::{TransportConfig, base_url_of, join};
use crate::error::{Error, ErrorKind, Result};
use crate::http::{
    Body, HeaderValue, MANAGEMENT_LIMIT, Method, Repeat, Reply, Request, StatusCode, Transport,
};
use crate::secret::Secret;
use crate::token::source::{TokenSource, TokenSourceConfig};

/// Objects per page, Auth0's maximum.
const PAGE: &str = "100";
/// The fields to read of each application.
const CLIENT_FIELDS: &str = "client_id,name,description,client_secret,grant_types,global,\
                             client_authentication_methods,client_metadata,\
                             default_organization";

/// Settings of an [`Auth0Tenant`].
#[derive(Clone, Debug, Default)]
pub struct Auth0TenantConfig {
    /// The tenant's own domain, such as `acme.eu.auth0.com`, not a custom one; a URL works too.
    pub domain: String,
    /// The id of an application that has the Management API's scopes `read:clients`,
    /// `read:client_keys`, `read:client_grants` and `read:resource_servers`, and for grants that are
    /// for organizations also `read:organization_client_grants`.
    pub client_id: String,
    /// The application's secret.
    pub client_secret: Secret,
    /// Timeouts, TLS and proxy.
    pub transport: TransportConfig,
}

impl Auth0TenantConfig {
    /// Default settings for this application.
    #[must_use]
    pub fn new(
        domain: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        let (domain, client_id) = (domain.into(), client_id.into());
        let client_secret = client_secret.into();
        Self { domain, client_id, client_secret, transport: TransportConfig::default() }
    }
}

/// The progress of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct ExportProgress {
    /// Number of applications read.
    pub clients: usize,
    /// Number of grants read.
    pub client_grants: usize,
    /// Number of APIs read.
    pub resource_servers: usize,
}

/// Reads an Auth0 tenant.
pub struct Auth0Tenant {
    base: Url,
    client_id: String,
    tokens: TokenSource,
    transport: Transport,
    gate: RateGate,
}

impl fmt::Debug for Auth0Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth0Tenant").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl Auth0Tenant {
    /// Makes a reader of `config`'s tenant. No I/O.
    ///
    /// # Errors
    /// `invalid_config`, naming the field.
    pub fn new(config: Auth0TenantConfig) -> Result<Self> {
        let Auth0TenantConfig { domain, client_id, client_secret, transport } = config;
        let url = if domain.contains("://") { domain } else { format!("https://{domain}") };
        let base = base_url_of("domain", &url)?;
        let tokens = TokenSourceConfig {
            token_url: Some(format!("{base}oauth/token")),
            client_id: client_id.clone(),
            client_secret: Some(client_secret.into()),
            extra: BTreeMap::from([("audience".to_owned(), format!("{base}api/v2/"))]),
            transport: transport.clone(),
            ..TokenSourceConfig::default()
        };
        let tokens = TokenSource::named_by(tokens, Some("domain"))?;
        let transport = Transport::new(transport)?.named_by(Some("domain"));
        Ok(Self { base, client_id, tokens, transport, gate: RateGate::default() })
    }

    /// Reads all applications with their secrets, all grants and all APIs, and calls `progress`
    /// after each page. Waits as Auth0's rate limits require.
    ///
    /// # Errors
    /// `authentication` or `permission_denied` if the application cannot read the tenant; otherwise
    /// the last error after all retries.
    pub async fn export(&self, mut progress: impl FnMut(ExportProgress)) -> Result<Auth0Export> {
        let mut so_far = ExportProgress::default();
        let clients: Vec<Auth0Client> = self
            .list(&["clients"], &[("fields", CLIENT_FIELDS), ("include_fields", "true")], |n| {
                so_far.clients = n;
                progress(so_far);
            })
            .await?;
        let mut client_grants: Vec<Auth0Grant> = self
            .list(&["client-grants"], &[], |n| {
                so_far.client_grants = n;
                progress(so_far);
            })
            .await?;
        let resource_servers: Vec<Auth0ResourceServer> = self
            .list(&["resource-servers"], &[], |n| {
                so_far.resource_servers = n;
                progress(so_far);
            })
            .await?;
        self.read_organizations(&mut client_grants).await?;
        Ok(Auth0Export {
            tenant: self.base.to_string(),
            clients,
            client_grants,
            resource_servers,
            reader_client_id: Some(self.client_id.clone()),
        })
    }

    /// Reads which organizations the grants are for. Without the permission for it they stay
    /// unknown, which the plan says of each client.
    async fn read_organizations(&self, grants: &mut [Auth0Grant]) -> Result<()> {
        for grant in grants {
            let uses_some = grant.needs_organization() || grant.allows_organization();
            let Some(id) = grant.id.as_ref().filter(|_| uses_some) else { continue };
            if grant.is_for_any_organization() {
                continue;
            }
            let path = ["client-grants", id, "organizations"];
            match self.list(&path, &[], |_| {}).await {
                Ok(all) => {
                    let ids = all.into_iter().map(|Organization { id }| id);
                    grant.organizations = Some(ids.collect());
                }
                Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads a whole list by checkpoints, since numbered pages end at 1,000 objects.
    async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<T>> {
        // The last part of the path names the list.
        let name = path.last().unwrap_or(&"").replace('-', "_");
        let mut all = Vec::new();
        let mut from: Option<String> = None;
        loop {
            let mut url = join(&self.base, &[&["api", "v2"], path].concat());
            url.query_pairs_mut().append_pair("take", PAGE).extend_pairs(query);
            if let Some(from) = &from {
                url.query_pairs_mut().append_pair("from", from);
            }
            let reply = self.get(url).await?;
            let page = Page::read(&reply.body, &name)
                .ok_or_else(|| unexpected(&format!("Auth0's response has no list of {name}")))?;
            all.extend(page.items);
            progress(all.len());
            match page.next {
                Some(next) if from.as_ref() == Some(&next) => {
                    return Err(unexpected("Auth0 returned the same checkpoint twice"));
                }
                Some(next) => from = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// Reads one page, with retries.
    async fn get(&self, url: Url) -> Result<Reply> {
        self.gate.retry(|| self.try_get(url.clone())).await
    }

    async fn try_get(&self, url: Url) -> Result<Reply> {
        let authorization = self.tokens.authorization_header().await.map_err(|e| refused(&e))?;
        let mut authorization = HeaderValue::from_str(authorization.expose())
            .map_err(|_| unexpected("Auth0's token cannot be sent in a header"))?;
        authorization.set_sensitive(true);
        let request = Request {
            operation: "auth0_export",
            method: Method::GET,
            url,
            authorization: Some(authorization),
            if_none_match: None,
            body: Body::Empty,
            limit: MANAGEMENT_LIMIT,
            repeat: Repeat::Safe,
            attempt_timeout: None,
        };
        let reply = self.transport.send(request).await?;
        let now = self.transport.config().clock.now().wall;
        if let Some(pause) = pause_asked_for(&reply, now) {
            self.gate.hold(pause);
        }
        match reply.status {
            StatusCode::FORBIDDEN => Err(not_allowed(&reply.error())),
            status if status.is_success() => Ok(reply),
            _ => Err(reply.error()),
        }
    }
}

/// An organization of the tenant.
#[derive(Deserialize)]
struct Organization {
    id: String,
}

/// A page: `{"clients": [...], "next": "..."}`, or only the list if it is the only page. Its
/// content is parsed straight into records, whose secrets are overwritten when dropped.
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T: DeserializeOwned> Page<T> {
    /// The page in `body` whose list is called `name`.
    fn read(body: &[u8], name: &str) -> Option<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let page = deserializer.deserialize_any(PageVisitor(name, PhantomData)).ok()?;
        deserializer.end().ok()?;
        Some(page)
    }
}

struct PageVisitor<'n, T>(&'n str, PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for PageVisitor<'_, T> {
    type Value = Page<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Page<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Page { items, next: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Page<T>, A::Error> {
        let (mut items, mut next) = (None, None);
        while let Some(name) = members.next_key::<String>()? {
            if name == self.0 {
                items = Some(members.next_value()?);
            } else if name == "next" {
                next = members.next_value::<Option<String>>()?.filter(|next| !next.is_empty());
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        let items = items.ok_or_else(|| A::Error::custom("the list is missing"))?;
        Ok(Page { items, next })
    }
}

/// The time to wait before the next request when Auth0's headers say that none is left.
fn pause_asked_for(reply: &Reply, now: f64) -> Option<Duration> {
    let header = |name| reply.headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    if header("x-ratelimit-remaining")? > 0.0 {
        return None;
    }
    Duration::try_from_secs_f64(header("x-ratelimit-reset")? - now).ok()
}

/// The error of Auth0's token endpoint, which returns `access_denied` both for wrong credentials
/// and for missing rights.
fn refused(error: &Error) -> Error {
    match error.details().status_code {
        Some(401) => {
            let message = "Auth0 refuses the application's id or secret";
            Error::new(ErrorKind::Authentication, message).with(|d| d.status_code = Some(401))
        }
        Some(403) => not_allowed(error),
        _ => error.clone(),
    }
}

fn not_allowed(error: &Error) -> Error {
    let message = "Auth0 does not let this application read the tenant: grant it read:clients, \
                   read:client_keys, read:client_grants and read:resource_servers on the \
                   Management API";
    Error::new(ErrorKind::PermissionDenied, message).with(|d| {
        d.status_code = error.details().status_code;
        d.request_id.clone_from(&error.details().request_id);
    })
}

fn unexpected(what: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, what)
}
