//! Tokens from the cache, and calls of the server.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use serde_json::Value;
use stytch_m2m::{Client, ClientConfig, TokenRequest, TokenSource, TokenSourceConfig};
use stytch_m2m_bench::{Rounds, median, print, variable};
use tokio::runtime::Runtime;

const OURS: &str = "stytch-m2m";
const CACHED: usize = 10_000;
const AT_ONCE: usize = 1_000;
const CALLS: usize = 20;

pub(crate) fn run() -> Result<()> {
    let runtime = Runtime::new()?;
    cached(&runtime)?;
    runtime.block_on(at_once())?;
    management(&runtime)
}

/// A token that is there: of a source, and of a client that looks its grant up.
fn cached(runtime: &Runtime) -> Result<()> {
    let (source, client, request) = (source()?, Client::new(config()?)?, request()?);
    runtime.block_on(source.get_token())?;
    runtime.block_on(client.token(request.clone()))?;
    let at_hand = "the token is not at hand";
    Rounds::new("get_token, cached", CACHED)
        .add(OURS, |_| {
            (0..CACHED)
                .try_for_each(|_| source.cached_token().map(black_box).map(drop))
                .context(at_hand)
        })
        .add("stytch-m2m, awaited", |_| {
            runtime.block_on(async {
                for _ in 0..CACHED {
                    black_box(source.get_token().await?);
                }
                Ok(())
            })
        })
        .add("stytch-m2m, Client::cached_token", |_| {
            (0..CACHED)
                .try_for_each(|_| client.cached_token(&request).map(black_box).map(drop))
                .context(at_hand)
        })
        .run(50)
}

/// The first calls, all at once: one request for all of them.
async fn at_once() -> Result<()> {
    let (work, mut times) = ("get_token, 1,000 at once", Vec::new());
    let mut requests = 0;
    for _ in 0..20 {
        let source = source()?;
        let start = Instant::now();
        let callers = (0..AT_ONCE).map(|_| {
            let source = source.clone();
            async move {
                tokio::spawn(async move { source.get_token().await })
                    .await?
                    .map_err(anyhow::Error::from)
            }
        });
        try_join_all(callers).await?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        requests = requests.max(source.stats().refreshes);
    }
    print(work, OURS, "milliseconds", median(times));
    print(work, OURS, "requests", requests as f64);
    Ok(())
}

/// `get` of one client, beside the HTTP client that is below it.
fn management(runtime: &Runtime) -> Result<()> {
    let client = Client::new(config()?)?;
    let (project, secret) = (variable("STYTCH_PROJECT_ID")?, variable("STYTCH_SECRET")?);
    let id = variable("BENCH_CLIENT_ID")?;
    let url = format!("{}/v1/m2m/clients/{id}", variable("STYTCH_BASE_URL")?);
    let http = reqwest::Client::new();
    Rounds::new("management call", CALLS)
        .add(OURS, |_| {
            runtime.block_on(async {
                for _ in 0..CALLS {
                    black_box(client.clients().get(&id).await?);
                }
                Ok(())
            })
        })
        .add("reqwest", |_| {
            runtime.block_on(async {
                for _ in 0..CALLS {
                    let call = http.get(&url).basic_auth(&project, Some(&secret));
                    black_box(call.send().await?.error_for_status()?.json::<Value>().await?);
                }
                Ok(())
            })
        })
        .run(50)
}

fn config() -> Result<ClientConfig> {
    let (project, secret) = (variable("STYTCH_PROJECT_ID")?, variable("STYTCH_SECRET")?);
    let base_url = Some(variable("STYTCH_BASE_URL")?);
    Ok(ClientConfig { base_url, ..ClientConfig::new(project, secret) })
}

fn request() -> Result<TokenRequest> {
    Ok(TokenRequest {
        client_id: variable("BENCH_CLIENT_ID")?,
        client_secret: variable("BENCH_CLIENT_SECRET")?.into(),
        ..Default::default()
    })
}

fn source() -> Result<TokenSource> {
    Ok(TokenSource::new(TokenSourceConfig {
        project_id: Some(variable("STYTCH_PROJECT_ID")?),
        base_url: Some(variable("STYTCH_BASE_URL")?),
        client_id: variable("BENCH_CLIENT_ID")?,
        client_secret: Some(variable("BENCH_CLIENT_SECRET")?.into()),
        ..Default::default()
    })?)
}
