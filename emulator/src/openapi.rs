//! The OpenAPI document: the routes' descriptions, and the parts they share.

pub(crate) mod responses;

use axum::{Router, body::Bytes, http::header, routing::get};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, RefOr,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use self::responses::{error_responses, reason};
use crate::{
    reply::{ApiErrorBody, ManagementErrorBody, OAuthErrorBody, TokenErrorBody},
    state::SharedState,
};

/// The document, before the routes add themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stytch M2M emulator",
        description = "Stytch's M2M API on loopback, for tests; with it, the parts of Auth0's API \
            that a migration reads, an organization-scoped M2M API, and under /_emulator/ the \
            emulator's own endpoints.",
    ),
    components(schemas(ApiErrorBody, OAuthErrorBody, ManagementErrorBody, TokenErrorBody)),
    modifiers(&SecuritySchemes),
    tags(
        (name = "Stytch", description = "M2M clients, tokens and key sets"),
        (name = "Auth0", description = "The tenant that clients migrate from"),
        (name = "Organization", description = "One M2M client for one organization"),
        (name = "Workspace", description = "The template of M2M tokens, for workspace keys"),
        (name = "Emulator", description = "Inspect and change the emulator, inject faults"),
    )
)]
pub(crate) struct Document;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut add = |name: &str, scheme, description: &str| {
            let mut http = Http::new(scheme);
            http.description = Some(description.to_owned());
            components.add_security_scheme(name, SecurityScheme::Http(http));
        };
        add("project", HttpAuthScheme::Basic, "Project id and project secret");
        add("workspace", HttpAuthScheme::Basic, "The id and secret of a workspace key");
        add("client", HttpAuthScheme::Basic, "Client id and client secret");
        add("organization", HttpAuthScheme::Bearer, "The organization's authorization");
        add("auth0", HttpAuthScheme::Bearer, "An access token for Auth0's Management API");
    }
}

/// Serves the document.
pub(crate) fn router(mut document: openapi::OpenApi) -> Router<SharedState> {
    for (path, item) in &mut document.paths.paths {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten();
        for operation in operations {
            if path.starts_with("/_emulator/") {
                operation.responses.responses.extend(error_responses::<ApiErrorBody>(&[403]));
            }
            describe_responses(operation);
        }
    }
    let json: Bytes = document.to_json().unwrap_or_default().into();
    let headers = [(header::CONTENT_TYPE, "application/json")];
    let serve = async move || (headers, json.clone());
    Router::new().route("/_emulator/openapi.json", get(serve))
}

/// OpenAPI 3.1 requires a description for each response: the status's reason phrase.
fn describe_responses(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = reason(status).to_owned();
        }
    }
}
