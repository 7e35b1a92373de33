//! What is sent again, when, and what is not.

use std::time::Duration;

use serde_json::json;
use stytch_m2m::{Client, CreateRequest, ErrorKind, SearchRequest, UpdateRequest};
use tokio::time::Instant;

use crate::issuer::{config, hurried, token_request};
use crate::server::{Act, Server};

fn client_json() -> String {
    json!({
        "request_id": "request-id-test-1",
        "status_code": 200,
        "m2m_client": {
            "client_id": "x",
            "client_name": "",
            "client_description": "",
            "status": "active",
            "scopes": [],
            "client_secret_last_four": "abcd",
            "trusted_metadata": {},
            "next_client_secret_last_four": null,
        },
        "results_metadata": {"total": 0, "next_cursor": null},
        "m2m_clients": [],
        "client_id": "x",
    })
    .to_string()
}

fn ok() -> Act {
    Act::json(200, &client_json())
}

fn refused(status: u16, error_type: &str) -> Act {
    let body = json!({"status_code": status, "request_id": "request-id-test-2",
        "error_type": error_type, "error_message": "no", "error_url": "https://example.com"});
    Act::json(status, &body.to_string())
}

fn client(server: &Server) -> Client {
    Client::new(config(server.url(), hurried())).unwrap()
}

#[tokio::test]
async fn calls_that_only_read_or_set_survive_two_failures() {
    let faults = || vec![Act::Reset, Act::json(503, ""), ok()];
    let server = Server::script(faults());
    client(&server).clients().get("x").await.unwrap();
    assert_eq!(server.requests(), 3);

    let server = Server::script(faults());
    client(&server).clients().search(SearchRequest::default()).await.unwrap();
    assert_eq!(server.requests(), 3);

    let server = Server::script(faults());
    client(&server).clients().update("x", UpdateRequest::default()).await.unwrap();
    assert_eq!(server.requests(), 3);

    let server = Server::script(faults());
    client(&server).clients().delete("x").await.unwrap();
    assert_eq!(server.requests(), 3);

    let server = Server::script(faults());
    client(&server).secrets().rotate_cancel("x").await.unwrap();
    assert_eq!(server.requests(), 3);

    let token = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;
    let server = Server::script(vec![Act::Reset, Act::json(500, "{}"), Act::json(200, token)]);
    client(&server).token(token_request()).await.unwrap();
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_success_with_a_page_or_half_a_body_is_repeated_where_a_reset_is() {
    let token = r#"{"access_token":"t","token_type":"bearer","expires_in":3600}"#;
    for cut in ["", "<html>Back soon</html>", r#"{"access_token":"t","token_t"#] {
        let server = Server::script(vec![Act::json(200, cut), Act::json(200, token)]);
        client(&server).token(token_request()).await.unwrap();
        assert_eq!(server.requests(), 2);

        let server = Server::script(vec![Act::json(200, cut), ok()]);
        client(&server).clients().get("x").await.unwrap();
        assert_eq!(server.requests(), 2);

        let server = Server::script(vec![Act::json(200, cut), ok()]);
        let create = client(&server).clients().create(CreateRequest::default()).await.unwrap_err();
        assert_eq!((create.kind(), server.requests()), (ErrorKind::OutcomeUnknown, 1));
    }
}

#[tokio::test]
async fn a_third_failure_is_surfaced_with_its_request_id() {
    let server = Server::always(refused(500, "internal_server_error"));
    let error = client(&server).clients().get("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(error.details().request_id.as_deref(), Some("request-id-test-2"));
    assert_eq!(server.requests(), 3);

    let head = "502 Bad Gateway\r\nx-request-id: edge-1\r\ncontent-type: text/html";
    let server = Server::always(Act::Answer(head.into(), b"<html>".into()));
    let error = client(&server).clients().get("x").await.unwrap_err();
    assert_eq!(error.details().request_id.as_deref(), Some("edge-1"));
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let server = Server::always(refused(404, "m2m_client_not_found"));
    let error = client(&server).clients().delete("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn calls_that_must_not_happen_twice_are_sent_once() {
    for fault in [Act::Reset, Act::ResetInBody, Act::Hold] {
        let server = Server::script(vec![fault.clone(), ok()]);
        let client = client(&server);
        let create = client.clients().create(CreateRequest::default()).await.unwrap_err();
        assert_eq!((create.kind(), server.requests()), (ErrorKind::OutcomeUnknown, 1));

        let server = Server::script(vec![fault.clone(), ok()]);
        let start = self::client(&server).secrets().rotate_start("x").await.unwrap_err();
        assert_eq!((start.kind(), server.requests()), (ErrorKind::OutcomeUnknown, 1));

        let server = Server::script(vec![fault, ok()]);
        let rotate = self::client(&server).secrets().rotate("x").await.unwrap_err();
        assert_eq!((rotate.kind(), server.requests()), (ErrorKind::OutcomeUnknown, 1));
    }
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_succeeds_on_404() {
    let gone = || refused(404, "m2m_client_not_found");
    for fault in [Act::Reset, Act::Hold, Act::json(504, "")] {
        let server = Server::script(vec![fault, gone()]);
        let deleted = client(&server).clients().delete("x").await.unwrap();
        assert_eq!((deleted.client_id.as_str(), server.requests()), ("x", 2));
    }
    let server = Server::script(vec![Act::with(429, "retry-after: 0", "{}"), gone()]);
    let error = client(&server).clients().delete("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "the first attempt was not carried out");
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_looked_up() {
    let not_rotating = || refused(400, "m2m_client_not_rotating_secret");
    let server = Server::script(vec![Act::Reset, not_rotating(), ok()]);
    client(&server).secrets().rotate_cancel("x").await.unwrap();
    assert!(server.seen()[2].is("GET", "/v1/m2m/clients/x"));

    let server = Server::script(vec![not_rotating(), ok()]);
    let error = client(&server).secrets().rotate_cancel("x").await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Conflict, 1));
}

#[tokio::test]
async fn too_many_requests_waits_as_long_as_the_server_asks() {
    // Even where a repetition could do harm: nothing was done yet.
    let server = Server::script(vec![Act::with(429, "retry-after: 1", "{}"), ok()]);
    let started = Instant::now();
    let error = client(&server).clients().create(CreateRequest::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "the script's answer has no secret");
    assert_eq!(server.requests(), 2);
    assert!(started.elapsed() >= Duration::from_secs(1));

    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(1));
    let past = Act::with(429, &format!("retry-after: {date}"), "{}");
    let server = Server::script(vec![past, ok()]);
    client(&server).clients().get("x").await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn too_many_requests_is_surfaced_where_the_wait_is_too_long() {
    let year_2100 = httpdate::fmt_http_date(crate::issuer::at(4_102_444_800));
    for (header, least) in [
        // Longer than the deadline of the call, and longer than any call waits.
        ("retry-after: 30".to_owned(), 30),
        ("retry-after: 600".to_owned(), 600),
        (format!("retry-after: {year_2100}"), 3600),
    ] {
        let server = Server::always(Act::with(429, &header, "{}"));
        let started = Instant::now();
        let error = client(&server).clients().get("x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.details().retry_after, Some(Duration::from_secs(least)));
        assert_eq!(server.requests(), 1);
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn the_total_deadline_bounds_all_attempts() {
    let server = Server::always(Act::Hold);
    let mut settings = config(server.url(), hurried());
    settings.transport.total_timeout = Duration::from_millis(800);
    let started = Instant::now();
    let error = Client::new(settings).unwrap().clients().get("x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(started.elapsed() < Duration::from_millis(1300), "{:?}", started.elapsed());
}
