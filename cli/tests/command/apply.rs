//! `clients apply` and `clients export`

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::{contains, is_empty};
use serde_json::{Value, json};
use stytch_m2m_emulator::{Effect, Fault, Operation};

use crate::support::{ID, World, json};

const FILE: &str = "\
clients:
  - client_id: billing
    client_name: Billing
    scopes: [read:invoices]
    trusted_metadata: { team: money }
  - client_id: orders
    status: inactive
    scopes: [read:orders, write:orders]
";

impl World {
    fn apply(&self, more: &[&str]) -> assert_cmd::assert::Assert {
        self.command(&[&["clients", "apply", "clients.yaml"], more].concat()).assert()
    }

    fn one(&self, client_id: &str) -> Value {
        self.json(&["clients", "get", client_id])
    }
}

#[test]
fn a_dry_run_shows_the_difference_and_ends_with_2() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    world.apply(&["--dry-run"]).code(2).stderr(is_empty()).stdout(
        contains("CLIENT ID")
            .and(contains("update  client_name"))
            .and(contains("create  status"))
            .and(contains("create 1, update 1, delete 0, unchanged 0")),
    );
    let output = world.apply(&["--dry-run", "-o", "json"]).code(2).get_output().clone();
    let found = json(&output.stdout);
    assert_eq!(found["counts"], json!({ "create": 1, "update": 1, "delete": 0, "unchanged": 0 }));
    let scopes = &found["changes"][0]["fields"]["scopes"];
    assert_eq!(
        *scopes,
        json!({ "from": ["read:invoices", "write:invoices"], "to": ["read:invoices"] })
    );
    assert!(output.stderr.is_empty());
    assert_eq!(world.emulator.counts()["update"] + world.emulator.counts()["create"], 0);
}

#[test]
fn it_is_idempotent_and_secrets_go_to_files() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    world.apply(&[]).code(1).stderr(contains("--secrets-dir or --store-command"));
    world.apply(&["--secrets-dir", "secrets"]).success();
    assert_eq!(world.one("orders")["status"], "inactive");
    assert_eq!(world.one(ID)["trusted_metadata"], json!({ "team": "money" }));
    let secret = world.read("secrets/orders.secret");
    assert_eq!(world.one("orders")["client_secret_last_four"], secret[secret.len() - 4..]);
    world.apply(&["--dry-run"]).success().stdout(contains("unchanged 2"));
    let before = world.emulator.counts();
    world.apply(&[]).success();
    assert_eq!(world.emulator.counts()["update"], before["update"], "nothing was left to do");

    // Metadata is what the file says, keys that it does not have included.
    world.write(
        "clients.yaml",
        "clients: [{ client_id: billing, trusted_metadata: { owner: me } }]",
    );
    world.apply(&[]).success();
    assert_eq!(world.one(ID)["trusted_metadata"], json!({ "owner": "me" }));
    assert_eq!(world.one(ID)["client_name"], "Billing", "what is not named stays");
}

#[cfg(unix)]
#[test]
fn secrets_of_new_clients_go_to_a_store_command_by_the_clients_id() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    world.apply(&["--store-command", "cat > \"kept-$STYTCH_CLIENT_ID\""]).success();
    let secret = world.read("kept-orders");
    assert_eq!(world.one("orders")["client_secret_last_four"], secret[secret.len() - 4..]);
    world.write("clients.yaml", "clients: [{ client_id: shop }]");
    world.apply(&["--store-command", "exit 3"]).code(20);
    world.command(&["clients", "get", "shop"]).assert().code(5);
}

#[test]
fn nothing_is_deleted_without_prune() {
    let world = World::new();
    world.write("clients.yaml", "clients: []");
    world
        .apply(&["--dry-run"])
        .success()
        .stdout(contains("not in the file, and left unchanged: 1"));
    world.apply(&[]).success();
    assert_eq!(world.one(ID)["client_id"], ID);
    world.apply(&["--prune", "--dry-run"]).code(2).stdout(contains("delete"));
    // Nobody can be asked.
    world.apply(&["--prune"]).code(1).stderr(contains("billing").and(contains("--yes")));
    world.apply(&["--prune", "--yes"]).success();
    world.command(&["clients", "get", ID]).assert().code(5);
}

#[test]
fn a_wrong_file_is_one_error_with_its_line_before_any_request() {
    let world = World::new();
    let cases = [
        ("clients:\n  - client_id: a\n    scope: [b]\n", "line 3", "scope"),
        ("clients:\n  - client_id: a\n    scopes: 3\n", "line 3", "scopes"),
        ("clients:\n  - client_id: a\n    scopes: [b, 'c d']\n", "line 3", "scopes"),
        ("clients:\n  - client_id: a\n  - client_id: a\n", "line 3", "same client_id"),
        ("clients:\n  - client_id: ''\n", "line 2", "client_id is empty"),
        ("clients:\n  - client_id: a\n    status: off\n", "line 3", "status"),
        ("client: []\n", "line 1", "client"),
        ("{ \"clients\": [\n", "line", ""),
    ];
    for (text, line, what) in cases {
        world.write("clients.yaml", text);
        let output = world.apply(&["--secrets-dir", "s"]).code(1).stdout(is_empty());
        let said = String::from_utf8(output.get_output().stderr.clone()).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(line) && said.contains(what), "{text:?}: {said}");
    }
    world.command(&["clients", "apply", "none.yaml"]).assert().code(1);
    assert_eq!(world.emulator.counts()["search"], 0);
}

