//! `auth0 undo`: the clients at Stytch decide what is listed, and the exit code says it.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::prelude::predicate::str::contains;
use serde_json::{Value, json};

use super::support::{API, Migration, PLAN, client, grant, text_of};

const UNDO: [&str; 3] = ["undo", PLAN, "--yes"];

impl Migration {
    /// So many clients, imported.
    fn imported(count: usize) -> Self {
        let migration = Self::of(count);
        migration.plan();
        migration.json(&["import", PLAN], 0);
        migration
    }

    fn lose_the_journal(&self) {
        std::fs::remove_file(self.path("plan.yaml.journal")).unwrap();
    }

    /// A file with the tenant of which only `client-1` is left.
    fn export_without_client_0(&self) -> [&'static str; 2] {
        let export = json!({
            "tenant": self.planned()["tenant"],
            "clients": [client("client-1")],
            "client_grants": [grant("client-1", API, &["read:invoices"])],
            "resource_servers": [],
        });
        std::fs::write(self.path("export.json"), export.to_string()).unwrap();
        ["--export", "export.json"]
    }
}

fn reasons(report: &Value) -> Vec<(String, String)> {
    let clients = report["clients"].as_array().unwrap().iter();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    clients.map(|one| (text(one, "client_id"), text(one, "reason"))).collect()
}

#[test]
fn a_conflict_taken_from_auth0_is_listed_by_the_undo() {
    let migration = Migration::of(2);
    std::fs::write(migration.path("theirs"), "a-secret-of-theirs").unwrap();
    let mut create = crate::support::bare(&["clients", "create", "--client-id", "client-0"]);
    create.args(["--secret-from", "theirs"]).current_dir(migration.dir.path());
    create.envs(migration.environment()).assert().success();
    migration.plan();
    migration.json(&["import", PLAN, "--on-conflict", "take-auth0"], 0);
    for undo in [&["undo", PLAN, "--dry-run"][..], &UNDO] {
        let report = migration.json(undo, 20);
        let told = reasons(&report);
        assert!(told.contains(&("client-0".to_owned(), "updated".to_owned())), "{report}");
    }
    assert_eq!(migration.ids_at_stytch(), ["client-0"]);
    let again = migration.run(&UNDO);
    assert_eq!(again.status.code(), Some(20), "it is still there");
    assert!(text_of(&again).contains("before the import"), "{}", text_of(&again));
}

#[test]
fn clients_whose_journal_was_lost_are_listed_by_the_undo() {
    // The journal is gone, or a second import wrote a new one.
    for imports_again in [false, true] {
        let migration = Migration::imported(2);
        migration.lose_the_journal();
        if imports_again {
            migration.json(&["import", PLAN], 0);
        }
        let report = migration.json(&UNDO, 20);
        let expected = ["client-0", "client-1"].map(|id| (id.to_owned(), "not_in_journal".into()));
        assert_eq!(reasons(&report), expected);
        assert_eq!(migration.ids_at_stytch().len(), 2, "nothing is deleted without a journal");
        assert!(text_of(&migration.run(&UNDO)).contains("client-1"));
    }
    let untouched = Migration::of(1);
    untouched.plan();
    untouched.command(&UNDO).assert().code(0).stdout(contains("nothing of an import"));
    let named = [&UNDO[..], &["--journal", "none"]].concat();
    untouched.command(&named).assert().code(2).stderr(contains("there is no journal none"));
}

#[test]
fn a_client_whose_plan_was_edited_after_its_import_is_listed_by_the_undo() {
    let migration = Migration::imported(1);
    let mut plan = migration.planned();
    for planned in plan["clients"].as_array_mut().unwrap() {
        if planned["client_id"] == "client-0" {
            planned["client_name"] = "Edited".into();
        }
    }
    migration.write_plan(&plan);
    let report = migration.json(&UNDO, 20);
    assert_eq!(reasons(&report), [("client-0".to_owned(), "changed".to_owned())]);
}

#[test]
fn a_client_that_is_gone_at_auth0_says_so_in_undo_and_verify() {
    let migration = Migration::imported(2);
    let from = migration.export_without_client_0();
    let proof = migration.json(&[&["verify", PLAN], &from[..]].concat(), 20);
    let problem = proof["clients"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("no longer at Auth0"), "{proof}");
    let report = migration.json(&[&UNDO[..], &from].concat(), 20);
    let kept = &report["clients"][0];
    assert_eq!((&kept["state"], &kept["reason"]), (&json!("kept"), &json!("gone")), "{report}");
    assert!(kept["notes"][0].as_str().unwrap().contains("no longer at Auth0"), "{report}");
    assert_eq!(migration.ids_at_stytch(), ["client-0"]);
}

#[test]
fn a_full_undo_is_not_followed_by_an_import() {
    let migration = Migration::imported(2);
    migration.json(&UNDO, 0);
    let next = migration.json(&["status", PLAN], 0)["next"].as_str().unwrap().to_owned();
    assert!(next.starts_with("nothing, the import was undone"), "{next}");
    migration.json(&["import", PLAN], 0);
    migration.stytch(&["clients", "update", "client-1", "--name", "Mine"]);
    migration.json(&UNDO, 20);
    let next = migration.json(&["status", PLAN], 0)["next"].as_str().unwrap().to_owned();
    assert!(next.contains("except for clients: 1") && next.contains("undo"), "{next}");
}

#[test]
fn an_import_says_that_a_client_without_access_is_alive_at_stytch() {
    let migration = Migration::imported(2);
    let import = [&["import", PLAN][..], &migration.export_without_client_0()].concat();
    let report = migration.json(&import, 20);
    let clients = report["clients"].as_array().unwrap();
    let orphan = clients.iter().find(|one| one["client_id"] == "client-0").unwrap();
    assert_eq!((&orphan["reason"], &orphan["at_stytch"]), (&json!("gone"), &json!(true)));
    let alive = "can still fetch tokens: deactivate or delete it there";
    assert!(orphan["notes"][0].as_str().unwrap().contains(alive), "{report}");
    migration
        .command(&import)
        .assert()
        .code(20)
        .stdout(contains("client-0").and(contains("can still fetch")));
}

#[test]
fn who_cannot_be_asked_about_conflicts_hears_all_the_answers() {
    let migration = Migration::of(1);
    std::fs::write(migration.path("theirs"), "a-secret-of-theirs").unwrap();
    let mut create = crate::support::bare(&["clients", "create", "--client-id", "client-0"]);
    create.args(["--secret-from", "theirs"]).current_dir(migration.dir.path());
    create.envs(migration.environment()).assert().success();
    migration.plan();
    let mut ask = migration.command(&["import", PLAN, "--on-conflict", "ask"]);
    ask.write_stdin("").assert().code(2).stderr(contains("report, keep or take-auth0"));
}
