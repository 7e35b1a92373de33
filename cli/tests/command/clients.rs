//! `clients`

use predicates::prelude::predicate::str::contains;
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{ID, SECRET, World, all_of};

#[test]
fn a_client_has_an_organization_of_its_own() {
    let world = World::new();
    let create =
        ["clients", "create", "--client-id", "acme", "--organization", "org-1", "--show-secret"];
    assert_eq!(world.json(&create)["organization_id"], "org-1");
    let update = ["clients", "update", ID, "--organization", "org-2"];
    assert_eq!(world.json(&update)["trusted_metadata"]["organization_id"], "org-2");
    let list = ["clients", "list", "--organization", "org-2", "--query", "[].client_id"];
    assert_eq!(world.json(&list), serde_json::json!([ID]));
    let blank = ["clients", "update", ID, "--organization", "a b"];
    world.command(&blank).assert().code(2).stderr(contains("--organization"));
}

#[test]
fn a_clients_life() {
    let world = World::new();
    let made = world.json(&[
        "clients",
        "create",
        "--scope",
        "read:users",
        "--name",
        "Users",
        "--metadata",
        r#"{"team":"people","old":1}"#,
        "--secret-file",
        "users.secret",
    ]);
    let id = made["client_id"].as_str().unwrap();
    assert!(world.works(id, &world.read("users.secret")));
    assert!(made.get("client_secret").is_none());

    let changes = ["clients", "update", id, "--description", "d", "--metadata", r#"{"old":null}"#];
    let updated = world.json(&changes);
    assert_eq!(updated["client_name"], "Users");
    assert_eq!(updated["client_description"], "d");
    assert_eq!(updated["trusted_metadata"], serde_json::json!({ "team": "people" }));
    assert_eq!(updated["scopes"], serde_json::json!(["read:users"]));

    assert_eq!(world.json(&["clients", "deactivate", id])["status"], "inactive");
    assert!(!world.works(id, &world.read("users.secret")));
    assert_eq!(world.json(&["clients", "activate", id])["status"], "active");
    let none = world.json(&["clients", "update", id, "--no-scopes"]);
    assert_eq!(none["scopes"], serde_json::json!([]));

    world.command(&["clients", "delete", id]).assert().code(2).stderr(contains("give --yes"));
    world.command(&["clients", "delete", id, "-y"]).assert().success().stdout(contains(id));
    world.command(&["clients", "get", id]).assert().code(5);
}

#[test]
fn lists_filter_and_page() {
    let world = World::new();
    for scope in ["read:users", "read:teams"] {
        let arguments = ["clients", "create", "--scope", scope, "--name", scope, "--show-secret"];
        world.json(&arguments);
    }
    let ids = |arguments: &[&str]| {
        let found = world.json(&[&["clients", "list"], arguments].concat());
        found.as_array().unwrap().len()
    };
    assert_eq!(ids(&[]), 3);
    assert_eq!(ids(&["--limit", "2"]), 2);
    assert_eq!(ids(&["--id", ID]), 1);
    assert_eq!(ids(&["--scope", "read:users", "--scope", "read:teams"]), 2);
    assert_eq!(ids(&["--scope", "read:users", "--name", "read:teams"]), 0);
    assert_eq!(ids(&["--scope", "read:users", "--name", "read:teams", "--any"]), 2);
    let table = world.command(&["clients", "list", "--id", ID]).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("CLIENT ID"), "{table}");
    assert!(lines[1].starts_with("billing ") && lines[1].contains("read:invoices"), "{table}");
    world.command(&["clients", "list", "--id", "none"]).assert().stdout("no clients\n");
}

#[test]
fn secrets_show_only_when_asked_for() {
    let world = World::new();
    world.command(&["clients", "create"]).assert().code(2).stderr(contains("--secret-file"));
    let shown = world.json(&["clients", "create", "--show-secret"]);
    let secret = shown["client_secret"].as_str().unwrap();
    assert!(world.works(shown["client_id"].as_str().unwrap(), secret));

    world.write("own", "canary-of-my-own-9\n");
    let arguments = ["clients", "create", "--client-id", "own", "--secret-from", "own"];
    let output = world.command(&arguments).output().unwrap();
    assert!(output.status.success());
    assert!(!all_of(&output).contains("canary"));
    assert!(world.works("own", "canary-of-my-own-9"));
    let output = world.command(&["clients", "get", ID]).output().unwrap();
    assert!(!all_of(&output).contains(SECRET));
}

