//! The tenant: its objects in the shape of Auth0's Management API.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{json as strict, lock::lock, secret, seed::SeedError};

/// One of Auth0's objects.
pub(super) type Object = Map<String, Value>;

const MANAGEMENT_SCOPES: [&str; 6] = [
    "read:clients",
    "read:client_keys",
    "read:client_credentials",
    "read:client_grants",
    "read:organization_client_grants",
    "read:resource_servers",
];

/// The member of a seeded grant that the API shows at an address of its own.
pub(super) const ORGANIZATIONS: &str = "organizations";

/// An Auth0 tenant to migrate from. Objects are as Auth0's Management API shows them; absent
/// members get Auth0's defaults.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Auth0Seed {
    /// The client with access to the Management API.
    #[serde(deserialize_with = "strict::object")]
    pub management_client: Auth0ManagementClient,
    /// Each needs a `client_id`.
    #[schema(value_type = Vec<Object>)]
    pub clients: Vec<Map<String, Value>>,
    /// Each needs a `client_id` and an `audience`; `organizations` are the ids of the organizations
    /// that it is associated with.
    #[schema(value_type = Vec<Object>)]
    pub client_grants: Vec<Map<String, Value>>,
    /// Each needs an `identifier`.
    #[schema(value_type = Vec<Object>)]
    pub resource_servers: Vec<Map<String, Value>>,
}

/// The client with access to the Management API. Missing values are generated.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Auth0ManagementClient {
    /// The client id.
    pub client_id: Option<String>,
    /// The client secret.
    pub client_secret: Option<String>,
    /// Scopes of the Management API. Default: all that a migration needs.
    pub scopes: Option<Vec<String>>,
}

/// The credentials for the tenant's Management API.
#[derive(Clone, Serialize, ToSchema)]
#[non_exhaustive]
pub struct Auth0Credentials {
    /// The `iss` of the tenant's tokens, with a trailing slash.
    pub issuer: String,
    /// The `audience` of the Management API.
    pub management_audience: String,
    /// The client id.
    pub client_id: String,
    /// The client secret.
    pub client_secret: String,
}

#[derive(Clone)]
pub(crate) struct TenantObjects {
    pub(super) credentials: Auth0Credentials,
    pub(super) clients: Vec<Object>,
    pub(super) client_grants: Vec<Object>,
    pub(super) resource_servers: Vec<Object>,
    /// The scopes of each Management API token.
    tokens: BTreeMap<String, Vec<String>>,
}

pub(crate) struct Tenant(Mutex<TenantObjects>);

impl Tenant {
    pub(crate) fn new(objects: TenantObjects) -> Self {
        Self(Mutex::new(objects))
    }

    pub(crate) fn replace(&self, objects: TenantObjects) {
        *lock(&self.0) = objects;
    }

    pub(crate) fn credentials(&self) -> Auth0Credentials {
        lock(&self.0).credentials.clone()
    }

    pub(super) fn objects(&self) -> MutexGuard<'_, TenantObjects> {
        lock(&self.0)
    }
}

impl TenantObjects {
    pub(super) fn store_token(&mut self, token: String, scopes: Vec<String>) {
        self.tokens.insert(token, scopes);
    }

    pub(super) fn scopes_of(&self, token: &str) -> Option<&[String]> {
        self.tokens.get(token).map(Vec::as_slice)
    }
}

