//! The endpoints of the organization-scoped API.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequestParts, State},
    http::{HeaderMap, StatusCode, request::Parts},
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    auth0::AccessToken,
    reply::{AccessTokenReply, ManagementError, TokenError},
    request::bearer,
    secret::SecretHash,
    state::SharedState,
    token::{GrantType, SecretGrant},
};

const LIFETIME_SECONDS: u32 = 86_400;

/// Extractor: rejects requests without the organization's bearer token.
pub(crate) struct OrganizationAuth;

impl FromRequestParts<SharedState> for OrganizationAuth {
    type Rejection = ManagementError;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &SharedState,
    ) -> Result<Self, Self::Rejection> {
        let expected = SecretHash::of(&state.organization.credentials().authorization);
        match bearer(&parts.headers) {
            Some(token) if expected.matches(token) => Ok(Self),
            _ => Err(ManagementError::unauthorized()),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ClientIdReply {
    client_id: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ClientSecretReply {
    client_secret: String,
}

/// Get the client id
#[utoipa::path(
    get,
    path = "/m2m/client-id",
    operation_id = "organization_client_id",
    tag = "Organization",
    security(("organization" = [])),
    responses((status = OK, body = ClientIdReply), ManagementError)
)]
pub(crate) async fn client_id(
    State(state): State<SharedState>,
    _: OrganizationAuth,
) -> Json<ClientIdReply> {
    Json(ClientIdReply { client_id: state.organization.credentials().client_id })
}

/// Get the client secret
#[utoipa::path(
    get,
    path = "/m2m/client-secret",
    operation_id = "organization_client_secret",
    tag = "Organization",
    security(("organization" = [])),
    responses((status = OK, body = ClientSecretReply), ManagementError)
)]
pub(crate) async fn client_secret(
    State(state): State<SharedState>,
    _: OrganizationAuth,
) -> Json<ClientSecretReply> {
    Json(ClientSecretReply { client_secret: state.organization.credentials().client_secret })
}

/// The token request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct OrganizationGrant {
    grant_type: GrantType,
    client_id: String,
    client_secret: String,
}

/// Get an access token
#[utoipa::path(
    post,
    path = "/m2m/token",
    operation_id = "organization_token",
    tag = "Organization",
    security(("organization" = [])),
    request_body = OrganizationGrant,
    responses((status = OK, body = AccessTokenReply), TokenError)
)]
pub(crate) async fn token(
    State(state): State<SharedState>,
    member: Result<OrganizationAuth, ManagementError>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccessTokenReply>, TokenError> {
    member.map_err(|_| TokenError::unauthorized())?;
    let grant = SecretGrant::read(&headers, &body)?;
    let account = state.organization.credentials();
    let secret = SecretHash::of(&account.client_secret);
    if grant.client_id() != account.client_id || !secret.matches(grant.client_secret()) {
        return Err(TokenError::unauthorized());
    }
    let token = AccessToken {
        client_id: &account.client_id,
        audience: json!("organization"),
        scopes: Vec::new(),
        lifetime_seconds: LIFETIME_SECONDS,
        organization: None,
    };
    Ok(Json(token.issue(&state)?))
}

/// Rotate the client secret; the old one stops working immediately
#[utoipa::path(
    post,
    path = "/m2m/rotate",
    operation_id = "organization_rotate",
    tag = "Organization",
    security(("organization" = [])),
    responses((status = OK, body = ClientSecretReply), ManagementError)
)]
pub(crate) async fn rotate(
    State(state): State<SharedState>,
    _: OrganizationAuth,
) -> Result<Json<ClientSecretReply>, ManagementError> {
    let client_secret = state
        .organization
        .rotate()
        .map_err(|_| ManagementError::of_status(StatusCode::INTERNAL_SERVER_ERROR))?;
    Ok(Json(ClientSecretReply { client_secret }))
}
