//! Calls a function of the warm path, named by the argument, for callgrind to count instructions.
//!
//! What it is counted on never changes: `benches/rust/warm_path` holds a token that expires in
//! 2162, and its key.

use std::env;
use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use stytch_m2m::{
    AuthenticateOptions, Client, ClientConfig, IssuerConfig, TokenRequest, TokenSource,
    TokenSourceConfig, TokenVerifier, TokenVerifierConfig,
};

const TOKEN: &str = include_str!("../../warm_path/token.txt");
const KEYS: &str = include_str!("../../warm_path/jwks.json");
const PROJECT: &str = "project-test-11111111-1111-4111-8111-111111111111";
/// As many as there are, so that no rare path weighs in.
const CALLS: usize = 100;

fn main() -> Result<()> {
    let work = env::args().nth(1).context("name what to call")?;
    let options = AuthenticateOptions::scopes(["read:users", "write:users"]);
    match work.as_str() {
        "verify" => {
            let verifier = verifier(0)?;
            repeat(|| verifier.try_authenticate_token(TOKEN, &options).transpose())
        }
        "verify_and_read" => {
            let verifier = verifier(0)?;
            repeat(|| {
                let claims = verifier.try_authenticate_token(TOKEN, &options).transpose()?;
                anyhow::Ok(claims.map(|claims| claims.custom_claims.to_map()))
            })
        }
        "verify_remembered" => {
            let verifier = verifier(100)?;
            repeat(|| verifier.try_authenticate_token(TOKEN, &options).transpose())
        }
        "get_token" => {
            let source = source()?;
            repeat(|| anyhow::Ok(source.try_get_token()))
        }
        "client_token" => {
            let (client, request) = client()?;
            repeat(|| anyhow::Ok(client.try_token(&request)))
        }
        other => bail!("no such work: {other}"),
    }
}

/// Calls it once to warm up, and then to be counted.
fn repeat<T, E>(call: impl Fn() -> Result<Option<T>, E>) -> Result<()>
where
    anyhow::Error: From<E>,
{
    call()?.context("it is not at hand")?;
    (0..CALLS).try_for_each(|_| counted(&call).map(drop))
}

/// What callgrind counts in: it knows functions by name.
#[inline(never)]
fn counted<T, E>(call: impl Fn() -> Result<Option<T>, E>) -> Result<()>
where
    anyhow::Error: From<E>,
{
    black_box(call()?.context("it is not at hand")?);
    Ok(())
}

/// With a key set that might have been fetched.
fn verifier(remembered: usize) -> Result<TokenVerifier> {
    let issuer = IssuerConfig::stytch(PROJECT, None, Default::default())?;
    let verifier = TokenVerifier::new(TokenVerifierConfig {
        issuers: vec![issuer],
        verified_token_cache_size: remembered,
        ..Default::default()
    })?;
    verifier.seed_jwks(None, KEYS, SystemTime::now())?;
    Ok(verifier)
}

fn source() -> Result<TokenSource> {
    let source = TokenSource::new(TokenSourceConfig {
        project_id: Some(PROJECT.to_owned()),
        base_url: Some(token_endpoint()?),
        client_id: "client".to_owned(),
        client_secret: "secret".into(),
        ..Default::default()
    })?;
    runtime()?.block_on(source.get_token())?;
    Ok(source)
}

fn client() -> Result<(Client, TokenRequest)> {
    let client = Client::new(ClientConfig::new(PROJECT, "secret").base_url(token_endpoint()?))?;
    let request = TokenRequest {
        client_id: "client".to_owned(),
        client_secret: "secret".into(),
        ..Default::default()
    };
    runtime()?.block_on(client.token(request.clone()))?;
    Ok((client, request))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Answers one request: an emulator would take valgrind seconds to make its key.
fn token_endpoint() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || -> Result<()> {
        let (mut connection, _) = listener.accept()?;
        let (mut request, mut part) = (Vec::new(), [0; 4096]);
        while !request.ends_with(b"secret") {
            let length = connection.read(&mut part)?;
            request.extend(part.get(..length).unwrap_or_default());
        }
        let body = format!(
            r#"{{"access_token": "{}", "token_type": "bearer", "expires_in": 3600}}"#,
            TOKEN.trim_ascii()
        );
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
        Ok(write!(connection, "{head} {}\r\n\r\n{body}", body.len())?)
    });
    Ok(url)
}
