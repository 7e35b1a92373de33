//! Each call of Stytch's guides, as they print it, by curl: only host, names and ids are this test's.

use std::{env, io::ErrorKind, process::Command};

use serde_json::{Value, json};

use crate::support::{Api, say};

/// Runs a printed command against the emulator. `None`, with a word about it, without curl.
fn run(api: &Api, printed: &str, ids: &[(&str, &str)]) -> Option<Value> {
    let credentials = format!("{}:{}", api.emulator.project_id(), api.emulator.secret());
    let mut script = printed
        .replace("https://test.stytch.com", api.emulator.base_url())
        .replace("PROJECT_ID:SECRET", &credentials)
        .replace("PROJECT_ID", api.emulator.project_id());
    for (name, id) in ids {
        script = script.replace(name, id);
    }
    match Command::new("curl").arg("--version").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            assert!(env::var_os("CI").is_none(), "no curl on the path");
            say("skipped: no curl on the path");
            return None;
        }
        version => drop(version.expect("curl runs")),
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{script} --silent --show-error")]).env("no_proxy", "*");
    let output = shell.output().expect("a shell");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(answer.get("keys").is_some() || answer["status_code"] == 200, "{script}: {answer}");
    Some(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_curl_of_the_guides_runs_as_it_is_printed() {
    let api = Api::start();
    let create = "curl --request POST \\
\t--url https://test.stytch.com/v1/m2m/clients/ \\
\t-u 'PROJECT_ID:SECRET' \\
\t-H 'Content-Type: application/json' \\
\t-d '{
\t\t\"client_name\": \"Settings Service\",
\t\t\"client_description\": \"Following the Stytch guide.\",
\t\t\"scopes\": [\"read:settings\", \"write:settings\"],
\t\t\"trusted_metadata\": { \"api_version\": \"v2\" }
\t}'";
    let Some(created) = run(&api, create, &[]) else { return };
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let id = text(&created["m2m_client"]["client_id"]);
    let secret = text(&created["m2m_client"]["client_secret"]);
    let ids = [("{CLIENT_ID}", id.as_str()), ("{CLIENT_SECRET}", secret.as_str())];
    let run = |printed: &str| run(&api, printed, &ids).expect("curl was there");

    let token = "curl --request POST \\
\t--url https://test.stytch.com/v1/public/PROJECT_ID/oauth2/token \\
\t-H 'Content-Type: application/json' \\
\t-d '{
\t\t\"client_id\": \"{CLIENT_ID}\",
\t\t\"client_secret\": \"{CLIENT_SECRET}\",
\t\t\"grant_type\": \"client_credentials\"
\t}'";
    assert_eq!(run(token)["token_type"], "bearer");
    let form = "curl --request POST \\
  --url https://test.stytch.com/v1/public/PROJECT_ID/oauth2/token/ \\
  --header 'Content-Type: application/x-www-form-urlencoded' \\
  --user '{CLIENT_ID}:{CLIENT_SECRET}' \\
  --data 'grant_type=client_credentials'";
    assert_eq!(run(form)["expires_in"], 3600);
    run("curl --request GET --url https://test.stytch.com/v1/sessions/jwks/PROJECT_ID");

    let get = "curl --request GET \\
\t--url https://test.stytch.com/v1/m2m/clients/{CLIENT_ID} \\
\t-u 'PROJECT_ID:SECRET'";
    assert_eq!(run(get)["m2m_client"]["client_description"], "Following the Stytch guide.");
    // With `--request POST`, too: one of the guides has it.
    for method in ["PUT", "POST"] {
        let update = format!(
            "curl --request {method} \\
\t--url https://test.stytch.com/v1/m2m/clients/{{CLIENT_ID}} \\
\t-u 'PROJECT_ID:SECRET' \\
\t-H 'Content-Type: application/json' \\
\t-d '{{
\t\t\"status\": \"inactive\"
\t}}'"
        );
        assert_eq!(run(&update)["m2m_client"]["status"], "inactive");
    }
    let search = "curl --request POST \\
\t--url https://test.stytch.com/v1/m2m/clients/search \\
\t-u 'PROJECT_ID:SECRET' \\
\t-H 'Content-Type: application/json' \\
\t-d '{
\t\t\"limit\": 100,
\t\t\"query\": {
\t\t\t\"operator\": \"AND\",
\t\t\t\"operands\": [{ \"filter_name\": \"client_name\", \"filter_value\": [\"Settings Service\"] }]
\t\t}
\t}'";
    assert_eq!(run(search)["results_metadata"]["total"], 1);

    // Without a body, with its type alone, with an empty one, and with a slash at the end.
    let rotate = |step: &str, more: &str| {
        run(&format!(
            "curl --request POST \\
\t--url https://test.stytch.com/v1/m2m/clients/{{CLIENT_ID}}/secrets/rotate{step} \\
\t-u 'PROJECT_ID:SECRET'{more}"
        ))
    };
    let typed = " \\\n\t-H 'Content-Type: application/json'";
    assert!(rotate("/start", "")["m2m_client"]["next_client_secret"].is_string());
    rotate("/cancel", typed);
    rotate("/start/", typed);
    rotate("", &format!("{typed} \\\n\t-d '{{}}'"));

    let delete = "curl --request DELETE \\
\t--url https://test.stytch.com/v1/m2m/clients/{CLIENT_ID} \\
\t-u 'PROJECT_ID:SECRET'";
    assert_eq!(run(delete)["client_id"], json!(id));
}

/// An official client leaves an empty list out.
#[tokio::test]
async fn a_client_can_be_created_without_scopes() {
    let api = Api::start();
    let created = api.post("/v1/m2m/clients", json!({ "client_name": "none" })).await.ok();
    assert_eq!(created["m2m_client"]["scopes"], json!([]));
    let null = api.post("/v1/m2m/clients/", json!({ "scopes": null })).await.ok();
    assert_eq!(null["m2m_client"]["scopes"], json!([]));
}
