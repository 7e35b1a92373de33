//! Every `error_type` of Stytch's M2M API, and what becomes of it.

use serde_json::json;
use stytch_m2m::ErrorKind::{
    self, Authentication, Conflict, InvalidRequest, NotFound, PermissionDenied, RateLimited,
    Service, UnexpectedResponse,
};
use stytch_m2m_emulator::{Effect, Operation};

use crate::project::Project;

/// Names by themselves, and names whose status decides.
const TYPES: [(&str, u16, ErrorKind); 45] = [
    ("m2m_client_not_found", 404, NotFound),
    ("duplicate_m2m_client_id", 400, Conflict),
    ("m2m_client_already_rotating_secret", 400, Conflict),
    ("m2m_client_not_rotating_secret", 400, Conflict),
    ("insecure_m2m_client_secret", 400, InvalidRequest),
    ("m2m_client_invalid_client_id", 400, InvalidRequest),
    ("m2m_client_invalid_client_name", 400, InvalidRequest),
    ("m2m_client_invalid_client_description", 400, InvalidRequest),
    ("m2m_client_invalid_client_secret", 400, InvalidRequest),
    ("m2m_client_invalid_status", 400, InvalidRequest),
    ("invalid_m2m_client_scope", 400, InvalidRequest),
    ("invalid_m2m_client_status", 400, InvalidRequest),
    ("too_many_m2m_client_scopes", 400, InvalidRequest),
    ("too_many_m2m_clients_for_billing_tier", 400, InvalidRequest),
    ("client_secret_too_long", 400, InvalidRequest),
    ("m2m_search_expected_array_of_strings", 400, InvalidRequest),
    ("m2m_search_filter_name_must_be_string", 400, InvalidRequest),
    ("m2m_search_filter_name_not_recognized", 400, InvalidRequest),
    ("m2m_search_missing_filter_name", 400, InvalidRequest),
    ("m2m_search_missing_filter_value", 400, InvalidRequest),
    ("metadata_invalid_format", 400, InvalidRequest),
    ("metadata_too_large", 400, InvalidRequest),
    ("metadata_too_many_keys", 400, InvalidRequest),
    ("jwt_template_invalid_json", 400, InvalidRequest),
    ("jwt_template_invalid_tag", 400, InvalidRequest),
    ("jwt_template_mismatched_tag", 400, InvalidRequest),
    ("jwt_template_not_found", 404, NotFound),
    ("custom_claims_too_large", 400, InvalidRequest),
    ("reserved_claims_in_custom_claims", 400, InvalidRequest),
    ("stytch_claims_in_custom_claims", 400, InvalidRequest),
    ("search_timeout", 408, Service),
    ("test_id_used_in_live_environment", 400, InvalidRequest),
    ("live_id_used_in_test_environment", 400, InvalidRequest),
    ("invalid_project_id_authentication", 400, Authentication),
    ("invalid_secret_authentication", 400, Authentication),
    ("unauthorized_credentials", 401, Authentication),
    ("too_many_requests", 429, RateLimited),
    ("internal_server_error", 500, Service),
    ("named_tomorrow", 400, InvalidRequest),
    ("named_tomorrow", 401, Authentication),
    ("named_tomorrow", 403, PermissionDenied),
    ("named_tomorrow", 404, NotFound),
    ("named_tomorrow", 409, Conflict),
    ("named_tomorrow", 503, Service),
    ("named_tomorrow", 399, UnexpectedResponse),
];

#[tokio::test]
async fn every_error_type_has_its_kind_and_comes_through() {
    let project = Project::start();
    for (error_type, status, kind) in TYPES {
        let body = json!({
            "status_code": status,
            "request_id": "request-id-test-7",
            "error_type": error_type,
            "error_message": "said the server",
            "error_url": "https://stytch.com/docs/api/errors",
        });
        project.emulator.clear_faults();
        let (headers, body) = ([].into(), Some(body.to_string()));
        project.faults(Operation::Get, Effect::Status { status, headers, body }, 9);
        let error = project.client.clients().get("x").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error_type}");
        let details = error.into_details();
        assert_eq!(details.status_code, Some(status), "{error_type}");
        if kind == UnexpectedResponse {
            continue;
        }
        assert_eq!(details.error_type.as_deref(), Some(error_type));
        assert_eq!(details.request_id.as_deref(), Some("request-id-test-7"));
        assert_eq!(details.error_message.as_deref(), Some("said the server"));
        assert_eq!(details.error_url.as_deref(), Some("https://stytch.com/docs/api/errors"));
    }
}
