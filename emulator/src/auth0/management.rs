//! The Management API, as far as a migration reads it.

use axum::{
    Json,
    extract::{FromRequestParts, Query, State},
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    listing::{ListKind, Listing},
    tenant::{ORGANIZATIONS, Object, flag, strings, text},
};
use crate::{
    reply::{ApiError, ManagementError},
    request::{PathParameter, bearer},
    state::SharedState,
};

/// The scopes that may read keys and secrets.
const KEY_SCOPES: [&str; 2] = ["read:client_keys", "read:client_credentials"];
const KEY_FIELDS: [&str; 4] =
    ["client_secret", "client_authentication_methods", "signing_keys", "encryption_key"];

/// A list; with `include_totals` or checkpoints an object that contains it.
#[derive(ToSchema)]
#[schema(value_type = Value)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Auth0List(Value);

/// The scopes of a request's Management API token.
pub(crate) struct TokenScopes(Vec<String>);

impl FromRequestParts<SharedState> for TokenScopes {
    type Rejection = ManagementError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &SharedState,
    ) -> Result<Self, Self::Rejection> {
        let token = bearer(&parts.headers).ok_or_else(ManagementError::unauthorized)?;
        let tenant = state.auth0.objects();
        let scopes = tenant.scopes_of(token).ok_or_else(ManagementError::unauthorized)?;
        Ok(Self(scopes.to_vec()))
    }
}

impl TokenScopes {
    fn has_any(&self, expected: &[&str]) -> bool {
        self.0.iter().any(|scope| expected.contains(&scope.as_str()))
    }

    fn require_any(&self, expected: &[&str]) -> Result<(), ManagementError> {
        if self.has_any(expected) {
            Ok(())
        } else {
            Err(ManagementError::insufficient_scope(expected))
        }
    }
}

/// A query string, with Auth0's own error for an invalid one.
pub(crate) struct Auth0Query<T>(T);

impl<T: DeserializeOwned> FromRequestParts<SharedState> for Auth0Query<T> {
    type Rejection = ManagementError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &SharedState,
    ) -> Result<Self, Self::Rejection> {
        let query = Query::from_request_parts(parts, state).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|error| ManagementError::invalid_query(error.body_text()))
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ClientFilter {
    /// Types, separated by commas.
    app_type: Option<String>,
    is_global: Option<bool>,
}

/// List the tenant's clients
#[utoipa::path(
    get,
    path = "/api/v2/clients",
    operation_id = "auth0_clients",
    tag = "Auth0",
    security(("auth0" = [])),
    params(Listing, ClientFilter),
    responses((status = OK, body = Auth0List), ManagementError)
)]
pub(crate) async fn clients(
    State(state): State<SharedState>,
    scopes: TokenScopes,
    Auth0Query(listing): Auth0Query<Listing>,
    Auth0Query(filter): Auth0Query<ClientFilter>,
) -> Result<Json<Value>, ManagementError> {
    scopes.require_any(&["read:clients", "read:client_keys", "read:client_credentials"])?;
    let mut clients = state.auth0.objects().clients.clone();
    clients.retain(|client| {
        let app_type = text(client, "app_type");
        filter.app_type.as_ref().is_none_or(|types| types.split(',').any(|one| one == app_type))
            && filter.is_global.is_none_or(|wanted| flag(client, "global") == wanted)
    });
    if !scopes.has_any(&KEY_SCOPES) {
        for client in &mut clients {
            client.retain(|name, _| !KEY_FIELDS.contains(&name.as_str()));
        }
    }
    let kind = ListKind { list_name: "clients", id_name: "client_id" };
    listing.answer(clients, &kind).map(Json)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GrantFilter {
    client_id: Option<String>,
    audience: Option<String>,
    subject_type: Option<String>,
}

/// List the tenant's client grants
#[utoipa::path(
    get,
    path = "/api/v2/client-grants",
    operation_id = "auth0_client_grants",
    tag = "Auth0",
    security(("auth0" = [])),
    params(Listing, GrantFilter),
    responses((status = OK, body = Auth0List), ManagementError)
)]
pub(crate) async fn client_grants(
    State(state): State<SharedState>,
    scopes: TokenScopes,
    Auth0Query(listing): Auth0Query<Listing>,
    Auth0Query(filter): Auth0Query<GrantFilter>,
) -> Result<Json<Value>, ManagementError> {
    scopes.require_any(&["read:client_grants"])?;
    let mut grants = state.auth0.objects().client_grants.clone();
    grants.retain(|grant| {
        let is = |name, wanted: &Option<String>| {
            wanted.as_ref().is_none_or(|wanted| text(grant, name) == wanted)
        };
        is("client_id", &filter.client_id)
            && is("audience", &filter.audience)
            && is("subject_type", &filter.subject_type)
    });
    grants.iter_mut().for_each(|grant| drop(grant.remove(ORGANIZATIONS)));
    listing.answer(grants, &ListKind { list_name: "client_grants", id_name: "id" }).map(Json)
}

