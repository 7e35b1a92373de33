//! The discovery documents: RFC 8414's, and OpenID Connect's.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::assertion::ALGORITHMS;
use crate::{called_url::CalledUrl, clients::AuthMethod, reply::ApiError, state::SharedState};

#[derive(Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    /// The address that was called: what tokens name with the token setting `custom_domain`.
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 2],
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
}

impl ServerMetadata {
    fn of(state: &SharedState, called: &CalledUrl) -> Json<Self> {
        let settings = state.token_settings.get().settings;
        Json(Self {
            issuer: called.as_str().to_owned(),
            token_endpoint: match settings.custom_domain {
                true => called.domain_token_url(),
                false => called.token_url(&state.project_id),
            },
            jwks_uri: format!("{}/v1/sessions/jwks/{}", called.as_str(), state.project_id),
            grant_types_supported: [
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            response_types_supported: ["code"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
            token_endpoint_auth_methods_supported: settings.token_endpoint_auth_methods_supported,
            token_endpoint_auth_signing_alg_values_supported: ALGORITHMS
                .iter()
                .map(|(_, name)| *name)
                .collect(),
        })
    }
}

/// Get the authorization server's metadata (RFC 8414)
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    operation_id = "authorization_server",
    tag = "Stytch",
    responses((status = OK, body = ServerMetadata), ApiError)
)]
pub(crate) async fn authorization_server(
    State(state): State<SharedState>,
    called: CalledUrl,
) -> Json<ServerMetadata> {
    ServerMetadata::of(&state, &called)
}

/// Get the OpenID provider's metadata
#[utoipa::path(
    get,
    path = "/.well-known/openid-configuration",
    operation_id = "openid_configuration",
    tag = "Stytch",
    responses((status = OK, body = ServerMetadata), ApiError)
)]
pub(crate) async fn openid_configuration(
    State(state): State<SharedState>,
    called: CalledUrl,
) -> Json<ServerMetadata> {
    ServerMetadata::of(&state, &called)
}
