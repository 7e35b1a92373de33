//! The guide's snippets: each `[name]` to `[end]` is on one of its pages. Run as a whole.

use std::collections::BTreeMap;
use std::time::Duration;

use stytch_m2m::{
    AuthenticateOptions, Client, ClientAuth, ClientConfig, ClientStatus, CreateRequest, Error,
    InvalidTokenReason, IssuerConfig, IssuerResolver, Result, SearchRequest, Secret, SecretSource,
    TokenSource, TokenSourceConfig, TokenVerifier, TokenVerifierConfig, TransportConfig,
    UpdateRequest, Vertical, token_from_authorization_header,
};

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::from_env()?;
    let (client_id, client_secret) = manage(&client).await?;
    let header = fetch(&client_id, &client_secret).await?;
    credential(&client_id, &client_secret).await?;
    let token = header.expose().trim_start_matches("Bearer ").to_owned();
    let project_id = client.project_id().to_owned();
    let base_url = std::env::var("STYTCH_BASE_URL").ok();
    let verifier = verify(&project_id, base_url.as_deref(), &token).await?;
    let customers = [(format!("stytch.com/{project_id}"), project_id)].into();
    resolve(customers, base_url)?.authenticate_token(&token, &Default::default()).await?;
    let (status, challenge) = protect(&verifier, Some(header.expose())).await;
    assert_eq!((status, challenge), (200, None));
    assert_eq!(protect(&verifier, None).await.0, 401);
    for_customer(&client).await?;
    let refused = customer(&verifier, &token, "acme").await.expect_err("it is of no customer");
    assert_eq!(refused.details().reason, Some(InvalidTokenReason::WrongOrganization));
    rotate(&client, &client_id).await?;
    share(client_id.clone(), client_secret).await.expect_err("the old secret is gone");
    operate(&verifier)?;
    platforms()?;
    remove(&client, &client_id).await
}

async fn manage(client: &Client) -> Result<(String, Secret)> {
    // [create]
    let request = CreateRequest {
        client_name: Some("billing worker".to_owned()),
        scopes: vec!["read:invoices".to_owned()],
        idempotent: true, // a lost response does not lead to a second client
        ..Default::default()
    };
    let created = client.clients().create(request).await?.m2m_client;
    let client_id = created.client.client_id;
    let client_secret = created.client_secret; // shown only once

    let mut all = client.clients().search_all(SearchRequest::default());
    while let Some(found) = all.next().await? {
        println!("{} {:?} {:?}", found.client_id, found.status, found.scopes);
    }
    // [end]
    Ok((client_id, client_secret))
}

async fn fetch(client_id: &str, client_secret: &Secret) -> Result<Secret> {
    // [fetch]
    let config = TokenSourceConfig {
        client_id: client_id.to_owned(),
        client_secret: Some(client_secret.clone().into()),
        scopes: vec!["read:invoices".to_owned()],
        ..Default::default()
    };
    let source = TokenSource::new(config.or_env())?; // STYTCH_PROJECT_ID, STYTCH_BASE_URL

    // From the cache while it is fresh; one request for all concurrent callers.
    let token = source.get_token().await?;
    let header = source.authorization_header().await?; // the same, as "Bearer ..."

    // When a server has refused this token with 401: the next call fetches a new one.
    source.invalidate(token.access_token.expose());
    // [end]
    Ok(header)
}

async fn verify(project: &str, base_url: Option<&str>, token: &str) -> Result<TokenVerifier> {
    // [verify]
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuers: vec![IssuerConfig::stytch(project, base_url, Vertical::Consumer)?],
        ..Default::default()
    })?;
    verifier.warm_up().await?; // optional: the first verification does not wait for the keys

    let options = AuthenticateOptions {
        required_scopes: vec!["read:invoices".to_owned()],
        max_token_age: Some(Duration::from_secs(3600)),
        ..Default::default()
    };
    let claims = verifier.authenticate_token(token, &options).await?;
    println!("{} {:?}", claims.client_id, claims.scopes);
    // [end]
    Ok(verifier)
}

async fn for_customer(client: &Client) -> Result<()> {
    // [organization-client]
    let organization_id = Some("acme".to_owned());
    let request = CreateRequest {
        scopes: vec!["read:invoices".to_owned()],
        organization_id: organization_id.clone(),
        ..Default::default()
    };
    let created = client.clients().create(request).await?.m2m_client.client;

    let request = SearchRequest { organization_id, ..Default::default() };
    let mut all = client.clients().search_all(request);
    while let Some(found) = all.next().await? {
        println!("{} {:?}", found.client_id, found.organization_id);
    }
    // [end]
    client.clients().delete(&created.client_id).await?;
    Ok(())
}

// [organization]
/// Whose data a request for this organization may reach: its own, or an error.
async fn customer(verifier: &TokenVerifier, token: &str, id: &str) -> Result<Option<String>> {
    let options = AuthenticateOptions { organization: Some(id.into()), ..Default::default() };
    let claims = verifier.authenticate_token(token, &options).await?;
    Ok(claims.organization().map(str::to_owned))
}
// [end]

fn resolve(customers: BTreeMap<String, String>, base_url: Option<String>) -> Result<TokenVerifier> {
    // [resolve]
    let resolver = IssuerResolver::function(move |iss: String| {
        // Your table of customers, such as a database.
        let project = customers.get(&iss).cloned();
        let base_url = base_url.clone();
        async move {
            let of =
                |id: String| IssuerConfig::stytch(&id, base_url.as_deref(), Vertical::Consumer);
            project.map(of).transpose()
        }
    });
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuer_resolver: Some(resolver),
        ..Default::default()
    })?;
    // [end]
    Ok(verifier)
}

