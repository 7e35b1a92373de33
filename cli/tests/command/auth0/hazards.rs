//! What a plan must not do by itself.

use serde_json::{Value, json};

use super::support::{API, Migration, PLAN, api, client, grant, text_of};

const OTHER: &str = "https://orders.example.com/";

/// Two APIs, and a client of each.
fn two_apis(scopes: [&[&str]; 2], granted: [&[&str]; 2]) -> Migration {
    Migration::from(json!({
        "clients": [client("a"), client("b")],
        "client_grants": [grant("a", API, granted[0]), grant("b", OTHER, granted[1])],
        "resource_servers": [api(API, scopes[0]), api(OTHER, scopes[1])],
    }))
}

fn stopped(migration: &Migration) -> (String, Value) {
    let output = migration.run(&["plan", "--out", PLAN]);
    assert_eq!(output.status.code(), Some(6), "{}", text_of(&output));
    assert!(!migration.path(PLAN).exists());
    let said = String::from_utf8(output.stderr).unwrap();
    (said, yaml_serde::from_slice(&output.stdout).unwrap())
}

fn plan_with(migration: &Migration, mapping: &Value) {
    std::fs::write(migration.path("scopes.yaml"), mapping.to_string()).unwrap();
    migration.json(&["plan", "--out", PLAN, "--scope-mapping", "scopes.yaml"], 0);
}

#[test]
fn one_name_at_two_audiences_stops_the_plan() {
    let migration = two_apis([&["read", "x"], &["read"]], [&["read", "x"], &["read"]]);
    let (said, proposal) = stopped(&migration);
    assert!(
        said.contains("read of https://billing.example.com/, read of https://orders"),
        "{said}"
    );
    plan_with(&migration, &proposal);
    let scopes = |id| migration.planned_client(id)["scopes"].clone();
    assert_eq!(scopes("a"), json!(["billing-example-com.read", "x"]));
    assert_eq!(scopes("b"), json!(["orders-example-com.read"]));
}

#[test]
fn a_person_may_say_that_they_are_the_same() {
    let migration = two_apis([&["read"], &["read"]], [&["read"], &["read"]]);
    plan_with(&migration, &json!({ API: { "read": "read" }, OTHER: { "read": "read" } }));
    assert_eq!(migration.planned_client("a")["scopes"], json!(["read"]));
}

#[test]
fn one_said_is_not_both_said() {
    let migration = two_apis([&["read"], &["write"]], [&["read"], &["write"]]);
    // A name chosen for one that the other has already.
    let mapping = json!({ API: { "read": "write" } });
    std::fs::write(migration.path("scopes.yaml"), mapping.to_string()).unwrap();
    let output = migration.run(&["plan", "--out", PLAN, "--scope-mapping", "scopes.yaml"]);
    assert_eq!(output.status.code(), Some(6));
}

#[test]
fn a_scope_that_an_api_only_knows_counts() {
    // Nobody has read at the other API; its service would honour it all the same.
    let migration = two_apis([&["read"], &["read", "y"]], [&["read"], &["y"]]);
    stopped(&migration);
    // What nobody is granted anywhere is no hazard.
    let migration = two_apis([&["read", "x"], &["read", "y"]], [&["x"], &["y"]]);
    migration.plan();
}

#[test]
fn a_whole_audience_can_be_renamed() {
    let migration = two_apis([&["read", "write"], &["read"]], [&["read", "write"], &["read"]]);
    plan_with(&migration, &json!({ API: { "*": "billing.*", "write": "change" } }));
    assert_eq!(migration.planned_client("a")["scopes"], json!(["billing.read", "change"]));
}

#[test]
fn a_wildcard_would_widen() {
    let migration = two_apis([&["read:*"], &["y"]], [&["read:*"], &["y"]]);
    let (said, proposal) = stopped(&migration);
    assert!(said.contains("wildcard"), "{said}");
    assert_eq!(proposal, json!({ API: { "read:*": "read:all" } }));
    plan_with(&migration, &proposal);
}

#[test]
fn all_scopes_are_those_of_today() {
    let mut all = grant("a", API, &[]);
    all["allow_all_scopes"] = true.into();
    let migration = Migration::from(json!({
        "clients": [client("a")],
        "client_grants": [all],
        "resource_servers": [api(API, &["write", "read"])],
    }));
    migration.plan();
    let planned = migration.planned_client("a");
    assert_eq!(planned["scopes"], json!(["read", "write"]));
    assert!(planned["notes"][0].as_str().unwrap().contains("all scopes of"), "{planned}");
}

