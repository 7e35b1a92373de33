//! The key sets, for consumer and B2B projects alike.

use axum::{
    extract::State,
    http::{HeaderName, header},
};
use serde::Serialize;

use crate::{keys::Jwk, reply::Reply, request::Project, state::Shared};

#[derive(Serialize)]
pub(crate) struct Jwks {
    keys: Vec<Jwk>,
}

pub(crate) async fn jwks(
    State(state): State<Shared>,
    _: Project,
) -> ([(HeaderName, &'static str); 1], Reply<Jwks>) {
    let cache = [(header::CACHE_CONTROL, "public, max-age=900")];
    (cache, Reply::new(Jwks { keys: state.keys.published() }))
}
