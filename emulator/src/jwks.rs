//! The key sets.

use axum::{
    Json,
    extract::State,
    http::{HeaderName, header},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    keys::Jwk,
    reply::{ApiError, ManagementError, Reply},
    request::Project,
    state::SharedState,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Jwks {
    keys: Vec<Jwk>,
}

type Cached<T> = ([(HeaderName, &'static str); 1], T);

fn cached<T>(body: T) -> Cached<T> {
    ([(header::CACHE_CONTROL, "public, max-age=900")], body)
}

/// Get the key set of a consumer project
#[utoipa::path(
    get,
    path = "/v1/sessions/jwks/{project_id}",
    operation_id = "jwks",
    tag = "Stytch",
    params(Project),
    responses((status = OK, body = Reply<Jwks>), ApiError)
)]
pub(crate) async fn jwks(State(state): State<SharedState>, _: Project) -> Cached<Reply<Jwks>> {
    cached(Reply::new(Jwks { keys: state.keys.published() }))
}

/// Get the key set of a B2B project
#[utoipa::path(
    get,
    path = "/v1/b2b/sessions/jwks/{project_id}",
    operation_id = "b2b_jwks",
    tag = "Stytch",
    params(Project),
    responses((status = OK, body = Reply<Jwks>), ApiError)
)]
pub(crate) async fn b2b_jwks(state: State<SharedState>, project: Project) -> Cached<Reply<Jwks>> {
    jwks(state, project).await
}

/// Get the key set of the Auth0 tenant
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "auth0_jwks",
    tag = "Auth0",
    responses((status = OK, body = Jwks), ManagementError)
)]
pub(crate) async fn auth0_jwks(State(state): State<SharedState>) -> Cached<Json<Jwks>> {
    cached(Json(Jwks { keys: state.keys.published() }))
}
