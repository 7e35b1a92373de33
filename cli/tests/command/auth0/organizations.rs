//! Clients that Auth0 binds to organizations, from the plan to the template.

use predicates::prelude::predicate::str::contains;
use serde_json::{Value, json};

use super::support::{API, Migration, PLAN, api, client, grant, secret_of, text_of};

fn bound(client_id: &str, organizations: &[&str]) -> Value {
    let mut grant = grant(client_id, API, &["read:invoices"]);
    grant["organization_usage"] = "require".into();
    grant["organizations"] = organizations.into();
    grant
}

#[test]
fn an_organization_moves_from_the_grant_into_the_token() {
    let migration = Migration::from(json!({
        "clients": [client("acme"), client("both")],
        "client_grants": [bound("acme", &["org_acme"]), bound("both", &["org_acme", "org_b"])],
        "resource_servers": [api(API, &["read:invoices"])],
    }));
    let output = migration.run(&["plan", "--out", PLAN]);
    assert!(output.status.success(), "{}", text_of(&output));
    assert!(
        text_of(&output).contains("stytch-m2m template set --organization"),
        "{}",
        text_of(&output)
    );
    let acme = migration.planned_client("acme");
    assert_eq!(acme["trusted_metadata"]["organization_id"], "org_acme");
    let both = migration.planned_client("both");
    assert_eq!(
        (&both["state"], &both["reason"]),
        (&json!("skip"), &json!("several_organizations"))
    );
    assert_eq!(both["organizations"], json!(["org_acme", "org_b"]));
    assert!(both["notes"][0].as_str().unwrap().contains("one client for each"), "{both}");
    migration.json(&["import", PLAN], 0);

    let verified = migration.json(&["verify", PLAN], 20);
    assert!(verified["clients"][0]["problem"].as_str().unwrap().contains("names no organization"));
    let run = |arguments: &[&str]| {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("stytch-m2m");
        command.args(arguments).current_dir(migration.dir.path()).envs(migration.environment());
        let workspace = migration.emulator.workspace();
        command.env("STYTCH_PROJECT_SLUG", workspace.project_slug);
        command.env("STYTCH_ENVIRONMENT_SLUG", workspace.environment_slug);
        command.env("STYTCH_WORKSPACE_KEY_ID", workspace.key_id);
        command.env("STYTCH_WORKSPACE_KEY_SECRET", workspace.key_secret);
        command.env("STYTCH_CLIENT_SECRET", secret_of("acme"));
        command.assert().success()
    };
    run(&["template", "set", "--organization", "--yes"]);
    migration.json(&["verify", PLAN], 0);
    let checked = run(&["template", "check", "--client-id", "acme", "--organization", "org_acme"]);
    checked.stdout(contains("chosen by: the project"));
}