impl Auth0Seed {
    pub(crate) fn build(self, base_url: &str) -> Result<TenantObjects, SeedError> {
        let manager = self.management_client;
        let credentials = Auth0Credentials {
            issuer: format!("{base_url}/"),
            management_audience: format!("{base_url}/api/v2/"),
            client_id: manager.client_id.unwrap_or_else(|| "auth0-management-client".into()),
            client_secret: manager.client_secret.map_or_else(generate_secret, Ok)?,
        };
        let scopes = manager.scopes.unwrap_or_else(|| MANAGEMENT_SCOPES.map(Into::into).into());
        let mut clients = system_clients(&credentials);
        for (index, client) in self.clients.into_iter().enumerate() {
            clients.push(complete_client(client, index)?);
        }
        let mut client_grants = vec![object(json!({
            "id": "cgr_management",
            "client_id": credentials.client_id,
            "audience": credentials.management_audience,
            "scope": scopes,
            "subject_type": "client",
            "is_system": true,
        }))];
        for (index, grant) in self.client_grants.into_iter().enumerate() {
            client_grants.push(complete_grant(grant, index)?);
        }
        let mut resource_servers = vec![object(json!({
            "id": "rs_management",
            "name": "Auth0 Management API",
            "identifier": credentials.management_audience,
            "scopes": MANAGEMENT_SCOPES.map(|scope| json!({ "value": scope })),
            "signing_alg": "RS256",
            "token_lifetime": 86_400,
            "token_dialect": "access_token",
            "is_system": true,
        }))];
        for (index, server) in self.resource_servers.into_iter().enumerate() {
            resource_servers.push(complete_resource_server(server, index)?);
        }
        Ok(TenantObjects {
            credentials,
            clients,
            client_grants,
            resource_servers,
            tokens: BTreeMap::new(),
        })
    }
}

/// Clients that every tenant has and that a migration skips.
fn system_clients(credentials: &Auth0Credentials) -> Vec<Object> {
    let global = json!({
        "client_id": "auth0-global-client",
        "name": "All Applications",
        "global": true,
        "grant_types": [],
    });
    let manager = json!({
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "name": "Management client",
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "global": false,
    });
    vec![object(global), object(manager)]
}

fn complete_client(mut client: Object, index: usize) -> Result<Object, SeedError> {
    let place = || format!("auth0.clients[{index}]");
    let client_id = require(&client, "client_id", place)?;
    let has_no_secret = client.contains_key("client_authentication_methods");
    if !has_no_secret && !client.contains_key("client_secret") {
        client.insert("client_secret".into(), generate_secret()?.into());
    }
    default(&mut client, "name", json!(client_id));
    default(&mut client, "app_type", json!("non_interactive"));
    default(&mut client, "grant_types", json!(["client_credentials"]));
    default(&mut client, "global", json!(false));
    Ok(client)
}

fn complete_grant(mut grant: Object, index: usize) -> Result<Object, SeedError> {
    let place = || format!("auth0.client_grants[{index}]");
    require(&grant, "client_id", place)?;
    require(&grant, "audience", place)?;
    let is_list =
        |value: &Value| value.as_array().is_some_and(|all| all.iter().all(Value::is_string));
    if grant.get(ORGANIZATIONS).is_some_and(|value| !is_list(value)) {
        return Err(SeedError::invalid(place(), "organizations must be a list of ids"));
    }
    default(&mut grant, "id", json!(format!("cgr_{index}")));
    default(&mut grant, "scope", json!([]));
    default(&mut grant, "subject_type", json!("client"));
    default(&mut grant, "allow_all_scopes", json!(false));
    Ok(grant)
}

fn complete_resource_server(mut server: Object, index: usize) -> Result<Object, SeedError> {
    let place = || format!("auth0.resource_servers[{index}]");
    let identifier = require(&server, "identifier", place)?;
    default(&mut server, "id", json!(format!("rs_{index}")));
    default(&mut server, "name", json!(identifier));
    default(&mut server, "scopes", json!([]));
    default(&mut server, "signing_alg", json!("RS256"));
    default(&mut server, "token_lifetime", json!(86_400));
    default(&mut server, "token_dialect", json!("access_token"));
    Ok(server)
}

pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn flag(object: &Object, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn strings(object: &Object, name: &str) -> Vec<String> {
    let values = object.get(name).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}

fn default(object: &mut Object, name: &str, value: Value) {
    object.entry(name).or_insert(value);
}

fn require(object: &Object, name: &str, place: impl Fn() -> String) -> Result<String, SeedError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| SeedError::invalid(place(), format!("{name} is missing")))
}

fn generate_secret() -> Result<String, SeedError> {
    secret::generate().map_err(|_| {
        SeedError::invalid("auth0", "the cryptographic library failed to generate a secret")
    })
}
