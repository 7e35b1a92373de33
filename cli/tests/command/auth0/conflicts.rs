//! Clients that Stytch has with a planned id and other fields.

use predicates::prelude::predicate::str::contains;
use serde_json::json;

use super::support::{API, Migration, PLAN, api, client, grant, secret_of};
use crate::pty::Terminal;

/// A tenant of two clients, both of which Stytch has with another secret.
fn both_taken() -> Migration {
    let migration = Migration::from(json!({
        "clients": [client("a"), client("b")],
        "client_grants": [grant("a", API, &["read"]), grant("b", API, &["read"])],
        "resource_servers": [api(API, &["read"])],
    }));
    std::fs::write(migration.path("theirs"), "a-secret-of-theirs").unwrap();
    for id in ["a", "b"] {
        let mut create = crate::support::bare(&["clients", "create", "--client-id", id]);
        create.args(["--secret-from", "theirs"]).current_dir(migration.dir.path());
        create.envs(migration.environment()).assert().success();
    }
    migration.plan();
    migration
}

fn works(migration: &Migration, id: &str, secret: &str) -> bool {
    let get = ["token", "get", "--client-id", id, "--show-secret"];
    let mut command = crate::support::bare(&get);
    command.envs(migration.environment()).env("STYTCH_CLIENT_SECRET", secret);
    command.output().unwrap().status.success()
}

#[test]
fn a_conflict_is_reported_kept_or_resolved_for_auth0() {
    let migration = both_taken();
    let reported = migration.json(&["import", PLAN], 20);
    assert_eq!(reported["counts"]["conflict"], 2);
    let kept = migration.json(&["import", PLAN, "--on-conflict", "keep"], 0);
    assert_eq!(kept["counts"]["kept"], 2);
    assert!(works(&migration, "a", "a-secret-of-theirs"));
    let taken = migration.json(&["import", PLAN, "--on-conflict", "take-auth0"], 0);
    assert_eq!(taken["counts"]["updated"], 2, "{taken}");
    assert!(works(&migration, "a", &secret_of("a")));
    assert!(!works(&migration, "a", "a-secret-of-theirs"));
}

#[test]
fn each_conflict_is_asked_about() {
    let migration = both_taken();
    let import = ["auth0", "import", PLAN, "--on-conflict", "ask"];
    let mut terminal = Terminal::start(migration.dir.path(), migration.environment(), &import);
    terminal.expect("a differs in ");
    terminal.enter("what");
    terminal.expect("[k/t/l]");
    terminal.enter("t");
    terminal.expect("b differs in ");
    terminal.enter("k");
    let (seen, code) = terminal.finish();
    assert_eq!(code, 0, "{seen}");
    assert!(works(&migration, "a", &secret_of("a")), "{seen}");
    assert!(works(&migration, "b", "a-secret-of-theirs"), "{seen}");
    let nobody = migration.command(&import[1..]).assert().code(2);
    nobody.stderr(contains("Nobody can be asked: give --on-conflict report, keep or take-auth0"));
}

#[test]
fn an_undo_asks_first() {
    let migration = Migration::of(2);
    migration.plan();
    migration.json(&["import", PLAN], 0);
    migration.json(&["undo", PLAN, "--dry-run"], 0);
    assert_eq!(migration.ids_at_stytch().len(), 2);
    let undo = ["auth0", "undo", PLAN];
    let mut terminal = Terminal::start(migration.dir.path(), migration.environment(), &undo);
    terminal.expect("[y/N]");
    terminal.enter("n");
    assert_eq!(terminal.finish().1, 130);
    assert_eq!(migration.ids_at_stytch().len(), 2);
    let undone = migration.json(&["undo", PLAN, "--yes"], 0);
    assert_eq!(undone["counts"]["undone"], 2);
    assert!(migration.ids_at_stytch().is_empty());
    assert_eq!(migration.json(&["import", PLAN], 0)["counts"]["imported"], 2);
}

#[test]
fn a_plan_of_another_tenant_and_a_report_over_the_plan_are_refused() {
    let migration = both_taken();
    let plan = migration.read(PLAN);
    let over = migration.run(&["import", PLAN, "--dry-run", "--report", PLAN]);
    assert!(!over.status.success());
    assert_eq!(migration.read(PLAN), plan, "the plan is as it was");
    let mut other = migration.planned();
    other["tenant"] = "https://other.eu.auth0.com/".into();
    migration.write_plan(&other);
    for command in ["import", "verify", "undo"] {
        let yes: &[&str] = if command == "undo" { &["--yes"] } else { &[] };
        let output = migration.run(&[&[command, PLAN], yes].concat());
        assert!(!output.status.success(), "{command}");
    }
    let output = migration.run(&["import", PLAN]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("other.eu.auth0.com"));
}
