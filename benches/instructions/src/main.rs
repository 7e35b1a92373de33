//! Calls a function of the warm path so and so often, for callgrind to count instructions.
//!
//! What it is counted on never changes: a token beside it that expires in 2162, and its key.

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

const TOKEN: &str = include_str!("../token.txt");
const KEYS: &str = include_str!("../jwks.json");
const PROJECT: &str = "project-test-11111111-1111-4111-8111-111111111111";

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let work = arguments.next().context("name what to call")?;
    let calls: usize = arguments.next().context("say how often")?.parse()?;
    let options = AuthenticateOptions::scopes(["read:users", "write:users"]);
    match work.as_str() {
        "verify" => {
            let verifier = verifier(0)?;
            repeat(calls, || Ok(verifier.authenticate_token_now(TOKEN, &options).transpose()?))
        }
        "verify, claims read" => {
            let verifier = verifier(0)?;
            repeat(calls, || {
                let claims = verifier.authenticate_token_now(TOKEN, &options).transpose()?;
                Ok(claims.map(|claims| claims.custom_claims.to_map()))
            })
        }
        "verify, remembered" => {
            let verifier = verifier(100)?;
            repeat(calls, || Ok(verifier.authenticate_token_now(TOKEN, &options).transpose()?))
        }
        "TokenSource::cached_token" => {
            let source = source()?;
            repeat(calls, || Ok(source.cached_token()))
        }
        "Client::cached_token" => {
            let (client, request) = client()?;
            repeat(calls, || Ok(client.cached_token(&request)))
        }
        other => bail!("no such work: {other}"),
    }
}

fn repeat<T>(calls: usize, call: impl Fn() -> Result<Option<T>>) -> Result<()> {
    (0..calls).try_for_each(|_| counted(&call))
}

/// What callgrind counts in: it knows functions by name.
#[inline(never)]
fn counted<T>(call: impl Fn() -> Result<Option<T>>) -> Result<()> {
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
        client_secret: Some("secret".into()),
        ..Default::default()
    })?;
    runtime()?.block_on(source.get_token())?;
    Ok(source)
}

fn client() -> Result<(Client, TokenRequest)> {
    let client = Client::new(ClientConfig {
        base_url: Some(token_endpoint()?),
        ..ClientConfig::new(PROJECT, "secret")
    })?;
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
