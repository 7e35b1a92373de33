//! The OpenAPI document is served, and true.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::Command,
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Api, say, send};

#[tokio::test]
async fn the_document_names_every_operation_once_and_its_references_hold() {
    let api = Api::start();
    let response = api.http.get(api.url("/_emulator/openapi.json")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let document: Value = response.json().await.unwrap();
    let mut operations = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            for response in operation["responses"].as_object().unwrap().values() {
                assert!(response["description"].is_string(), "{operation}");
            }
            operations.insert(operation["operationId"].as_str().unwrap().to_owned());
        }
    }
    for operation in stytch_m2m_emulator::Operation::ALL {
        assert!(operations.contains(operation.name()), "{}", operation.name());
    }
    for reference in references(&document) {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The executable that `SCHEMATHESIS` names, or the one on the path.
fn schemathesis() -> Option<PathBuf> {
    let on_path = || {
        let path = env::var_os("PATH")?;
        let mut candidates = env::split_paths(&path).map(|folder| folder.join("schemathesis"));
        candidates.find(|candidate| candidate.is_file())
    };
    env::var_os("SCHEMATHESIS").map(PathBuf::from).or_else(on_path)
}

/// Tries out the operations of one tag: no server error, no undocumented status, header or
/// schema, nothing accepted that the document forbids. What no schema can say (how hard a secret
/// is to guess, what a cursor looks like) excludes the check that whatever it allows is accepted.
fn try_out(schemathesis: &Path, api: &Api, tag: &str, authorization: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("schemathesis-{tag}"));
    std::fs::create_dir_all(&folder).unwrap();
    let workspace = api.emulator.workspace();
    let parameters = [
        ("project_id", api.emulator.project_id()),
        ("project_slug", &workspace.project_slug),
        ("environment_slug", &workspace.environment_slug),
        ("jwt_template_type", "M2M"),
    ];
    let parameters = parameters.map(|(name, value)| format!("{name} = \"{value}\"\n")).concat();
    let settings = format!("[parameters]\n{parameters}");
    std::fs::write(folder.join("schemathesis.toml"), settings).unwrap();
    let output = Command::new(schemathesis)
        .current_dir(&folder)
        .args(["run", &api.url("/_emulator/openapi.json"), "--include-tag", tag])
        .args(["--header", &format!("Authorization: {authorization}")])
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--suppress-health-check", "all"])
        .args(["--max-examples", "25", "--seed", "1", "--no-color"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{tag}:\n{said}");
    let summary = said.lines().rev().find(|line| line.contains("passed")).unwrap_or_default();
    say(&format!("schemathesis, {tag}: {}", summary.trim_matches(['=', ' '])));
}

#[tokio::test]
async fn the_document_is_what_the_server_does() {
    let Some(schemathesis) = schemathesis() else {
        assert!(env::var_os("CI").is_none(), "no schemathesis on the path or in SCHEMATHESIS");
        say("skipped: no schemathesis on the path or in SCHEMATHESIS");
        return;
    };
    let api = Api::start();
    let request = api.request(Method::GET, "/").build().unwrap();
    let project = request.headers()["authorization"].to_str().unwrap();
    try_out(&schemathesis, &api, "Stytch", project);

    let organization = api.emulator.organization().authorization;
    try_out(&schemathesis, &api, "Organization", &format!("Bearer {organization}"));

    let workspace = api.emulator.workspace();
    let request =
        api.http.get(api.url("/")).basic_auth(&workspace.key_id, Some(&workspace.key_secret));
    let request = request.build().unwrap();
    let key = request.headers()["authorization"].to_str().unwrap();
    try_out(&schemathesis, &api, "Workspace", key);

    let auth0 = api.emulator.auth0();
    let body = json!({
        "grant_type": "client_credentials",
        "client_id": auth0.client_id,
        "client_secret": auth0.client_secret,
        "audience": auth0.management_audience,
    });
    let token = send(api.http.post(api.url("/oauth/token")).json(&body)).await.body;
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    try_out(&schemathesis, &api, "Auth0", &bearer);

    // Last, since it disturbs the others.
    try_out(&schemathesis, &api, "Emulator", project);
}
