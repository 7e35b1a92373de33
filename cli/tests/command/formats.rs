//! `--output`, `--query` and `--quiet`.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::{contains, is_empty};
use serde_json::Value;

use crate::support::{ID, World, bare, json};

const LIST: [&str; 2] = ["clients", "list"];

impl World {
    fn said(&self, more: &[&str]) -> String {
        let output = self.command(&[&LIST[..], more].concat()).assert().success();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    }
}

#[test]
fn one_result_in_four_forms() {
    let world = World::new();
    world.command(&["clients", "create", "--client-id", "orders", "--secret-file", "s"]);
    let table = world.said(&["-o", "table"]);
    assert!(table.starts_with("CLIENT ID") && table == world.said(&["--output", "text"]));
    let document: Value = json(world.said(&["-o", "json"]).as_bytes());
    let yaml: Value = yaml_serde::from_str(&world.said(&["-o", "yaml"])).unwrap();
    assert_eq!(document, yaml);
    let lines = world.said(&["-o", "jsonl"]);
    let lines: Vec<Value> = lines.lines().map(|line| json(line.as_bytes())).collect();
    assert_eq!(document, Value::Array(lines));
}

/// A name that could deceive the reader is quoted, and the document stays YAML.
#[test]
fn yaml_stays_yaml_whatever_the_names_are() {
    let world = World::new();
    let name = "A\nstatus: active \u{202e}txt\u{1b}[2J";
    let create = ["clients", "create", "--client-id", "odd", "--name", name, "--secret-file", "s"];
    world.command(&create).assert().success();
    let text = world.said(&["-o", "yaml"]);
    assert!(text.contains("  client_id: odd"), "{text}");
    assert!(text.contains(r#"client_name: "A\nstatus: active \u202Etxt\u001B[2J""#), "{text}");
    let document: Value = json(world.said(&["-o", "json"]).as_bytes());
    assert_eq!(yaml_serde::from_str::<Value>(&text).unwrap(), document);
    world.command(&["clients", "export", "--out", "clients.yaml"]).assert().success();
    assert!(!world.read("clients.yaml").contains('\u{202e}'));
    world.command(&["clients", "apply", "clients.yaml", "--dry-run"]).assert().success();
}

#[test]
fn a_query_selects_a_part() {
    let world = World::new();
    assert_eq!(world.said(&["--query", "[].client_id"]), "billing\n");
    assert_eq!(world.said(&["--query", "[0].scopes | [1]", "-o", "json"]), "\"write:invoices\"\n");
    let wrong = world.command(&["clients", "list", "--query", "[}"]).assert().code(2);
    wrong.stderr(contains("JMESPath"));
    assert_eq!(world.emulator.counts()["search"], 1 + 1, "a wrong query is found before");
}

#[test]
fn a_query_that_leaves_the_only_copy_of_a_secret_out_is_a_failure() {
    let world = World::new();
    let create = ["clients", "create", "--client-id", "orders", "--show-secret", "--query"];
    let mut without = world.command(&[&create[..], &["client_id"]].concat());
    without.assert().code(1).stderr(contains("--query").and(contains("secrets rotate run orders")));
    let create = ["clients", "create", "--client-id", "shop", "--show-secret", "--query"];
    let mut with = world.command(&[&create[..], &["client_secret"]].concat());
    let secret = with.assert().success().get_output().stdout.clone();
    assert!(world.works("shop", String::from_utf8(secret).unwrap().trim_end()));
}

#[test]
fn quiet_says_results_and_errors_alone() {
    let world = World::new();
    let create = ["clients", "create", "--secret-file", "s", "--client-id", "orders"];
    world.command(&create).assert().success().stderr(contains("the secret is in s"));
    let quiet = ["clients", "create", "--secret-file", "t", "--client-id", "shop", "-q"];
    world.command(&quiet).assert().success().stderr(is_empty()).stdout(contains("shop"));
    world
        .command(&["clients", "get", "none", "--quiet"])
        .assert()
        .code(5)
        .stderr(contains("error"));
}

#[test]
fn wrong_usage_is_json_where_json_is_asked_for() {
    let cases: [&[&str]; 5] = [
        &["clients", "lst", "-o", "json"],
        &["clients", "get", "--output", "json"],
        &["--output=jsonl", "clients", "list", "--limit", "x"],
        &["clients", "create", "-ojson"],
        &["-o", "json", "clients", "list", "--query", "[}"],
    ];
    for arguments in cases {
        let output = bare(arguments).assert().code(2).stdout(is_empty()).get_output().clone();
        let error = json(&output.stderr)["error"].clone();
        assert_eq!(error["code"], "invalid_config", "{arguments:?}");
        assert!(!error["message"].as_str().unwrap().contains('\n'), "{error}");
    }
    bare(&["clients", "lst"]).assert().code(2).stderr(contains("error:").and(contains("Usage")));
}

#[test]
fn filters_by_status_scope_metadata_and_organization() {
    let world = World::new();
    let create = |id: &str, metadata: &str| {
        let arguments =
            ["clients", "create", "--client-id", id, "--metadata", metadata, "--secret-file", id];
        world.command(&arguments).assert().success();
    };
    create("shop", r#"{"organization_id":"organization-1","team":"money","level":3}"#);
    create("site", r#"{"organization_id":"organization-2","team":"money"}"#);
    world.command(&["clients", "deactivate", "site"]).assert().success();
    let ids = |more: &[&str]| world.said(&[more, &["--query", "[].client_id"]].concat());
    assert_eq!(ids(&["--status", "inactive"]), "site\n");
    assert_eq!(ids(&["--organization", "organization-1"]), "shop\n");
    assert_eq!(ids(&["--metadata", "team=money", "--status", "active"]), "shop\n");
    assert_eq!(ids(&["--metadata", "level=3"]), "shop\n");
    assert_eq!(ids(&["--metadata", "team", "--limit", "1"]).lines().count(), 1);
    assert_eq!(ids(&["--scope", "read:invoices", "--status", "active"]), format!("{ID}\n"));
}

#[test]
fn scopes_are_added_and_removed_one_by_one() {
    let world = World::new();
    let update = |more: &[&str]| world.json(&[&["clients", "update", ID], more].concat());
    let scopes = |found: Value| found["scopes"].clone();
    assert_eq!(
        scopes(update(&["--add-scope", "read:users", "--remove-scope", "write:invoices"])),
        serde_json::json!(["read:invoices", "read:users"])
    );
    assert_eq!(scopes(update(&["--scope", "a"])), serde_json::json!(["a"]), "--scope replaces");
    let both = ["clients", "update", ID, "--scope", "a", "--add-scope", "b"];
    world.command(&both).assert().code(2);
    let both = ["clients", "update", ID, "--add-scope", "b", "--remove-scope", "b"];
    world.command(&both).assert().code(2).stderr(contains("added and removed"));
}

#[test]
fn ids_that_begin_with_a_hyphen() {
    let world = World::new();
    for id in ["-kQ3x", "--really"] {
        let create =
            ["clients", "create", "--client-id", id, "--show-secret", "--query", "client_secret"];
        let secret = world.command(&create).assert().success().get_output().stdout.clone();
        let secret = String::from_utf8(secret).unwrap();
        assert!(world.works(id, secret.trim_end()));
        assert_eq!(world.said(&["--id", id, "--query", "[].client_id"]), format!("{id}\n"));
        world.command(&["clients", "get", "--", id]).assert().success();
        world.command(&["clients", "deactivate", "--", id]).assert().success();
    }
    world.command(&["clients", "get", "-kQ3x"]).assert().success();
    let mistyped = world.command(&["clients", "delete", "--yess"]).assert().code(2);
    mistyped.stderr(contains("after --"));
    // What is left half done is gone on with by a command that can be typed.
    let show = ["secrets", "rotate", "start", "--secret-file", "n", "--", "--really"];
    world.command(&show).assert().success();
    let again = ["secrets", "rotate", "run", "--secret-file", "m", "--", "--really"];
    world.command(&again).assert().code(6);
}
