//! Plain HTTP requests, by which a test gets the tokens that the clients of this crate never ask for.

use reqwest::header::LOCATION;
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde_json::Value;

/// A client that follows no redirect, and uses no connection that the server is about to close.
pub(crate) fn client() -> Client {
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none());
    client.pool_max_idle_per_host(0).build().unwrap()
}

/// The JSON of a success.
pub(crate) async fn json(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Where a response leads.
pub(crate) fn location(response: &Response) -> Option<&str> {
    response.headers().get(LOCATION)?.to_str().ok()
}

/// The text of a member.
pub(crate) fn text<'v>(answer: &'v Value, name: &str) -> &'v str {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}"))
}
