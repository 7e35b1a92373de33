//! The OpenAPI document: what the routes say, and what is common to them.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Bytes,
    http::{StatusCode, header},
    routing::get,
};
use utoipa::{
    Modify, OpenApi, ToSchema,
    openapi::{
        self, Content, Ref, RefOr, Response, ResponseBuilder,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::{
    auth0::{ManagementErrorBody, TokenErrorBody},
    reply::{ApiErrorBody, OAuthErrorBody},
    state::Shared,
};

/// The document, before the routes add themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stytch M2M emulator",
        description = "Stytch's M2M API on loopback, for tests; with it, the parts of Auth0's API \
            that a migration reads, an organization-scoped M2M API, and under /_emulator/ what \
            only an emulator has.",
    ),
    components(schemas(ApiErrorBody, OAuthErrorBody, ManagementErrorBody, TokenErrorBody)),
    modifiers(&SecuritySchemes),
    tags(
        (name = "Stytch", description = "M2M clients, tokens and key sets"),
        (name = "Auth0", description = "The tenant that clients migrate from"),
        (name = "Organization", description = "One M2M client for one organization"),
        (name = "Emulator", description = "Watch, change and disturb the emulator"),
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
        add("client", HttpAuthScheme::Basic, "Client id and client secret");
        add("organization", HttpAuthScheme::Bearer, "The organization's authorization");
        add("auth0", HttpAuthScheme::Bearer, "An access token for Auth0's Management API");
    }
}

type Responses = BTreeMap<String, RefOr<Response>>;

/// One response of this schema for each status.
pub(crate) fn error_responses<T: ToSchema>(statuses: &[u16]) -> Responses {
    let response = |status: &u16| {
        let status = status.to_string();
        let schema = Ref::from_schema_name(T::name());
        let response = ResponseBuilder::new()
            .description(reason(&status))
            .content("application/json", Content::new(Some(schema)))
            .build();
        (status, RefOr::T(response))
    };
    statuses.iter().map(response).collect()
}

/// What stands before every endpoint answers in Stytch's shape.
pub(crate) fn with_gateway(mut responses: Responses) -> Responses {
    responses.extend(error_responses::<ApiErrorBody>(&[413, 429]));
    responses
}

/// Serves the document.
pub(crate) fn router(mut document: openapi::OpenApi) -> Router<Shared> {
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

/// OpenAPI 3.1 wants a description of every response; the status is one.
fn describe_responses(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = reason(status).to_owned();
        }
    }
}

fn reason(status: &str) -> &'static str {
    let status = StatusCode::from_bytes(status.as_bytes()).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Answer")
}
