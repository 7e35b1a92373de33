//! Servers and test suites of others that the tests run against: oidc-provider, and MCP's
//! conformance suite, with a Node that is recent enough for both; and Keycloak.

mod keycloak;

use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use crate::step::is_installed;
use crate::tool;
use crate::workspace::Workspace;

pub(crate) use self::keycloak::Keycloak;

/// Their folder; tests look for `node_modules` in it.
const FOLDER: &str = "tests/judges";

/// Several languages want them, and prepare at the same time.
static TURN: Mutex<()> = Mutex::new(());

/// Installs those from npm where that is possible. Without them, tests say that they are skipped.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if is_installed("npm") { tool::npm_ci_once(workspace, FOLDER, "60 MB") } else { Ok(()) }
}
