//! The routes, and the thread that serves them.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    thread::{self, JoinHandle},
};

use axum::{
    Router, ServiceExt as _,
    extract::{DefaultBodyLimit, Request},
    handler::Handler as _,
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
};
use tokio::{runtime::Runtime, sync::oneshot};
use tower::Layer as _;
use tower::util::MapRequestLayer;
use utoipa::OpenApi as _;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _},
    routes,
};

use crate::{
    admin, auth0,
    clients::endpoints as clients,
    connection::{Connection, Listener},
    jwks, local,
    middleware::{Endpoint, intercept},
    openapi::{self, Document},
    operation::Operation,
    organization::endpoints as organization,
    reply::ApiError,
    request::MAX_BODY_BYTES,
    state::SharedState,
    token,
    workspace::endpoints as workspace,
};

fn router(state: SharedState) -> Router {
    use Operation::*;
    let intercepted = |operation| {
        let endpoint = Endpoint { state: state.clone(), operation };
        from_fn_with_state(endpoint, intercept)
    };
    let at = |operation, routes: UtoipaMethodRouter<SharedState>| {
        routes.map(|router| router.route_layer(intercepted(Some(operation))))
    };
    let unknown = async |status| ApiError::of_status(status);
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(at(Create, routes!(clients::create)))
        .routes(at(Search, routes!(clients::search)))
        .routes(at(Get, routes!(clients::get)))
        .routes(at(Update, routes!(clients::update)))
        .routes(at(Delete, routes!(clients::delete)))
        .routes(at(RotateStart, routes!(clients::rotate_start)))
        .routes(at(Rotate, routes!(clients::rotate)))
        .routes(at(RotateCancel, routes!(clients::rotate_cancel)))
        .routes(at(Token, routes!(token::endpoint::token)))
        .routes(at(Token, routes!(token::endpoint::domain_token)))
        .routes(at(Jwks, routes!(jwks::jwks)))
        .routes(at(Jwks, routes!(jwks::b2b_jwks)))
        .routes(at(AuthorizationServer, routes!(token::metadata::authorization_server)))
        .routes(at(OpenidConfiguration, routes!(token::metadata::openid_configuration)))
        .routes(at(OrganizationClientId, routes!(organization::client_id)))
        .routes(at(OrganizationClientSecret, routes!(organization::client_secret)))
        .routes(at(OrganizationToken, routes!(organization::token)))
        .routes(at(OrganizationRotate, routes!(organization::rotate)))
        .routes(at(Auth0Token, routes!(auth0::token::token)))
        .routes(at(Auth0Clients, routes!(auth0::management::clients)))
        .routes(at(Auth0ClientGrants, routes!(auth0::management::client_grants)))
        .routes(at(
            Auth0ClientGrantOrganizations,
            routes!(auth0::management::client_grant_organizations),
        ))
        .routes(at(Auth0ResourceServers, routes!(auth0::management::resource_servers)))
        .routes(at(Auth0ResourceServers, routes!(auth0::management::resource_server)))
        .routes(at(Auth0Jwks, routes!(jwks::auth0_jwks)))
        .routes(at(WorkspaceEnvironment, routes!(workspace::environment)))
        .routes(at(WorkspaceTemplate, routes!(workspace::template)))
        .routes(at(WorkspaceSetTemplate, routes!(workspace::set_template)))
        .merge(admin::router())
        .split_for_parts();
    router
        .merge(openapi::router(document))
        .layer(from_fn(local::guard))
        .fallback((async move || unknown(StatusCode::NOT_FOUND).await).layer(intercepted(None)))
        .method_not_allowed_fallback(
            (async move || unknown(StatusCode::METHOD_NOT_ALLOWED).await).layer(intercepted(None)),
        )
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

/// Stytch accepts `/v1/m2m/clients/`, which its guides use, like `/v1/m2m/clients`.
fn strip_trailing_slash(mut request: Request) -> Request {
    let uri = request.uri();
    let path = uri.path().strip_suffix('/').filter(|path| path.starts_with("/v1/"));
    let shorter = path.and_then(|path| match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok(),
        None => path.parse().ok(),
    });
    if let Some(shorter) = shorter {
        *request.uri_mut() = shorter;
    }
    request
}

/// A runtime that nothing runs on yet. It can be dropped where blocking is not allowed.
struct Idle(Option<Runtime>);

impl Drop for Idle {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A bound address that is not served yet.
pub(crate) struct BoundServer {
    runtime: Idle,
    listener: Listener,
    pub(crate) address: SocketAddr,
}

impl BoundServer {
    pub(crate) fn new(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _guard = runtime.enter();
            Listener(tokio::net::TcpListener::from_std(listener)?)
        };
        Ok(Self { runtime: Idle(Some(runtime)), listener, address })
    }

    pub(crate) fn serve(self, state: SharedState) -> io::Result<Server> {
        let Self { mut runtime, listener, address: _ } = self;
        let (stop, stopped) = oneshot::channel::<()>();
        let service = MapRequestLayer::new(strip_trailing_slash).layer(router(state));
        let service = service.into_make_service_with_connect_info::<Connection>();
        let thread =
            thread::Builder::new().name("stytch-m2m-emulator".into()).spawn(move || {
                let Some(runtime) = runtime.0.take() else { return };
                // Leaving this block drops the runtime, and every open connection with it.
                runtime.block_on(async {
                    tokio::select! {
                        _ = axum::serve(listener, service) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Server { stop: Some(stop), thread: Some(thread) })
    }
}

/// A running server; stops when dropped.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
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
