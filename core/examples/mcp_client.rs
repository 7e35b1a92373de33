//! Calls an MCP server of which only the address is known: its refusal leads to the server that
//! issues its tokens (RFC 9728, RFC 8414). A client of MCP's conformance suite.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program with its own HTTP")]

use std::env;
use std::error::Error;

use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use stytch_m2m::{
    ProtectedResource, SecretSource, TokenSource, TokenSourceConfig, TransportConfig,
};

async fn initialize(http: &Client, url: &str, token: &str) -> reqwest::Result<Response> {
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "stytch-m2m", "version": env!("CARGO_PKG_VERSION")}}});
    let request = http.post(url).header(ACCEPT, "application/json, text/event-stream").json(&call);
    let request = if token.is_empty() { request } else { request.bearer_auth(token) };
    request.send().await
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().next_back().unwrap_or_default();
    let context: Value = serde_json::from_str(&env::var("MCP_CONFORMANCE_CONTEXT")?)?;
    let text = |name: &str| context.get(name).and_then(Value::as_str);
    let http = Client::builder().no_proxy().build()?;

    let refused = initialize(&http, &url, "").await?;
    let challenges = refused.headers().get_all(WWW_AUTHENTICATE);
    let challenges = challenges.iter().filter_map(|value| value.to_str().ok());
    let transport = TransportConfig::default();
    let resource = ProtectedResource::discover(&url, challenges, transport).await?;

    let source = TokenSource::new(TokenSourceConfig {
        issuer: resource.authorization_servers.into_iter().next(),
        client_id: text("client_id").unwrap_or_default().to_owned(),
        client_secret: text("client_secret").map(SecretSource::from),
        private_key: text("private_key_pem").map(SecretSource::from),
        signing_algorithm: text("signing_algorithm").map(str::parse).transpose()?,
        scopes: resource.scopes,
        resource: vec![resource.resource],
        ..Default::default()
    })?;
    let token = source.get_token().await?;
    let answer = initialize(&http, &url, token.access_token.expose()).await?;
    println!("{}", answer.error_for_status()?.status());
    Ok(())
}
