//! MCP's conformance suite.

use std::env;
use std::process::Command;

use crate::{folder, node};

/// Its servers give nothing but a 401, which leads to the token endpoint.
#[test]
fn the_client_passes_the_conformance_suite_of_mcp() {
    let Some(node) = node() else { return };
    // Cargo compiles the examples with the tests.
    let own = env::current_exe().unwrap();
    let client = own.parent().unwrap().parent().unwrap().join("examples/mcp_client");
    let client = client.with_extension(env::consts::EXE_EXTENSION);
    assert!(client.exists(), "compile it first: cargo build --example mcp_client");
    let suite = folder().join("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    for scenario in ["auth/client-credentials-basic", "auth/client-credentials-jwt"] {
        let output = Command::new(&node)
            .arg(&suite)
            .args(["client", "--scenario", scenario, "--command"])
            .arg(&client)
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = said + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scenario}:\n{said}");
    }
    println!("conformance: 2 cases");
}