#[cfg(unix)]
#[test]
fn a_secret_file_is_private_and_new() {
    use std::os::unix::fs::PermissionsExt as _;

    let world = World::new();
    let create = ["clients", "create", "--secret-file", "new.secret"];
    world.command(&create).assert().success();
    let mode = std::fs::metadata(world.path("new.secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let before = world.read("new.secret");
    let asked = world.emulator.counts()["create"];
    world.command(&create).assert().code(1).stderr(contains("will not overwrite new.secret"));
    let nowhere = ["clients", "create", "--secret-file", "no/such/folder/secret"];
    world.command(&nowhere).assert().code(1).stderr(contains("cannot create"));
    assert_eq!(world.read("new.secret"), before);
    assert_eq!(world.emulator.counts()["create"], asked, "nothing may be asked for by then");
}

#[test]
fn a_failed_create_leaves_no_file() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::status(403)).at(Operation::Create)).unwrap();
    let create = ["clients", "create", "--secret-file", "new.secret"];
    world.command(&create).assert().code(4);
    assert!(!world.path("new.secret").exists());
}

#[test]
fn a_lost_answer_makes_one_client_and_loses_no_secret() {
    let world = World::new();
    world.emulator.add_fault(Fault::new(Effect::DropAnswer).at(Operation::Create)).unwrap();
    let made = world.json(&["clients", "create", "--name", "once", "--show-secret"]);
    let secret = made["client_secret"].as_str().unwrap();
    assert!(world.works(made["client_id"].as_str().unwrap(), secret));
    let found = world.json(&["clients", "list", "--name", "once"]);
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[test]
fn what_a_terminal_would_obey_is_not_printed() {
    let world = World::new();
    let name = "red \u{1b}[31m bell \u{7}";
    world.json(&["clients", "create", "--name", name, "--show-secret"]);
    let output = world.command(&["clients", "list"]).output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(r"red \u{1b}[31m bell \u{7}"), "{shown:?}");
    assert!(!shown.contains(['\u{1b}', '\u{7}']));
}

/// A name that is a row, a colour, or a change of direction is shown as what it is.
#[test]
fn no_name_makes_a_row_that_is_not_there() {
    let world = World::new();
    let false_row = "x\nadmin  Admin  active  all:things\r\n\u{85}\u{2028}\tend";
    let deceiving = "\u{1b}[31mred\u{9b}2J\u{202e}desrever\u{200b}";
    let padded = format!("x{}admin Admin active all:things", " ".repeat(76));
    for name in [false_row, deceiving, &padded] {
        world.json(&["clients", "create", "--name", name, "--description", name, "--show-secret"]);
    }
    let listed = world.command(&["clients", "list"]).output().unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(text.lines().count(), 5, "a heading, and a row for each client: {text}");
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("admin"), "{text}");
        assert!(line.chars().count() < 200, "{line}");
    }
    let deceives = |c: char| c.is_control() && c != '\n' || "\u{2028}\u{202e}\u{200b}".contains(c);
    assert!(!text.contains(deceives), "{text:?}");
    assert!(text.contains(r"x\nadmin"), "{text}");

    let clients = world.json(&["clients", "list"]);
    let names: Vec<_> = clients.as_array().unwrap().iter().map(|one| &one["client_name"]).collect();
    for name in [false_row, deceiving, &padded] {
        assert!(names.contains(&&serde_json::json!(name)), "JSON is exact: {names:?}");
    }
    let raw = world.command(&["clients", "list", "--output", "json"]).output().unwrap();
    assert!(!String::from_utf8(raw.stdout).unwrap().contains(deceives));

    let id = clients[0]["client_id"].as_str().unwrap();
    for id in [id, clients[1]["client_id"].as_str().unwrap()] {
        let shown = world.command(&["clients", "get", id]).output().unwrap();
        let text = String::from_utf8(shown.stdout).unwrap();
        let fields = text.lines().filter(|line| line.contains(": ")).count();
        assert_eq!(fields, text.lines().count(), "{text}");
    }
}

#[test]
fn what_a_server_says_stays_on_one_line() {
    let world = World::new();
    let body =
        r#"{"error_type":"bad_request","error_message":"no\nwarning: all is well\u001b[2J"}"#;
    let effect =
        Effect::Status { status: 400, headers: Default::default(), body: Some(body.to_owned()) };
    world.emulator.add_fault(Fault::new(effect).at(Operation::Get)).unwrap();
    let failed = world.command(&["clients", "get", ID]).output().unwrap();
    let text = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(r"no\nwarning") && !text.contains('\u{1b}'), "{text:?}");
}
