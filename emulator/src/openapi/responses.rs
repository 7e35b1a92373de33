//! Responses of the OpenAPI document, for the types that implement them.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

pub(crate) type Responses = BTreeMap<String, RefOr<Response>>;

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

/// The reason phrase of a status, as a description.
pub(super) fn reason(status: &str) -> &'static str {
    let status = StatusCode::from_bytes(status.as_bytes()).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("Answer")
}