#[test]
fn organizations_are_reported_and_not_forgotten() {
    let with = |usage: &str, client_id: &str, audience: &str, scope: &str| {
        let mut grant = grant(client_id, audience, &[scope]);
        grant["organization_usage"] = usage.into();
        grant
    };
    let migration = Migration::from(json!({
        "clients": [client("only"), client("also"), client("may")],
        "client_grants": [
            with("require", "only", API, "read"),
            with("require", "also", API, "read"), with("deny", "also", OTHER, "orders"),
            with("allow", "may", API, "read"),
        ],
        "resource_servers": [api(API, &["read"]), api(OTHER, &["orders"])],
    }));
    migration.plan();
    assert_eq!(migration.planned_client("only")["reason"], "no_organization");
    let also = migration.planned_client("also");
    assert_eq!(also["scopes"], json!(["orders"]));
    assert!(also["notes"][0].as_str().unwrap().contains("only for organizations"), "{also}");
    let may = migration.planned_client("may");
    assert_eq!(may["scopes"], json!(["read"]));
    assert!(may["notes"][0].as_str().unwrap().contains("organizations"), "{may}");
}

#[test]
fn every_client_has_one_state_and_a_reason() {
    let with = |id: &str, name: &str, value: Value| {
        let mut client = client(id);
        client[name] = value;
        client
    };
    let key = json!({ "private_key_jwt": { "credentials": [{ "id": "cred_1" }] } });
    let large = json!({ "text": "x".repeat(5000) });
    let clients = [
        client("good"),
        with("spa", "grant_types", json!(["authorization_code"])),
        with("web", "app_type", json!("regular_web")),
        with("key", "client_authentication_methods", key),
        with("short", "client_secret", json!("short")),
        with("masked", "client_secret", json!("*****")),
        with("large", "client_metadata", large),
        client("idle"),
        client("manages"),
        client("alike"),
    ];
    let ids = ["good", "spa", "web", "key", "short", "masked", "large"];
    let mut grants: Vec<_> = ids.iter().map(|id| grant(id, API, &["read"])).collect();
    grants.push(grant("manages", "https://acme.eu.auth0.com/api/v2/", &["read:users"]));
    grants.push(grant("alike", "https://api.example.com/api/v2/", &["read:users"]));
    let migration = Migration::from(json!({
        "clients": clients,
        "client_grants": grants,
        "resource_servers": [api(API, &["read"])],
    }));
    migration.plan();
    let plan = migration.planned();
    let state = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        (text("client_id"), text("state"), text("reason"))
    };
    let states: Vec<_> = plan["clients"].as_array().unwrap().iter().map(state).collect();
    let expected = [
        ("auth0-global-client", "skip", "management_client"),
        ("auth0-management-client", "skip", "management_client"),
        ("good", "import", ""),
        ("spa", "skip", "not_m2m"),
        // An M2M client is one that may use the grant, whatever its type.
        ("web", "import", ""),
        ("key", "skip", "private_key"),
        ("short", "skip", "short_secret"),
        ("masked", "skip", "no_secret"),
        ("large", "skip", "metadata_too_large"),
        ("idle", "skip", "no_grant"),
        ("manages", "skip", "management_client"),
        // An API of the operator's own, whose identifier ends like that of Auth0's.
        ("alike", "import", ""),
    ];
    let expected = expected.map(|(id, state, why)| (id.into(), state.into(), why.into()));
    assert_eq!(states, expected);
    let report = migration.json(&["import", PLAN], 0);
    assert_eq!(report["clients"].as_array().unwrap().len(), expected.len());
    assert_eq!(migration.ids_at_stytch(), ["alike", "good", "web"]);
}

#[test]
fn what_cannot_be_judged_by_a_program_is_noted() {
    let mut hs256 = api(API, &["a:b:c"]);
    hs256["signing_alg"] = "HS256".into();
    let migration = Migration::from(json!({
        "clients": [client("a"), client("unreadable")],
        "client_grants": [grant("a", API, &["a:b:c"]), grant("a", OTHER, &[])],
        "resource_servers": [hs256, api(OTHER, &[])],
    }));
    let text = text_of(&migration.run(&["plan", "--out", PLAN]));
    for part in ["HS256", "more than one colon", "one audience"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let planned = migration.planned_client("a");
    assert!(planned["notes"][0].as_str().unwrap().contains("without any scope"), "{planned}");
}
