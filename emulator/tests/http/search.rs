use serde_json::{Value, json};

use crate::support::Api;

async fn search(api: &Api, body: Value) -> Value {
    api.post("/v1/m2m/clients/search", body).await.ok()
}

fn ids(page: &Value) -> Vec<&str> {
    let clients = page["m2m_clients"].as_array().unwrap();
    clients.iter().map(|client| client["client_id"].as_str().unwrap()).collect()
}

async fn three_clients() -> Api {
    let api = Api::start();
    for (id, name, scopes) in
        [("one", "a", vec!["read"]), ("three", "b", vec![]), ("two", "a", vec!["read", "write"])]
    {
        api.create(json!({ "client_id": id, "client_name": name, "scopes": scopes })).await;
    }
    api
}

fn query(operator: &str, operands: &[(&str, &[&str])]) -> Value {
    let operands: Vec<Value> = operands
        .iter()
        .map(|(name, value)| json!({ "filter_name": name, "filter_value": value }))
        .collect();
    json!({ "query": { "operator": operator, "operands": operands } })
}

#[tokio::test]
async fn filters_match_and_combine() {
    let api = three_clients().await;
    let cases: [(Value, &[&str]); 9] = [
        (json!({}), &["one", "three", "two"]),
        (query("AND", &[]), &["one", "three", "two"]),
        (query("OR", &[]), &["one", "three", "two"]),
        (query("AND", &[("client_id", &["one", "two", "nobody"])]), &["one", "two"]),
        (query("AND", &[("client_name", &["a"])]), &["one", "two"]),
        (query("AND", &[("client_name", &["A"])]), &[]),
        (query("AND", &[("scopes", &["write", "other"])]), &["two"]),
        (query("AND", &[("client_name", &["a"]), ("scopes", &["write"])]), &["two"]),
        (query("OR", &[("client_name", &["b"]), ("scopes", &["write"])]), &["three", "two"]),
    ];
    for (body, expected) in cases {
        let page = search(&api, body.clone()).await;
        assert_eq!(ids(&page), expected, "{body}");
        let end = json!({ "total": expected.len(), "next_cursor": null });
        assert_eq!(page["results_metadata"], end);
    }
}

#[tokio::test]
async fn a_cursor_pages_through_all_even_when_clients_go_away() {
    let api = three_clients().await;
    let first = search(&api, json!({ "limit": 1 })).await;
    assert_eq!(ids(&first), ["one"]);
    assert_eq!(first["results_metadata"]["total"], 3);
    api.delete("/v1/m2m/clients/one").await.ok();
    let cursor = &first["results_metadata"]["next_cursor"];
    let second = search(&api, json!({ "limit": 1, "cursor": cursor })).await;
    assert_eq!(ids(&second), ["three"]);
    let cursor = &second["results_metadata"]["next_cursor"];
    let third = search(&api, json!({ "limit": 1, "cursor": cursor })).await;
    assert_eq!(ids(&third), ["two"]);
    assert!(third["results_metadata"]["next_cursor"].is_null());
}

#[tokio::test]
async fn a_page_has_a_hundred_by_default_and_a_thousand_at_most() {
    let api = Api::start();
    for _ in 0..101 {
        api.create_with_scopes(&[]).await;
    }
    assert_eq!(ids(&search(&api, json!({})).await).len(), 100);
    assert_eq!(ids(&search(&api, json!({ "limit": 1000 })).await).len(), 101);
    for limit in [0, 1001] {
        let answer = api.post("/v1/m2m/clients/search", json!({ "limit": limit })).await;
        answer.refused(400, "bad_request");
    }
}

#[tokio::test]
async fn each_mistake_in_a_query_has_its_error_type() {
    let api = Api::start();
    let cases = [
        (json!({ "filter_value": [] }), "m2m_search_missing_filter_name"),
        (json!({ "filter_name": 1, "filter_value": [] }), "m2m_search_filter_name_must_be_string"),
        (
            json!({ "filter_name": "status", "filter_value": [] }),
            "m2m_search_filter_name_not_recognized",
        ),
        (json!({ "filter_name": "client_id" }), "m2m_search_missing_filter_value"),
        (
            json!({ "filter_name": "client_id", "filter_value": "one" }),
            "m2m_search_expected_array_of_strings",
        ),
    ];
    for (operand, error_type) in cases {
        let body = json!({ "query": { "operator": "AND", "operands": [operand] } });
        api.post("/v1/m2m/clients/search", body).await.refused(400, error_type);
    }
    let body = json!({ "query": { "operator": "XOR", "operands": [] } });
    api.post("/v1/m2m/clients/search", body).await.refused(400, "bad_request");
    let body = json!({ "cursor": "?" });
    api.post("/v1/m2m/clients/search", body).await.refused(400, "bad_request");
}
