//! A tenant's records, in the format of Auth0's Management API.

use std::collections::{BTreeMap, HashMap};

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::secret::Secret;

/// Placeholders for secrets in the files of Auth0's own tools.
const SECRET_PLACEHOLDERS: [&str; 2] = ["_VALUE_NOT_SHOWN_", "_EXCLUDED_"];

/// A tenant's applications with their secrets, its grants and its APIs.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Auth0Export {
    /// The tenant: its domain, or the issuer of its tokens.
    pub tenant: String,
    /// The applications.
    pub clients: Vec<Auth0Client>,
    /// The grants: which application can call which API.
    #[serde(alias = "clientGrants")]
    pub client_grants: Vec<Auth0Grant>,
    /// The APIs.
    #[serde(alias = "resourceServers")]
    pub resource_servers: Vec<Auth0ResourceServer>,
    /// The application that read the tenant, which is not imported.
    #[serde(default)]
    pub reader_client_id: Option<String>,
}

/// An application.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Auth0Client {
    /// The application's id.
    pub client_id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Its description.
    #[serde(default)]
    pub description: Option<String>,
    /// The application's secret, if it can be read.
    #[serde(default)]
    pub client_secret: Option<Secret>,
    /// The grant types that the application can use.
    #[serde(default)]
    pub grant_types: Option<Vec<String>>,
    /// Whether it is the global client that every tenant has.
    #[serde(default)]
    pub global: Option<bool>,
    /// The names of the authentication methods other than a secret: a private key, a certificate.
    /// Their settings are not read.
    #[serde(default, deserialize_with = "method_names")]
    pub client_authentication_methods: Vec<String>,
    /// The tenant's own metadata about the application.
    #[serde(default)]
    pub client_metadata: Option<Map<String, Value>>,
    /// The id of the organization that its tokens are for when a request names none. In a file as
    /// the Management API returns it: an object with `organization_id` and `flows`.
    #[serde(default, deserialize_with = "default_organization")]
    pub default_organization: Option<String>,
}

/// The access of an application to an API.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Auth0Grant {
    /// The grant's id.
    #[serde(default)]
    pub id: Option<String>,
    /// The application.
    pub client_id: String,
    /// The API's identifier.
    pub audience: String,
    /// The scopes.
    #[serde(default)]
    pub scope: Option<Vec<String>>,
    /// Whether all scopes of the API are granted, including future ones.
    #[serde(default)]
    pub allow_all_scopes: Option<bool>,
    /// Whether a token may, or must, be for an organization: `deny`, `allow`, `require`.
    #[serde(default)]
    pub organization_usage: Option<String>,
    /// Whether a token may be for any organization, and not only for those in `organizations`.
    #[serde(default)]
    pub allow_any_organization: Option<bool>,
    /// The ids of the organizations that the grant is associated with, if they were read. In a file
    /// also as the Management API returns them, as objects with an `id`.
    #[serde(default, deserialize_with = "organization_ids")]
    pub organizations: Option<Vec<String>>,
    /// Whether Auth0 created the grant for its own use.
    #[serde(default)]
    pub is_system: Option<bool>,
    /// `client`, or `user` for grants on behalf of users.
    #[serde(default)]
    pub subject_type: Option<String>,
}

/// An API.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Auth0ResourceServer {
    /// The API's identifier, which is the audience of its tokens.
    pub identifier: String,
    /// The scopes that the API defines.
    #[serde(default)]
    pub scopes: Option<Vec<Auth0Scope>>,
    /// The signature algorithm of its tokens.
    #[serde(default)]
    pub signing_alg: Option<String>,
    /// The lifetime of its tokens, in seconds.
    #[serde(default)]
    pub token_lifetime: Option<u64>,
    /// Whether the API is one of Auth0's own.
    #[serde(default)]
    pub is_system: Option<bool>,
}

/// A scope of an API.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(not(feature = "internals"), non_exhaustive)]
pub struct Auth0Scope {
    /// Its name.
    pub value: String,
}