// [protect]
/// The response to a request with this `Authorization` header.
async fn protect(verifier: &TokenVerifier, header: Option<&str>) -> (u16, Option<String>) {
    let options = AuthenticateOptions::scopes(["read:invoices"]);
    let decided = match token_from_authorization_header(header) {
        Ok(token) => verifier.authenticate_token(token, &options).await,
        Err(error) => Err(error),
    };
    match decided {
        Ok(_claims) => (200, None),
        // 401, 403 or 503, and the WWW-Authenticate header that goes with it.
        Err(error) => (error.http_status(), error.www_authenticate()),
    }
}
// [end]

async fn rotate(client: &Client, client_id: &str) -> Result<()> {
    let mut vault = BTreeMap::new();
    let store = |next: Secret| {
        vault.insert("billing", next);
        async { Ok::<_, Error>(()) }
    };
    // [rotate]
    // Starts the rotation, gives you the next secret, tests it by fetching a token, and only then
    // makes it the only one. If storing fails, the rotation is cancelled; nothing else cancels it.
    client.secrets().rotate_with(client_id, store).await?;
    // [end]
    assert!(vault.contains_key("billing"));
    Ok(())
}

async fn credential(client_id: &str, client_secret: &Secret) -> Result<()> {
    let mounted = std::env::temp_dir().join(format!("stytch-m2m-guide-{}", std::process::id()));
    std::fs::write(&mounted, client_secret.expose()).expect("a file can be written");
    // [credential]
    let config = TokenSourceConfig {
        client_id: client_id.to_owned(),
        // Also SecretSource::env("BILLING_CLIENT_SECRET"), or a value.
        client_secret: Some(SecretSource::file(&mounted)),
        // Tried when the server refuses the first one.
        next_client_secret: Some(SecretSource::function(|| read_from_vault("billing"))),
        client_auth: Some(ClientAuth::ClientSecretPost),
        ..Default::default()
    };
    let source = TokenSource::new(config.or_env())?;
    // [end]
    source.get_token().await?;
    std::fs::remove_file(&mounted).expect("it can be removed");
    Ok(())
}

/// In place of a vault's client.
async fn read_from_vault(_name: &str) -> std::io::Result<Secret> {
    Err(std::io::Error::other("there is no vault here"))
}

fn platforms() -> Result<()> {
    // [kubernetes]
    let source = TokenSource::new(TokenSourceConfig {
        token_url: Some("https://idp.example.com/oauth2/token".to_owned()),
        client_id: "billing".to_owned(),
        // A projected volume with a serviceAccountToken, whose audience is the server.
        client_assertion: Some(SecretSource::file("/var/run/secrets/tokens/idp")),
        ..Default::default()
    })?;
    // [end]
    drop(source);
    // [aws]
    let source = TokenSource::new(TokenSourceConfig {
        issuer: Some("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example".to_owned()),
        client_id: "billing".to_owned(),
        // Calls GetSecretValue; again when the server refuses the secret.
        client_secret: Some(SecretSource::function(|| get_secret_value("billing/client-secret"))),
        ..Default::default()
    })?;
    // [end]
    drop(source);
    Ok(())
}

/// In place of the SDK's client.
async fn get_secret_value(_secret_id: &str) -> std::io::Result<Secret> {
    Err(std::io::Error::other("there is no cloud here"))
}

async fn share(client_id: String, client_secret: Secret) -> Result<()> {
    let key = std::env::var("TOKEN_STORE_KEY");
    let key = key.unwrap_or("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoyMzQ1Njc=".to_owned());
    let url = std::env::var("REDIS_URL").unwrap_or("redis://127.0.0.1:6379".to_owned());
    // [share]
    let source = TokenSource::new(
        TokenSourceConfig {
            client_id,
            client_secret: Some(client_secret.into()),
            token_store_url: Some(url.into()), // rediss://... with TLS
            token_store_key: Some(key.into()), // openssl rand -base64 32
            ..Default::default()
        }
        .or_env(),
    )?;
    source.get_token().await?;
    // [end]
    Ok(())
}

fn operate(verifier: &TokenVerifier) -> Result<()> {
    // [operate]
    let client = Client::new(ClientConfig {
        transport: TransportConfig {
            attempt_timeout: Duration::from_secs(3),
            total_timeout: Duration::from_secs(8),
            max_key_age: Duration::from_secs(12 * 3600),
            ..Default::default()
        },
        ..ClientConfig::from_env()
    })?;
    println!("{:?}", client.stats().tokens);
    for keys in verifier.health() {
        println!("{} {} {:?}", keys.issuer, keys.state.code(), keys.age);
    }
    // [end]
    Ok(())
}

async fn remove(client: &Client, client_id: &str) -> Result<()> {
    // [delete]
    let status = Some(ClientStatus::Inactive); // no new tokens; existing ones stay valid
    let request = UpdateRequest { status, ..Default::default() };
    client.clients().update(client_id, request).await?;
    client.clients().delete(client_id).await?;

    if let Err(error) = client.clients().get(client_id).await {
        let request_id = error.details().request_id.as_deref();
        println!("{} {request_id:?}", error.code()); // not_found
    }
    // [end]
    Ok(())
}
