//! An emulator for the benchmarks of every language, and the tokens that they verify.
//!
//! Writes the files that `benches/README.md` names into the folder given, prints the settings as one
//! line of JSON, and serves until its input ends.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

use std::env;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use stytch_m2m_emulator::{ClientSeed, Emulator, Seed, TokenChanges, TokenRequest};

const CLIENT_ID: &str = "m2m-client-test-5b6f4a3e-1d2c-4b7a-9e8f-0a1b2c3d4e5f";
const CLIENT_SECRET: &str = "a-secret-of-an-emulator-that-holds-test-data-alone";
const SCOPES: [&str; 2] = ["read:users", "write:users"];
/// Long enough for every language.
const LIFETIME: u32 = 24 * 3600;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let folder = env::args().nth(1).context("the folder to write to is missing")?;
    let folder = fs::canonicalize(folder)?;
    let mut seed = Seed::default();
    seed.clients = vec![ClientSeed::new(CLIENT_ID, CLIENT_SECRET, SCOPES)];
    seed.token_settings.lifetime_seconds = LIFETIME;
    let emulator = Emulator::builder().seed(seed).start()?;
    for (name, count, claims) in
        [("tokens", 10_000, 0), ("tokens-4k", 1_000, 33), ("tokens-12k", 1_000, 110)]
    {
        let tokens = (0..count).map(|number| token(&emulator, number, claims));
        let tokens: Vec<String> = tokens.collect::<Result<_>>()?;
        fs::write(folder.join(name).with_extension("txt"), tokens.join("\n"))?;
    }
    let set = key_set(&emulator).await?;
    for (name, count) in [("jwks", 1), ("jwks-10", 10), ("jwks-100", 100)] {
        let set = grown(&set, count).context("the emulator serves no key")?;
        fs::write(folder.join(name).with_extension("json"), set.to_string())?;
    }
    println!("{}", settings(&emulator, &folder));
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// A token with so many custom claims, as an application might put there.
fn token(emulator: &Emulator, number: usize, claims: usize) -> Result<String> {
    let mut changes = TokenChanges::default();
    for claim in 0..claims {
        let value =
            json!({"resource": format!("project/{number}"), "role": "editor", "level": claim});
        changes = changes.claim(format!("https://example.com/{claim}"), value);
    }
    let client = format!("m2m-client-test-00000000-0000-4000-8000-{number:012}");
    Ok(emulator.issue_token(&TokenRequest::new(client).scopes(SCOPES).changes(changes))?)
}

async fn key_set(emulator: &Emulator) -> Result<Value> {
    let path = format!("v1/sessions/jwks/{}", emulator.project_id());
    let reply = reqwest::get(format!("{}/{path}", emulator.base_url())).await?;
    Ok(reply.error_for_status()?.json().await?)
}

/// The set with its key under further names, after the one that signs.
fn grown(set: &Value, count: usize) -> Option<Value> {
    let key = set.pointer("/keys/0")?;
    let named = |number: usize| {
        let mut key = key.clone();
        if number > 0 {
            *key.get_mut("kid")? = json!(format!("jwk-test-other-{number}"));
        }
        Some(key)
    };
    let keys: Vec<Value> = (0..count).map(named).collect::<Option<_>>()?;
    Some(json!({ "keys": keys }))
}

fn settings(emulator: &Emulator, folder: &Path) -> Value {
    json!({
        "STYTCH_PROJECT_ID": emulator.project_id(),
        "STYTCH_SECRET": emulator.secret(),
        "STYTCH_BASE_URL": emulator.base_url(),
        "BENCH_CLIENT_ID": CLIENT_ID,
        "BENCH_CLIENT_SECRET": CLIENT_SECRET,
        "BENCH_DATA": folder,
    })
}