/// List the organizations that a client grant is associated with
#[utoipa::path(
    get,
    path = "/api/v2/client-grants/{id}/organizations",
    operation_id = "auth0_client_grant_organizations",
    tag = "Auth0",
    security(("auth0" = [])),
    params(("id" = String, Path, description = "The grant's id"), Listing),
    responses((status = OK, body = Auth0List), ManagementError)
)]
pub(crate) async fn client_grant_organizations(
    State(state): State<SharedState>,
    scopes: TokenScopes,
    id: Result<PathParameter, ApiError>,
    Auth0Query(listing): Auth0Query<Listing>,
) -> Result<Json<Value>, ManagementError> {
    scopes.require_any(&["read:organization_client_grants"])?;
    let PathParameter(id) = id.map_err(|_| ManagementError::of_status(StatusCode::BAD_REQUEST))?;
    let ids = {
        let tenant = state.auth0.objects();
        let grant = tenant.client_grants.iter().find(|grant| text(grant, "id") == id);
        let grant = grant.ok_or_else(|| ManagementError::not_found("inexistent_client_grant"))?;
        strings(grant, ORGANIZATIONS)
    };
    let object = |id: String| {
        Object::from_iter([("id".into(), id.clone().into()), ("name".into(), id.into())])
    };
    let organizations = ids.into_iter().map(object).collect();
    listing.answer(organizations, &ListKind { list_name: "organizations", id_name: "id" }).map(Json)
}

/// List the tenant's resource servers
#[utoipa::path(
    get,
    path = "/api/v2/resource-servers",
    operation_id = "auth0_resource_servers",
    tag = "Auth0",
    security(("auth0" = [])),
    params(Listing),
    responses((status = OK, body = Auth0List), ManagementError)
)]
pub(crate) async fn resource_servers(
    State(state): State<SharedState>,
    scopes: TokenScopes,
    Auth0Query(listing): Auth0Query<Listing>,
) -> Result<Json<Value>, ManagementError> {
    scopes.require_any(&["read:resource_servers"])?;
    let servers = state.auth0.objects().resource_servers.clone();
    listing.answer(servers, &ListKind { list_name: "resource_servers", id_name: "id" }).map(Json)
}

/// Get a resource server
#[utoipa::path(
    get,
    path = "/api/v2/resource-servers/{id}",
    operation_id = "auth0_resource_server",
    tag = "Auth0",
    security(("auth0" = [])),
    params(("id" = String, Path, description = "Its id or its identifier")),
    responses((status = OK, body = Object), ManagementError)
)]
pub(crate) async fn resource_server(
    State(state): State<SharedState>,
    scopes: TokenScopes,
    id: Result<PathParameter, ApiError>,
) -> Result<Json<Object>, ManagementError> {
    scopes.require_any(&["read:resource_servers"])?;
    let PathParameter(id) = id.map_err(|_| ManagementError::of_status(StatusCode::BAD_REQUEST))?;
    let tenant = state.auth0.objects();
    let is_it = |server: &&Object| text(server, "id") == id || text(server, "identifier") == id;
    let server = tenant.resource_servers.iter().find(is_it).cloned();
    server.map(Json).ok_or_else(|| ManagementError::not_found("inexistent_resource_server"))
}
