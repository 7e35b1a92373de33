//! The main tasks, end to end: create a client, fetch a token, verify it, and refuse invalid requests.
//!
//! `cargo xtask demo rust` runs it on the emulator. With `STYTCH_PROJECT_ID`, `STYTCH_SECRET` and
//! `STYTCH_BASE_URL` set it runs against that server.

use std::error::Error;

use serde_json::json;
use stytch_m2m::{
    AuthenticateOptions, Client, ClientStatus, CreateRequest, ErrorKind, TokenRequest,
    UpdateRequest,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = Client::from_env()?;

    println!("1. Create a client with scopes and metadata");
    let created = client
        .clients()
        .create(CreateRequest {
            client_name: Some("payments worker".to_owned()),
            scopes: vec!["read:users".to_owned(), "write:users".to_owned()],
            trusted_metadata: json!({"team": "payments"}).as_object().cloned(),
            ..Default::default()
        })
        .await?
        .m2m_client;
    let client_id = created.client.client_id;
    fact("client_id", &client_id);
    fact("scopes", created.client.scopes.join(" "));
    fact("metadata", json!(created.client.trusted_metadata));

    println!("2. Fetch a token");
    let request = TokenRequest {
        client_id: client_id.clone(),
        client_secret: created.client_secret,
        ..Default::default()
    };
    let token = client.token(request.clone()).await?;
    fact("expires_in", format!("{} s", token.expires_in));
    fact("token requests", requests(&client_id, "counted by the server").await?);

    println!("3. Fetch it again");
    let again = client.token(request.clone()).await?;
    check(again.access_token == token.access_token, "the second fetch is another token")?;
    fact("same token", "yes");
    fact("token requests", requests(&client_id, "still: it came from the cache").await?);

    println!("4. Authenticate it");
    let access_token = token.access_token.expose();
    let claims = client.authenticate_token(access_token, &AuthenticateOptions::default()).await?;
    check(claims.client_id == client_id, "the token is another client's")?;
    fact("client_id", &claims.client_id);
    fact("scopes", claims.scopes.join(" "));
    fact("custom_claims", claims.custom_claims.to_json());

    println!("5. Ask for a scope that it lacks");
    let required = AuthenticateOptions::scopes(["delete:users"]);
    let error = match client.authenticate_token(access_token, &required).await {
        Err(error) if error.kind() == ErrorKind::InsufficientScope => error,
        other => return Err(format!("expected insufficient_scope, got {other:?}").into()),
    };
    fact("error", error.code());
    fact("missing_scopes", error.details().missing_scopes.join(" "));

    println!("6. Deactivate the client");
    let deactivate = UpdateRequest { status: Some(ClientStatus::Inactive), ..Default::default() };
    client.clients().update(&client_id, deactivate).await?;
    let refused = match client.token(TokenRequest { force_refresh: true, ..request }).await {
        Err(error) => error,
        Ok(_) => return Err("an inactive client got a token".into()),
    };
    let status = refused.details().status_code.unwrap_or_default();
    fact("a new token", format!("refused: {} (HTTP {status})", refused.code()));
    let claims = client.authenticate_token(access_token, &AuthenticateOptions::default()).await?;
    fact("the old token", format!("still verifies for {}", claims.client_id));

    println!("7. Delete the client");
    fact("deleted", client.clients().delete(&client_id).await?.client_id);
    Ok(())
}

fn fact(name: &str, value: impl std::fmt::Display) {
    println!("   {name:<15} {value}");
}

fn check(holds: bool, otherwise: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}

/// The number of token requests, if the server is an emulator, which counts them.
async fn requests(client_id: &str, remark: &str) -> Result<String, Box<dyn Error>> {
    let base_url = std::env::var("STYTCH_BASE_URL").unwrap_or_default();
    let url = format!("{base_url}/_emulator/counts?client_id={client_id}");
    let counted = async {
        // A proxy could not reach it.
        let http = reqwest::Client::builder().no_proxy().build().ok()?;
        let response = http.get(url).send().await.ok()?.error_for_status().ok()?;
        response.json::<serde_json::Value>().await.ok()?.get("token")?.as_u64()
    };
    match counted.await {
        None => Ok("not shown by this server".to_owned()),
        Some(1) => Ok(format!("1 ({remark})")),
        Some(count) => Err(format!("{count} token requests, where one was needed").into()),
    }
}