impl Auth0Export {
    /// Reads an export from JSON: `tenant`, and the lists `clients`, `client_grants` and
    /// `resource_servers` as the Management API returns them.
    ///
    /// # Errors
    /// `invalid_config` with the line's number. The line itself may be a secret and is not shown.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Error::invalid_config(
                "export",
                format!(
                    "line {} of the export is not in the Management API's format: the export must \
                     be an object of tenant, clients, client_grants and resource_servers",
                    error.line()
                ),
            )
        })
    }

    /// Whether `audience` is Auth0's own Management API, and not an API of the tenant with a
    /// similar name. Its domain is the tenant's own, even if the tenant has a custom domain.
    fn is_management_api(&self, audience: &str) -> bool {
        let bare = audience.split_once("://").map_or(audience, |(_, bare)| bare);
        let host = bare.strip_suffix("/api/v2/");
        host.is_some_and(|host| host == self.domain() || host.ends_with(".auth0.com"))
    }

    /// Whether the grant is for one of the tenant's own APIs, and not on behalf of users.
    pub(super) fn counts(&self, grant: &Auth0Grant) -> bool {
        grant.is_system != Some(true)
            && !self.is_management_api(&grant.audience)
            && !grant.is_for_users()
    }

    /// The tenant's own APIs.
    pub(super) fn own_apis(&self) -> impl Iterator<Item = &Auth0ResourceServer> {
        let own = |server: &&Auth0ResourceServer| {
            server.is_system != Some(true) && !self.is_management_api(&server.identifier)
        };
        self.resource_servers.iter().filter(own)
    }

    /// The tenant's domain, without scheme and slash.
    pub(super) fn domain(&self) -> &str {
        domain_of(&self.tenant)
    }

    /// The readable secrets by client.
    pub(super) fn secrets(&self) -> HashMap<&str, &Secret> {
        let clients = self.clients.iter();
        clients.filter_map(|one| Some((one.client_id.as_str(), one.readable_secret()?))).collect()
    }

    /// The reason, as a code and in words, why `secrets` does not have the client's secret.
    pub(super) fn why_no_secret(&self, client_id: &str) -> (&'static str, &'static str) {
        match self.clients.iter().any(|one| one.client_id == client_id) {
            true => ("no_secret", "its secret cannot be read at Auth0"),
            false => ("gone", "it is no longer at Auth0, so its secret is not known"),
        }
    }

    pub(super) fn resource_server(&self, audience: &str) -> Option<&Auth0ResourceServer> {
        self.resource_servers.iter().find(|server| server.identifier == audience)
    }
}

impl Auth0Client {
    /// The secret, if it can be read.
    pub(super) fn readable_secret(&self) -> Option<&Secret> {
        let shown = |secret: &&Secret| {
            let text = secret.expose();
            !text.is_empty()
                && !SECRET_PLACEHOLDERS.contains(&text)
                && !text.chars().all(|c| c == '*')
        };
        self.client_secret.as_ref().filter(shown)
    }

    pub(super) fn is_m2m(&self) -> bool {
        let grants = self.grant_types.as_deref().unwrap_or_default();
        grants.iter().any(|grant| grant == "client_credentials")
    }

    /// Whether it authenticates by another method than its secret.
    pub(super) fn uses_key(&self) -> bool {
        !self.client_authentication_methods.is_empty()
    }
}

impl Auth0Grant {
    /// Whether the grant is for calls on behalf of users.
    pub(super) fn is_for_users(&self) -> bool {
        self.subject_type.as_deref() == Some("user")
    }

    pub(super) fn needs_organization(&self) -> bool {
        self.organization_usage.as_deref() == Some("require")
    }

    pub(super) fn allows_organization(&self) -> bool {
        self.organization_usage.as_deref() == Some("allow")
    }

    pub(super) fn is_for_any_organization(&self) -> bool {
        self.allow_any_organization == Some(true)
    }

    /// Whether Auth0 issues tokens for this organization by it.
    pub(super) fn permits(&self, organization: &str) -> bool {
        let is_known = || self.organizations.iter().flatten().any(|one| one == organization);
        (self.needs_organization() || self.allows_organization())
            && (self.is_for_any_organization() || is_known())
    }

    /// The names of the granted scopes; if all are granted, the scopes that the API defines today.
    pub(super) fn scopes<'a>(&'a self, export: &'a Auth0Export) -> Vec<&'a str> {
        match self.allow_all_scopes {
            Some(true) => export
                .resource_server(&self.audience)
                .map(Auth0ResourceServer::scope_names)
                .unwrap_or_default(),
            _ => self.scope.iter().flatten().map(String::as_str).collect(),
        }
    }
}

impl Auth0ResourceServer {
    pub(super) fn scope_names(&self) -> Vec<&str> {
        self.scopes.iter().flatten().map(|scope| scope.value.as_str()).collect()
    }
}

/// A tenant's domain, without scheme and slash.
pub(super) fn domain_of(tenant: &str) -> &str {
    let bare = tenant.split_once("://").map_or(tenant, |(_, bare)| bare);
    bare.trim_end_matches('/')
}

/// The default organization of machine-to-machine tokens.
fn default_organization<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Default {
        organization_id: String,
        #[serde(default)]
        flows: Vec<String>,
    }
    let default = Option::<Default>::deserialize(deserializer)?;
    let own = default.filter(|one| one.flows.iter().any(|flow| flow == "client_credentials"));
    Ok(own.map(|one| one.organization_id))
}

/// Ids, also of objects that have one.
fn organization_ids<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Organization {
        Id(String),
        Object { id: String },
    }
    let all = Option::<Vec<Organization>>::deserialize(deserializer)?;
    let id = |one| match one {
        Organization::Id(id) | Organization::Object { id } => id,
    };
    Ok(all.map(|all| all.into_iter().map(id).collect()))
}

/// The names of the members that are not null.
fn method_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Vec<String>, D::Error> {
    let methods = Option::<BTreeMap<String, Option<IgnoredAny>>>::deserialize(deserializer)?;
    let methods = methods.into_iter().flatten().filter(|(_, method)| method.is_some());
    Ok(methods.map(|(name, _)| name).collect())
}
