//! The routes, and the thread that serves them.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    thread::{self, JoinHandle},
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{MethodRouter, delete, get, post, put},
};
use tokio::sync::oneshot;

use crate::{
    admin, clients, jwks, operation::Operation, reply::ApiError, request::MAX_BODY_BYTES,
    state::Shared, token,
};

fn router(state: Shared) -> Router {
    use Operation::*;
    let observed = |operation, route: MethodRouter<Shared>| {
        route.route_layer(from_fn_with_state((state.clone(), operation), observe))
    };
    let client = observed(Get, get(clients::get))
        .merge(observed(Update, put(clients::update).post(clients::update)))
        .merge(observed(Delete, delete(clients::delete)));
    let rotation = "/v1/m2m/clients/{client_id}/secrets/rotate";
    Router::new()
        .route("/v1/m2m/clients", observed(Create, post(clients::create)))
        .route("/v1/m2m/clients/search", observed(Search, post(clients::search)))
        .route("/v1/m2m/clients/{client_id}", client)
        .route(rotation, observed(Rotate, post(clients::rotate)))
        .route(&format!("{rotation}/start"), observed(RotateStart, post(clients::rotate_start)))
        .route(&format!("{rotation}/cancel"), observed(RotateCancel, post(clients::rotate_cancel)))
        .route("/v1/public/{project_id}/oauth2/token", observed(Token, post(token::token)))
        .route("/v1/sessions/jwks/{project_id}", observed(Jwks, get(jwks::jwks)))
        .route("/v1/b2b/sessions/jwks/{project_id}", observed(Jwks, get(jwks::jwks)))
        .merge(admin::router())
        .fallback(async || ApiError::not_found("route_not_found", "No such route."))
        .method_not_allowed_fallback(async || {
            ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "No such method.")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

async fn observe(
    State((state, operation)): State<(Shared, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    state.counts.record(operation);
    next.run(request).await
}

/// A running server; stops when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(address: SocketAddr, state: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let thread =
            thread::Builder::new().name("stytch-m2m-emulator".into()).spawn(move || {
                // Leaving this block drops the runtime, and every open connection with it.
                runtime.block_on(async {
                    tokio::select! {
                        _ = axum::serve(listener, router(state)) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported by its own thread.
            let _ = thread.join();
        }
    }
}