#[test]
fn what_is_exported_is_applied_without_a_difference() {
    let world = World::new();
    world.command(&["clients", "export", "--out", "clients.yaml"]).assert().success();
    world.apply(&["--dry-run"]).success();
    world.command(&["clients", "export", "--out", "clients.yaml"]).assert().code(2);
    world.command(&["clients", "export", "--out", "clients.json"]).assert().success();
    let whole = json(world.read("clients.json").as_bytes());
    assert_eq!(whole["clients"][0]["scopes"], json!(["read:invoices", "write:invoices"]));
    let printed = world.command(&["clients", "export"]).assert().success().get_output().clone();
    let mut apply = world.command(&["clients", "apply", "-", "--dry-run"]);
    apply.write_stdin(printed.stdout).assert().success();
}

#[test]
fn a_client_that_is_refused_keeps_no_other_back() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    let refused = Fault::new(Effect::status(400)).at(Operation::Update).times(1);
    world.emulator.add_fault(refused).unwrap();
    let output = world.apply(&["--secrets-dir", "secrets", "-o", "json"]).code(20);
    let changes = json(&output.get_output().stdout)["changes"].clone();
    assert_eq!([&changes[0]["state"], &changes[1]["state"]], ["failed", "done"]);
    world.apply(&[]).success();
    world.apply(&["--dry-run"]).success();
}

#[test]
fn a_secret_that_an_earlier_run_left_in_its_file_is_used() {
    let world = World::new();
    world.write("clients.yaml", "clients: [{ client_id: orders }]");
    let lost = Fault::new(Effect::status(503)).at(Operation::Create).times(20);
    world.emulator.add_fault(lost).unwrap();
    world
        .apply(&["--secrets-dir", "secrets", "--timeout", "2"])
        .code(11)
        .stderr(contains("same command"));
    let secret = world.read("secrets/orders.secret");
    world.emulator.clear_faults();
    world.apply(&["--secrets-dir", "secrets"]).success();
    assert_eq!(world.read("secrets/orders.secret"), secret);
    assert!(world.works("orders", &secret));
}

#[test]
fn a_list_that_is_empty_by_a_slip_deletes_nothing() {
    let world = World::new();
    world.write("clients.yaml", "clients:\n");
    world.apply(&["--prune", "--yes"]).code(1).stderr(contains("write `clients: []`"));
    assert_eq!(world.one(ID)["client_id"], ID);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_gives_no_client_its_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    world.write("clients.yaml", FILE);
    std::fs::create_dir(world.path("secrets")).unwrap();
    world.write("secrets/orders.secret", "a-secret-that-others-know\n");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(world.path("secrets/orders.secret"), open).unwrap();
    world.apply(&["--secrets-dir", "secrets"]).failure().stderr(contains("chmod 600"));
    world.command(&["clients", "get", "orders"]).assert().code(5);
}

/// The store fails in the middle: the report says what was done, what failed and what is left.
#[cfg(unix)]
#[test]
fn a_store_that_fails_in_the_middle_leaves_a_report() {
    let world = World::new();
    world.write("clients.yaml", "clients: [{ client_id: a }, { client_id: b }, { client_id: c }]");
    let store = ["--store-command", "cat > /dev/null; test \"$STYTCH_CLIENT_ID\" != b"];
    let output = world.apply(&[&store[..], &["-o", "json"]].concat()).code(20).get_output().clone();
    let report = json(&output.stdout);
    let states = report["changes"].as_array().unwrap().iter();
    let states: Vec<_> = states.map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["done", "failed", "not_reached"]);
    let why = report["changes"][1]["reason"].as_str().unwrap();
    assert!(why.contains("store command failed"), "{report}");
    let error = json(&output.stderr)["error"].clone();
    assert_eq!(error["code"], "unfinished");
    assert!(error["message"].as_str().unwrap().contains("stopped at b"), "{error}");
    let told = world.apply(&store).code(20).stderr(contains("stopped at b"));
    told.stdout(contains("not_reached").and(contains("done 0, failed 1, not reached 1")));
    world.apply(&["--secrets-dir", "secrets"]).success();
}

/// An API that fails for all has its own exit code, and the same report.
#[test]
fn an_api_that_fails_in_the_middle_leaves_a_report() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    let refused = Fault::new(Effect::status(403)).at(Operation::Create).times(1);
    world.emulator.add_fault(refused).unwrap();
    let output = world.apply(&["--secrets-dir", "s", "-o", "json"]).code(4).get_output().clone();
    let changes = json(&output.stdout)["changes"].clone();
    assert_eq!([&changes[0]["state"], &changes[1]["state"]], ["done", "failed"]);
    let message = json(&output.stderr)["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("stopped at orders"), "{message}");
}

/// A script reads 2 as a difference, so nothing else may end with it.
#[test]
fn only_a_difference_ends_with_2() {
    let world = World::new();
    world.write("clients.yaml", FILE);
    for wrong in [
        &["clients", "apply"][..],
        &["clients", "apply", "clients.yaml", "--dryrun"],
        &["-o", "json", "clients", "--profile", "none", "apply", "clients.yaml", "--dry-run"],
        &["clients", "apply", "clients.yaml", "--dry-run", "-o", "json", "--limit", "3"],
        &["clients", "apply", "clients.yaml", "--dry-run", "--base-url", "wrong"],
        &["clients", "apply", "clients.yaml", "--dry-run", "--query", "["],
    ] {
        world.command(wrong).assert().code(1).stdout(is_empty());
    }
    world.apply(&["--dry-run"]).code(2);
    world.command(&["clients", "list", "--name", "apply", "--wrong"]).assert().code(2);
}
